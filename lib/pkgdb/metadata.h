/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Owner, mode, capabilities and SELinux label of files: what a list says of them, and what they
 * have. RPM headers carry the first three; compact lists of type metadata (lib/format/legacy.h)
 * all.
 */
#ifndef DIGLIM_PKGDB_METADATA_H
#define DIGLIM_PKGDB_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"
#include "../format/legacy.h"

/* What a list says of one file. */
struct metadata {
	const char *path;
	bool has_uid, has_gid, has_mode;
	const char *user, *group; /* by name, as RPM has it; NULL: the numbers */
	uint32_t uid, gid;
	uint32_t mode;	   /* as st_mode; the type counts only if it is there */
	const char *label; /* NULL: nothing said */
	const char *caps;  /* as cap_from_text(3) takes them; "": none; NULL: nothing said */
};

/* Non-zero stops the walk and is returned. */
typedef int (*metadata_fn)(const struct metadata *m, void *arg);

/*
 * All files of an RPM header at the beginning of @payload, but ghosts; what the package excepts
 * from rpm's verification is not said. -EINVAL if librpm does not take the header.
 */
int metadata_walk_rpm(const void *payload, size_t len, const char *name, metadata_fn fn, void *arg,
		      struct err *e);

/* All entries with a path of a compact list of version 2. Errors: legacy_walk(). */
int metadata_walk_legacy(const void *payload, size_t len, const char *name, metadata_fn fn,
			 void *arg, struct err *e);

#define METADATA_WHY_MAX 512

/*
 * Compares the file below @root with @m; a final link is not followed. 0 as listed, 1 not, with
 * @why one line; -ENOENT (-ENOTDIR) if it is not there, or another error with @e. Names of users
 * and groups are those of the system below @root.
 */
int metadata_compare(const char *root, const struct metadata *m, char why[METADATA_WHY_MAX],
		     struct err *e);

/* What the file below @root has, for a list; ->caps is "=" if there are none. Errors as above. */
int metadata_take(const char *root, const char *path, struct legacy_entry *ret, struct err *e);

#endif
