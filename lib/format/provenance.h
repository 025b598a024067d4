/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the digests of an owner's list come from. It stands in the signed name of the list, as
 * "NAME (TAG)", since a signature that does not say what was checked says too much.
 */
#ifndef DIGLIM_FORMAT_PROVENANCE_H
#define DIGLIM_FORMAT_PROVENANCE_H

#include <stddef.h>

#include "../../abi/limits.h"

enum provenance {
	PROVENANCE_NONE = 0,
	PROVENANCE_DPKG_MD5,	 /* installed files that matched dpkg's md5sums */
	PROVENANCE_DPKG_SCRIPTS, /* installed scripts of packages: dpkg has no digests of them */
	PROVENANCE_DEB,		 /* files of a .deb that nobody vouched for but the owner */
	PROVENANCE_ARCHIVE,	 /* of a .deb that a signed InRelease leads to */
	PROVENANCE_APT,		 /* the same, by the hook of apt: goes with the package */
	PROVENANCE_DPKG,	 /* of a .deb by the hook, on the owner's word alone */
	PROVENANCE_IMAGE,	 /* container image or layer, checked against its digests */
	PROVENANCE_MAX,
};

/* Appends the tag; a name too long is cut before it. */
void provenance_name(char ret[DIGLIM_NAME_MAX], const char *name, enum provenance p);

/* What the name says; *len is the length of the name without the tag. */
enum provenance provenance_of(const char *name, size_t *len);

/* What it means, as one line; not for NONE. @day: when the list was made. Returns @ret. */
char *provenance_text(enum provenance p, const char *day, char *ret, size_t size);

#endif
