/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between apt or dpkg and the kernel: before packages are unpacked, and after they were changed. */
#ifndef DIGLIM_COMMON_APT_H
#define DIGLIM_COMMON_APT_H

#include "../../lib/engine/engine.h"
#include "common-debindex.h"
#include "common-sources.h"

#define APT_BUILDS_MAX 99 /* lists of one name and version at a time */

/* A list file that this run has made. */
struct apt_made {
	char *path;
	bool loaded; /* and was not before */
};

struct apt_job {
	struct cli *c;
	struct sign_args sign;
	struct maker maker;
	struct engine *engine;	 /* NULL: not attached */
	const char *const *keys; /* of archives; none: those apt trusts */
	size_t n_keys;
	char **debs; /* to be unpacked */
	size_t n;
	struct apt_made *made;
	size_t n_made;
	size_t loaded, unloaded, untraced, tampered;
};

void apt_done(struct apt_job *j);
int apt_add_deb(struct apt_job *j, const char *path, struct err *e);

/* The .debs that the command line of a dpkg process names. */
int apt_add_process(struct apt_job *j, const char *pid, struct err *e);

/* What apt says on standard input. */
int apt_add_input(struct apt_job *j, struct err *e);

/* Opens the connection if DIGLIM is attached here. */
int apt_open_kernel(struct apt_job *j, struct err *e);

/* Lists that are made are loaded, and take the place of those that had their file. */
int apt_open_maker(struct apt_job *j, struct err *e);

/*
 * Loads lists that are in the directories and not in the kernel. What is refused is said and
 * counted in *refused.
 */
int apt_load_files(struct apt_job *j, size_t *refused, struct err *e);

/* Is there a key to sign with, by options or configuration? It may still fail to open. */
bool apt_has_key(const struct apt_job *j);

/*
 * A list for each .deb, loaded; if one of them keeps the transaction from taking place, or there is
 * trouble, none. An exit status, or negative.
 */
int apt_prepare(struct apt_job *j, struct err *e);

/*
 * Lists of packages that dpkg has no more go, also from the kernel, whether there is a key or not.
 * Scripts that dpkg keeps stay vouched for if they were. An exit status, or negative.
 */
int apt_sync(struct apt_job *j, struct err *e);

/* A transaction begins: what changes from now on is looked at by apt_report_made(). */
int apt_mark(struct apt_job *j, struct err *e);

/* Names files that could be run or loaded, changed since the mark, and that nobody vouches for. */
int apt_report_made(struct apt_job *j, struct err *e);

#endif
