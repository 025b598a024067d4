/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apt's sources: which index belongs to which, and whose signature it wants (sources.list(5)). What
 * apt would not take either is passed over.
 */
#ifndef DIGLIM_FORMAT_APTSOURCES_H
#define DIGLIM_FORMAT_APTSOURCES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"

struct aptsource {
	/* Name of its InRelease in apt's lists: "deb.debian.org_debian_dists_bookworm_InRelease".
	 */
	char index[NAME_MAX + 1];
	bool flat; /* an archive without dists: the suite is a folder, such as "./" */
	/* Paths of keys, fingerprints, or a key itself; NULL: it names none. Not NUL-terminated. */
	const char *signed_by;
	size_t signed_len;
};

/* Called for each, until it returns non-zero, which is then returned. */
typedef int (*aptsources_fn)(const struct aptsource *s, void *arg);

/* A file NAME.sources. -EINVAL with file, line and reason if it is damaged. */
int aptsources_deb822(const void *text, size_t len, const char *name, aptsources_fn fn, void *arg,
		      struct err *e);

/* sources.list or a file NAME.list, a source a line. */
int aptsources_lines(const void *text, size_t len, aptsources_fn fn, void *arg);

#endif
