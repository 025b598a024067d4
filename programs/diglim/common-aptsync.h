/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of packages against what dpkg says is installed. */
#ifndef DIGLIM_COMMON_APTSYNC_H
#define DIGLIM_COMMON_APTSYNC_H

#include "common-apt.h"
#include "../../lib/format/payload.h"

struct aptsync {
	struct apt_job *j;
	struct contents present; /* "/NAME_VERSION_ARCH"; "/NAME" of what is being changed */
	const char *dir;
	struct contents scripts; /* that dpkg keeps and somebody vouches for */
	bool scripts_known;
	size_t packages; /* in dpkg's database, in whatever state */
	struct err *e;
};

/* What a list file says of itself; not 0 if it is damaged. */
int aptsync_read(const char *path, struct payload_info *ret);

/* Is it a list of the hooks, whose package is installed, and nothing under way with it? */
bool aptsync_is_settled(const struct aptsync *s, const char *name);

/* The list leaves the disk, and the kernel unless @keep. */
int aptsync_drop(struct aptsync *s, const char *path, const struct payload_info *info, bool keep);

/* Name of the file with the list of the @n-th build: "FILE", "FILE~2" and so on. */
void apt_build_file(const char *file, unsigned int n, char ret[NAME_MAX + 1]);

/*
 * Of several builds of one name and version only one is installed: the one more of whose files are
 * there stays, of equals the later. It gets the plain name.
 */
int aptsync_builds(struct aptsync *s);

#endif
