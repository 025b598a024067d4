/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes RPM headers and packages, so that the tests need no vendor's files. */
#ifndef DIGLIM_TEST_MKRPM_H
#define DIGLIM_TEST_MKRPM_H

#include <stddef.h>
#include <stdint.h>

#include "../../../lib/base/buf.h"

/* A header with @n files "/usr/bin/f<i>" of mode 0755; digest algorithm 8 is SHA-256. */
struct mkrpm {
	const char *name;
	unsigned int files;
	unsigned int digest_algo;
	size_t padding; /* bytes of description, to make it large */
};

/* Magic, index and data with the immutable region over all of it. */
void mkrpm_header(struct buf *to, const struct mkrpm *m);

struct mkrpm_sig {
	uint32_t tag;
	uint32_t type; /* 7 binary, 8 string array */
	uint32_t count;
	const void *data;
	size_t len;
};

/* Lead, signature header, header and a few bytes of archive. */
void mkrpm_package(struct buf *to, const struct buf *header, const struct mkrpm_sig *sigs,
		   size_t n);

#endif
