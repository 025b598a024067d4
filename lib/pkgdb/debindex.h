/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a signed InRelease to the digests of packages: InRelease (OpenPGP) lists Packages files with
 * their SHA-256, these list .debs with theirs.
 */
#ifndef DIGLIM_PKGDB_DEBINDEX_H
#define DIGLIM_PKGDB_DEBINDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"
#include "../crypto/cert.h"
#include "../format/deb822.h"

#define DEBINDEX_MAX (1U << 30) /* bytes of an uncompressed index */

struct debindex_release {
	struct buf text; /* what is signed */
	struct deb822_para fields;
	char suite[64];
	const struct cert *signer; /* in the key set */
};

/*
 * Checks signature, date and Valid-Until of an InRelease. @now: seconds since 1970, 0: present.
 * As clearsign_verify(); -EKEYEXPIRED: not valid any more, or not yet.
 */
int debindex_release(const void *data, size_t len, const char *name, const struct cert_set *keys,
		     uint64_t now, struct debindex_release *ret, struct err *e);
void debindex_release_done(struct debindex_release *r);

struct debindex_file {
	char path[DIGLIM_PATH_LONG]; /* relative to the InRelease */
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint64_t size;
};

/* Calls @fn for each file that the release lists, until it returns non-zero. */
typedef int (*debindex_file_fn)(const struct debindex_file *f, void *arg);
int debindex_files(const struct debindex_release *r, debindex_file_fn fn, void *arg);

/*
 * Is it the plain list of binary packages of an architecture: "…/binary-ARCH/Packages"? In an
 * archive without dists (@flat) also any other "Packages", at its top or below.
 */
bool debindex_is_packages(const char *path, bool flat);

struct debindex_package {
	char name[256], version[256], arch[256];
	char path[DIGLIM_PATH_LONG]; /* of the .deb, below the top of the archive; never leads out
				      */
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint64_t size;
};

/* The packages of an uncompressed Packages file. -EINVAL with its line if it is damaged. */
typedef int (*debindex_package_fn)(const struct debindex_package *p, void *arg);
int debindex_packages(const void *text, size_t len, const char *name, debindex_package_fn fn,
		      void *arg, struct err *e);

#endif
