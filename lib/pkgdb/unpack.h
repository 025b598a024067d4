/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads archives without unpacking them. One of the places that talk to libarchive. */
#ifndef DIGLIM_PKGDB_UNPACK_H
#define DIGLIM_PKGDB_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "contents.h"

/* Bytes of all files of one archive: a few kB can claim any size. */
#define UNPACK_BYTES_MAX (64ULL << 30)

enum unpack_format {
	UNPACK_TAR = 0, /* any tar, compressed or not */
	UNPACK_CPIO,	/* compressed or not */
};

struct unpack_options {
	enum unpack_format format;
	bool whole;	    /* tar: must have its end mark; nothing else tells that it is not cut */
	const char *prefix; /* put in front of all paths; NULL: nothing */
	/*
	 * Called before each entry with its path (may be NULL): 0 takes it, 1 leaves it out,
	 * negative ends it all.
	 */
	int (*filter)(const char *path, struct contents *c, void *arg, struct err *e);
	void (*tick)(uint64_t bytes, void *arg); /* may be NULL */
	void *arg;
};

/*
 * Adds all that is in an archive to @c: from memory, or from a regular file. -EBADMSG if it is
 * damaged, with @name and the entry before; what was added before that stays in @c.
 */
int unpack_memory(const void *data, size_t len, const char *name, const struct unpack_options *opt,
		  struct contents *c, struct err *e);
int unpack_fd(int fd, const char *name, const struct unpack_options *opt, struct contents *c,
	      struct err *e);

/* Appends what is compressed in @data; what is not compressed as it is. At most @max bytes. */
int unpack_compressed(const void *data, size_t len, const char *name, size_t max, struct buf *ret,
		      struct err *e);

/*
 * The members of an ar archive (a .deb) at @fd, one after the other. @fn may read the data once, by
 * handing @m to unpack_member() or unpack_member_data(). Non-zero ends it and is returned.
 */
struct unpack_member;
typedef int (*unpack_member_fn)(struct unpack_member *m, const char *member, uint64_t size,
				void *arg, struct err *e);
int unpack_ar(int fd, const char *name, unpack_member_fn fn, void *arg, struct err *e);
int unpack_member(struct unpack_member *m, const struct unpack_options *opt, struct contents *c,
		  struct err *e);

/* Calls @fn for each small text of a tar member besides hashing: control files of packages. */
#define UNPACK_TEXT_MAX (16U << 20)
typedef int (*unpack_text_fn)(const char *path, const void *data, size_t len, void *arg,
			      struct err *e);
int unpack_member_texts(struct unpack_member *m, struct contents *c, unpack_text_fn fn, void *arg,
			struct err *e);

#endif
