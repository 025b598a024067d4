/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths of the files of an RPM header. Private to lib/format. */
#ifndef DIGLIM_FORMAT_RPMPATHS_H
#define DIGLIM_FORMAT_RPMPATHS_H

#include <stddef.h>
#include <stdint.h>

#include "../../core/rpmhdr.h"
#include "../base/err.h"

struct rpmpaths {
	const struct core_view *v;
	const struct core_rpm *rpm;
	uint32_t *dirs;	 /* offset of each directory name */
	uint32_t *names; /* offset of each base name; 0: it does not end inside its tag */
	char *path;
	size_t size;
	bool failed; /* no memory for a path */
};

/* @rpm was opened by core_rpm_open(). */
int rpmpaths_open(struct rpmpaths *p, const struct core_view *v, const struct core_rpm *rpm,
		  struct err *e);
void rpmpaths_done(struct rpmpaths *p);

/* Path of file @i, valid until the next call; NULL if it has none. */
const char *rpmpaths_get(struct rpmpaths *p, uint32_t i);

#endif
