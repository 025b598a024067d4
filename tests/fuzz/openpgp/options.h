/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * OpenSSL allocates thousands of times a run and keeps some of it, so that looking for leaks after
 * each run is 60 times slower than the run. The replay of the corpus under tools/san looks for
 * them.
 */
#ifndef DIGLIM_FUZZ_OPTIONS_H
#define DIGLIM_FUZZ_OPTIONS_H

#ifdef FUZZ_WITHOUT_LEAKS
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0:malloc_context_size=2:quarantine_size_mb=8:max_malloc_fill_size=0";
}
#endif

#endif
