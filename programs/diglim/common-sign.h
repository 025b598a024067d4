/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An owner's list of files and directories, for sign and import. */
#ifndef DIGLIM_COMMON_SIGN_H
#define DIGLIM_COMMON_SIGN_H

#include "../../lib/crypto/signer.h"
#include "../../lib/format/tlvwrite.h"
#include "../../lib/output/progress.h"
#include "../../lib/pkgdb/tree.h"
#include "cli.h"

struct sign_args {
	const char *key, *cert, *provider; /* NULL: from the configuration */
	const char *name;
	uint32_t use; /* 0: by path and content */
	bool all;
	bool immutable; /* all files */
	bool verity;	/* the fs-verity digest of each file, too */
	bool quiet;	/* no progress bar either */
};

struct sign_job {
	struct cli *c;
	struct tlvwrite *list;
	struct signer *signer;
	bool borrowed; /* the signer is somebody else's */
	bool later;    /* the caller brings it to the disk: io_flush() */
	struct tree_count count;
	struct progress progress;
	const struct sign_args *args;
	char name[DIGLIM_NAME_MAX];
};

/* The options that both verbs take. */
#define SIGN_OPTIONS                                                                               \
	{'k', "key", "KEY", "Private key: PEM file or provider URI (default: key in [sign])"},     \
		{'c', "cert", "CERT", "Its certificate (default: cert in [sign])"},                \
		{'p', "provider", "NAME",                                                          \
		 "OpenSSL provider of the key (default: provider in [sign])"},                     \
		{'n', "name", "NAME", "Name of the list (default: the paths)"},                    \
		{'u', "use", "USE", "Uses and properties of all files, with commas"},              \
		{'i', "immutable", NULL, "Nobody shall write to the files"},                       \
	{                                                                                          \
		'a', "all", NULL, "Also files that nobody would execute or load"                   \
	}

/* Takes one of them. 0, 1 if @id is none of them, negative after a message. */
int sign_take_option(struct cli *c, struct sign_args *a, int id, const char *arg);

/* The key that the options or the configuration name. */
int sign_open_key(struct cli *c, const struct sign_args *a, struct signer **ret, struct err *e);

/*
 * Adds @path, absolute, to the name that a list has without --name: that of all its arguments. What
 * does not fit is cut; then sign_begin() fails.
 */
#define SIGN_WHAT_MAX (2 * PATH_MAX)
void sign_what_add(const struct cli *c, const char *path, char what[SIGN_WHAT_MAX]);

/* Opens the key; @what (may be NULL) names the list unless --name does. */
int sign_begin(struct sign_job *j, struct cli *c, const struct sign_args *a, const char *what,
	       struct err *e);

/* The same for one list of many, with a key that is open and stays so; @name is the list's. */
int sign_begin_with(struct sign_job *j, struct cli *c, const struct sign_args *a,
		    struct signer *signer, const char *name, struct err *e);

/* A file or directory. Files that fail are said on standard error and counted. */
int sign_add_path(struct sign_job *j, const char *path, struct err *e);

/*
 * The digests and paths of a file that sha256sum or 'diglim scan --propose' wrote. Uses: of the
 * options, else as the file says, else by path. No file but @path is read.
 */
int sign_add_sums(struct sign_job *j, const char *path, struct err *e);

/*
 * Signs and writes; @output NULL: DIR/tlv-NAME with DIR the generated lists, or @dir. -EEXIST if
 * neither --name nor @output is given and a list of another name is there.
 */
int sign_finish(struct sign_job *j, const char *dir, const char *output, char path[PATH_MAX],
		struct err *e);

/* Frees; in any state. */
void sign_done(struct sign_job *j);

/* What was made, as members of the open object. */
void sign_show(struct sign_job *j, const char *path);

#endif
