/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dpkg's database of installed packages: which files it brought, with the MD5 digests that are all
 * it knows of them. Plain files, read without dpkg.
 */
#ifndef DIGLIM_PKGDB_DPKGDB_H
#define DIGLIM_PKGDB_DPKGDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"
#include "../crypto/digest.h"
#include "kind.h"

enum dpkg_state {
	DPKG_UNKNOWN = 0, /* not hashed: nobody would run or load it, or it is not there */
	DPKG_SAME,	  /* as dpkg has it; ->digest is set */
	DPKG_DIFFERS,
	DPKG_NO_MD5, /* of a package, but without an MD5 digest */
	DPKG_FAILED, /* ->failed: an errno */
};

struct dpkg_file {
	char *path; /* where it is, diversions considered */
	uint32_t package;
	bool has_md5, conffile;
	uint8_t md5[DIGEST_MD5_SIZE];
	enum dpkg_state state;
	int failed;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	enum file_kind kind;
	uint32_t use;
	uint64_t size;
};

struct dpkg_package {
	char *name, *version, *arch;
	char *broken;	 /* why nothing is known of its files; NULL: it is */
	bool no_md5sums; /* its file of them is missing */
};

struct dpkgdb {
	struct dpkg_package *packages;
	size_t n_packages;
	struct dpkg_file *files; /* in the order of the packages */
	size_t n_files, size;
	char **diversions; /* from, to, package: three each */
	size_t n_diversions;
};

/*
 * Installed packages of the system below @root (NULL: this one). -ENOENT if there is no database;
 * -EINVAL with file, line and reason if it is damaged.
 */
int dpkgdb_read(const char *root, struct dpkgdb *ret, struct err *e);
void dpkgdb_done(struct dpkgdb *d);

struct dpkg_status {
	const char *name, *version, *arch, *state; /* "installed", "config-files" … */
};

/* The state of every package that the database knows, without its files. As above. */
typedef int (*dpkg_status_fn)(const struct dpkg_status *p, void *arg);
int dpkgdb_status(const char *root, dpkg_status_fn fn, void *arg, struct err *e);

/*
 * Compares the files that somebody could run or load with their MD5 digests and takes their SHA-256
 * digests, with @threads (0: as many as there are processors). @all: all files. @tick may be NULL.
 */
int dpkgdb_hash(struct dpkgdb *d, const char *root, unsigned int threads, bool all,
		void (*tick)(size_t done, void *arg), void *arg, struct err *e);

/* One line of a file of MD5 digests, "HEX  PATH": false if it is none. */
bool dpkgdb_md5_line(const char *line, size_t len, uint8_t md5[DIGEST_MD5_SIZE],
		     char path[DIGLIM_PATH_LONG]);

#endif
