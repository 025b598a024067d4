/* SPDX-License-Identifier: GPL-2.0-only */
/* A property that does not hold stops the fuzzer as a crash does. */
#ifndef DIGLIM_TESTS_FUZZ_CORE_ORACLE_H
#define DIGLIM_TESTS_FUZZ_CORE_ORACLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ORACLE(x)                                                                                  \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
