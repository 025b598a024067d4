/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to unpack.c and unpacklink.c: an archive while it is read. */
#ifndef DIGLIM_PKGDB_UNPACKINT_H
#define DIGLIM_PKGDB_UNPACKINT_H

#include "../base/buf.h"
#include "../crypto/digest.h"
#include "unpack.h"

struct archive;

/* Of a file in a cpio archive that has several: indices into the contents. */
#define NAMES_MAX 65536
struct name {
	uint32_t target, self;
};

/* One archive while it is read. */
struct reader {
	struct archive *a;
	const char *name;
	const struct unpack_options *opt;
	struct contents *c;
	struct digester *digester;
	uint64_t bytes;
	char path[DIGLIM_PATH_LONG]; /* of the entry at hand */
	unpack_text_fn text;
	void *text_arg;
	struct buf data; /* of the entry, if somebody wants its text */
	uint8_t head[FILE_KIND_HEAD];
	size_t head_len;
	size_t n_names;
	struct name names[NAMES_MAX];
	struct err *e;
};

/* The entry at hand, @f, is another name of @target, which must have come before. */
int unpack_link(struct reader *r, const char *target, struct contents_file *f);

/*
 * newc has the content of a file with several names behind the last of them; libarchive calls all
 * but the first links to that one. So names are noted as they come, and get the content then.
 */
int unpack_note_name(struct reader *r, const char *target);
int unpack_spread_content(struct reader *r, const char *target);

#endif
