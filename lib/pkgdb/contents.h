/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a package, an archive or an image, with their digests. What comes later replaces
 * what has the same path, as it would when it is unpacked.
 */
#ifndef DIGLIM_PKGDB_CONTENTS_H
#define DIGLIM_PKGDB_CONTENTS_H

#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"
#include "kind.h"

#define CONTENTS_MAX	   4000000	  /* entries; the largest images have a quarter of it */
#define CONTENTS_BYTES_MAX (512ULL << 20) /* of their names and attributes together */

enum contents_type {
	CONTENTS_GONE = 0, /* was replaced or taken out */
	CONTENTS_FILE,
	CONTENTS_DIR,
	CONTENTS_OTHER, /* symbolic link, device … */
};

struct contents_file {
	char *path; /* absolute, without "//", "." or ".." */
	enum contents_type type;
	uint8_t digest[DIGLIM_DIGEST_SIZE]; /* of a FILE, as are kind and use */
	enum file_kind kind;
	uint32_t use;
	uint32_t mode; /* permission bits */
	uint32_t uid, gid;
	uint64_t size;
	char *caps;  /* security.capability in hexadecimal; NULL: none */
	char *label; /* security.selinux; NULL: none */
};

/* Zero-initialise. */
struct contents {
	struct contents_file *files;
	size_t n, size;
	uint32_t *index; /* of ->files by path */
	size_t index_size;
	uint64_t bytes; /* of all names and attributes that were put in */
};

void contents_done(struct contents *c);

/* Copies @f with all it points to. -E2BIG beyond one of the limits above. */
int contents_put(struct contents *c, const struct contents_file *f, struct err *e);

/* NULL if it is not there. */
const struct contents_file *contents_find(const struct contents *c, const char *path);

/* Takes out @path and all below it; with @only_below itself not. */
void contents_remove(struct contents *c, const char *path, int only_below);

/*
 * "./usr//bin/x" is "/usr/bin/x". -EINVAL for ".." in it, for what is empty and for what is longer
 * than a list can have.
 */
int contents_path(const char *path, char ret[DIGLIM_PATH_LONG]);

#endif
