/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Indexes of Debian archives on disk, checked from the InRelease down to the .deb. */
#ifndef DIGLIM_COMMON_DEBINDEX_H
#define DIGLIM_COMMON_DEBINDEX_H

#include "../../lib/pkgdb/deb.h"
#include "../../lib/pkgdb/debindex.h"
#include "common-sources.h"

/* Reads, below @root, an InRelease and checks it. */
int debindex_read_release(const char *root, const char *path, const struct cert_set *keys,
			  struct debindex_release *ret, struct err *e);

/*
 * The Packages file that the release lists as @f, at @stem or with a suffix of compression behind
 * it, uncompressed. -ENOENT if it is not there, -EBADMSG if it is another.
 */
int debindex_read_packages(const char *root, const char *stem, const struct debindex_file *f,
			   struct buf *ret, struct err *e);

/* Where a .deb comes from. */
struct debindex_origin {
	bool found;
	char suite[64];
	const struct cert *signer;
	struct debindex_package package;
};

/* A .deb on disk. */
struct debindex_deb {
	char *path;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint64_t size;
	const char *name, *version, *arch; /* by its control file */
	bool conflict; /* a signed index has another file under this name and version */
	struct debindex_origin origin;
};

/*
 * Looks for @debs in the indexes that apt keeps below @root. An index that is refused is said on
 * standard error and leads to nothing.
 */
int debindex_trace(const char *root, const struct cert_set *keys, struct debindex_deb *debs,
		   size_t n, struct err *e);

/*
 * Keys that apt trusts: of trusted.gpg.d and those that its sources name with Signed-By. With
 * @paths (files or directories) these instead.
 */
int debindex_keys(const char *root, const char *const *paths, size_t n, struct cert_set *ret,
		  struct err *e);

#endif
