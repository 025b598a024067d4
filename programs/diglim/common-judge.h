/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel side would say about a file: its word about the digest, limits and switches. What
 * only the inode shows (taint, private writes) cannot be told here.
 */
#ifndef DIGLIM_COMMON_JUDGE_H
#define DIGLIM_COMMON_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../abi/limits.h"
#include "../../abi/reason.h"
#include "../../lib/base/err.h"
#include "../../lib/engine/engine.h"
#include "../../lib/format/digestname.h"
#include "../../lib/pkgdb/kind.h"

struct judge_file {
	char *path; /* as shown */
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	bool has_digest;
	uint8_t verity[DIGLIM_DIGEST_SIZE]; /* key of its fs-verity digest (core/verity.h) */
	bool has_verity;		    /* it is on */
	bool by_verity;			    /* that digest decided */
	uint64_t size;
	uint32_t use;				/* what it would be used for, one enum diglim_use */
	uint32_t reason;			/* enum diglim_reason, if ->known */
	bool known;				/* the kernel was asked */
	bool writer;				/* open for writing somewhere, right now */
	struct err failed;			/* could not be read */
	char interpreter[FILE_INTERPRETER_MAX]; /* of a script (#!); empty if there is none */
};

struct judge_files {
	struct judge_file *files;
	size_t n;
};

void judge_files_done(struct judge_files *f);

/* A file as named, opened at @open_path (NULL: the same). @use 0: by path and content. */
int judge_add_path(struct judge_files *f, const char *path, const char *open_path, uint32_t use,
		   struct err *e);
int judge_add_digest(struct judge_files *f, const struct digestname *digest, uint32_t use,
		     struct err *e);

/* The program of a process and every file it has mapped executable. -ESRCH if it is gone. */
int judge_add_process(struct judge_files *f, pid_t pid, struct err *e);

/* Asks the attached programs about each. */
int judge_ask(struct judge_files *f, struct engine *g, struct err *e);

/*
 * Would this program and its libraries still run under enforce? If not, nobody could switch back
 * before the next boot. 1 yes, 0 no after saying so, negative: trouble.
 */
int judge_can_return(struct engine *g, struct err *e);

#endif
