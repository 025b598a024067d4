/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of diglim doctor. */
#ifndef DIGLIM_COMMON_DOCTOR_H
#define DIGLIM_COMMON_DOCTOR_H

#include "cli.h"

struct doctor {
	struct cli *c;
	struct keys keys;
	struct lists lists;
	int attached;	/* engine_is_attached() */
	size_t missing; /* required and not there */
	size_t notes;
};

void doctor_good(struct doctor *d, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Required and missing: @lost says what that means, @fix the exact way out. */
void doctor_bad(struct doctor *d, const char *what, const char *lost, const char *fix, ...)
	__attribute__((format(printf, 4, 5)));

/* Not required, or cannot be told. */
void doctor_note(struct doctor *d, const char *what, const char *lost, const char *fix, ...)
	__attribute__((format(printf, 4, 5)));

/* The first line of a file without its line feed; false if it cannot be read. */
bool doctor_read_line(const char *path, char *buf, size_t size);

/* The groups. */
void doctor_kernel(struct doctor *d);
void doctor_modules(struct doctor *d);

#endif
