/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digests of files and directories, for owner-made lists. */
#ifndef DIGLIM_PKGDB_TREE_H
#define DIGLIM_PKGDB_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../format/tlvwrite.h"

/* What happened to one file. */
enum tree_event {
	TREE_ADDED = 0,
	TREE_SKIPPED_DATA, /* nothing the kernel would run or load, and ->all is not set */
	TREE_SKIPPED_TYPE, /* symbolic link, directory loop, device, FIFO, socket */
	TREE_CHANGED,	   /* changed while it was hashed: not added */
	TREE_FAILED,	   /* could not be read: not added */
};

struct tree_options {
	/* Root directory: paths are looked up below it and recorded without it; NULL for "/". */
	const char *root;
	bool verity;  /* the fs-verity digest of each file, too */
	bool all;     /* also files that are neither executable nor ELF nor known to the kernel */
	uint32_t use; /* not 0: this use for every file */
	/* Called for each file (may be NULL). @e is set for TREE_CHANGED and TREE_FAILED. */
	void (*report)(enum tree_event event, const char *path, uint64_t bytes, const struct err *e,
		       void *arg);
	void *arg;
};

struct tree_count {
	size_t added, skipped, failed; /* failed: changed or unreadable */
};

/*
 * Adds a file, or a directory with all below it (symbolic links are not followed, other file
 * systems are). A single file that is named is added whatever it is. 0 with @ret filled,
 * although single files may have failed; negative if @path itself cannot be used.
 */
int tree_add(struct tlvwrite *w, const char *path, const struct tree_options *opt,
	     struct tree_count *ret, struct err *e);

/*
 * What a file may be used for, by path, mode and first bytes; the rule of the RPM parser: x bit or
 * ELF → EXEC; *.ko* below /lib/modules → MODULE; /lib/firmware → FIRMWARE; kernels → KEXEC.
 * 0: nothing.
 */
uint32_t tree_use(const char *path, uint32_t mode, const uint8_t head[16]);

/* Is the open @fd on a file system whose files are no files: proc, sysfs and their like? */
bool tree_is_pseudo(int fd);

#endif
