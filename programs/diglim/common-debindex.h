/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Indexes of Debian archives on disk, checked from the InRelease down to the .deb. */
#ifndef DIGLIM_COMMON_DEBINDEX_H
#define DIGLIM_COMMON_DEBINDEX_H

#include <limits.h>

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

/* A source of apt. */
struct debindex_source {
	char index[NAME_MAX + 1]; /* its InRelease in apt's lists */
	bool flat;		  /* an archive without dists */
	bool own;		  /* it says who signs it: ->keys, and nobody else */
	struct cert_set keys;
};

/* Whose signature counts for what. Zero-initialise. */
struct debindex_trust {
	struct cert_set keys; /* of trusted.gpg.d; or those that were given, for everything */
	bool given;
	struct debindex_source *sources;
	size_t n;
};

/*
 * What apt trusts: the keys of trusted.gpg.d, and of each source those that it names with
 * Signed-By. With @paths (files or directories) the keys in them instead. -ENOKEY if there is none.
 */
int debindex_trust_read(const char *root, const char *const *paths, size_t n,
			struct debindex_trust *ret, struct err *e);
void debindex_trust_done(struct debindex_trust *t);

/* Keys for the InRelease that has this name in apt's lists; NULL if no source of apt's is that. */
const struct cert_set *debindex_trust_for(const struct debindex_trust *t, const char *index);

/* Does a source of this name have no dists? */
bool debindex_trust_is_flat(const struct debindex_trust *t, const char *index);

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
int debindex_trace(const char *root, const struct debindex_trust *trust, struct debindex_deb *debs,
		   size_t n, struct err *e);

#endif
