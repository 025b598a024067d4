/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of what neither rpm nor a plain directory holds: archives, images, digest files. */
#ifndef DIGLIM_COMMON_SOURCES_H
#define DIGLIM_COMMON_SOURCES_H

#include "../../lib/format/provenance.h"
#include "../../lib/pkgdb/contents.h"
#include "common-sign.h"

enum source_kind {
	SOURCE_TAR = 0,
	SOURCE_OCI,
	SOURCE_SUMS,
	SOURCE_SYSEXT,
	SOURCE_DEB,
	SOURCE_LEGACY,
	SOURCE_METADATA,
	SOURCE_KINDS,
};

enum { SOURCES_MAX = 256, SOURCES_KEYS_MAX = 16 };

/* What the options ask for. */
struct sources {
	struct {
		enum source_kind kind;
		const char *path;
	} item[SOURCES_MAX];
	size_t n;
	bool layers; /* OCI: a list for each layer, too */
	bool dpkg;
	const char *archive;
	const char *archive_keys[SOURCES_KEYS_MAX];
	size_t n_keys;
};

enum {
	SOURCES_OPT_TAR = 2000,
	SOURCES_OPT_OCI,
	SOURCES_OPT_LAYERS,
	SOURCES_OPT_SUMS,
	SOURCES_OPT_SYSEXT,
	SOURCES_OPT_LEGACY,
	SOURCES_OPT_DPKG,
	SOURCES_OPT_ARCHIVE,
	SOURCES_OPT_KEY,
	SOURCES_OPT_METADATA,
};

#define SOURCES_OPTIONS                                                                            \
	{SOURCES_OPT_TAR, "tar", "FILE", "A tar archive, compressed or not; may be repeated"},     \
		{SOURCES_OPT_OCI, "oci", "DIR", "Images in OCI layout"},                           \
		{SOURCES_OPT_LAYERS, "layers", NULL, "Of images, a list for each layer as well"},  \
		{SOURCES_OPT_SUMS, "sums", "FILE", "Digests that sha256sum wrote"},                \
		{SOURCES_OPT_SYSEXT, "sysext", "DIR", "A system extension"},                       \
		{SOURCES_OPT_LEGACY, "legacy", "FILE", "A list of an earlier generation"},         \
		{SOURCES_OPT_DPKG, "dpkg", NULL, "All packages that dpkg has installed"},          \
		{SOURCES_OPT_ARCHIVE, "archive", "DIR", "All packages of a Debian archive"},       \
		{SOURCES_OPT_METADATA, "metadata", "PATH",                                         \
		 "Owner, mode, capabilities and label of what is there"},                          \
	{                                                                                          \
		SOURCES_OPT_KEY, "archive-key", "FILE", "OpenPGP key of the archive"               \
	}

/* 0 taken, 1 not one of them, negative after a message. */
int sources_take_option(struct cli *c, struct sources *s, int id, const char *arg);
int sources_add(struct cli *c, struct sources *s, enum source_kind kind, const char *path);
bool sources_any(const struct sources *s);

/* Makes lists, one after the other, with one key. Zero-initialise. */
struct maker {
	struct cli *c;
	const struct sign_args *args;
	struct signer *signer;
	const char *dir; /* NULL: the generated lists */
	struct progress progress;
	bool quiet;
	bool later;	     /* many lists: all of them are brought to the disk at the end */
	size_t lists, files; /* made */
	size_t failed;	     /* files that were left out though they should be in a list */
	size_t refused;	     /* sources that could not be vouched for */
	size_t damaged;	     /* sources that could not be read */
	/* Told of every list file (may be NULL). */
	int (*written)(const char *path, void *arg, struct err *e);
	/* Told of the list whose place the new one took, after ->written (may be NULL). */
	int (*replaced)(const uint8_t id[DIGLIM_LIST_ID_SIZE], void *arg, struct err *e);
	void *arg;
};

int maker_open(struct maker *m, struct err *e);
void maker_close(struct maker *m);

/*
 * One list of @c, shown as an element of the open array; several if the ingest buffer is too small
 * for one, of the names "NAME", "NAME+2" and so on. @file: name of the list file, NULL: by @name. A
 * source without anything to vouch for is said and no trouble.
 */
int maker_contents(struct maker *m, const char *name, const char *file, enum provenance p,
		   const struct contents *c, struct err *e);

/* Signs what is in @j, writes, shows and accounts for it; @file as above. */
int maker_finish(struct maker *m, struct sign_job *j, const char *file, struct err *e);
void maker_show(struct maker *m, const char *name, const char *path, size_t digests);

/* Says of a source that there is nothing in it to vouch for. */
void maker_show_empty(struct maker *m, const char *name);

/* Does the list file hold just what a list of @c would? */
bool maker_is_same(const struct maker *m, const char *path, const struct contents *c);

/* Names a source that makes no list, with the reason. */
void maker_refuse(struct maker *m, const char *name, const char *outcome, const struct err *why);

/* All that was asked for; an error of one source is said and the others go on. */
int sources_import(const struct sources *s, struct maker *m, struct err *e);

/* Images of an OCI layout, the system's packages, an archive: see common-oci.c and its siblings. */
int source_oci(struct maker *m, const char *dir, bool layers, struct err *e);
int source_legacy(struct maker *m, const char *path, struct err *e);
int source_metadata(struct maker *m, const char *path, struct err *e);
int source_deb(struct maker *m, const char *path, struct err *e);
int source_dpkg(struct maker *m, struct err *e);
int source_archive(struct maker *m, const struct sources *s, struct err *e);

#endif
