/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Installed packages, list directory and kernel agree again, whatever happened to them. */
#ifndef DIGLIM_SYNC_SYNC_H
#define DIGLIM_SYNC_SYNC_H

#include "package.h"

enum sync_what {
	SYNC_WRITTEN = 0, /* list of an installed package made or renewed */
	SYNC_DELETED,	  /* its package is not installed any more, or cannot be vouched for */
	SYNC_LOADED,	  /* into the kernel */
	SYNC_UNLOADED,	  /* of a package, or brought by one, and in no list directory */
	SYNC_UNVOUCHED,	  /* installed, but nobody vouches for it: ->why, ->way_out */
	SYNC_REFUSED,	  /* the kernel does not take this list, or it is damaged: ->why */
	SYNC_WHATS,
};

struct sync_event {
	enum sync_what what;
	const char *name; /* of package or list */
	const char *path; /* NULL: none */
	const char *why, *way_out;
	enum import_outcome outcome; /* of SYNC_UNVOUCHED */
};

struct sync_options {
	const char *root;   /* as in `struct places`; NULL: the running system */
	const char *dbpath; /* as rpmdb_walk() */
	bool files_only;    /* ask no database of packages: only load what the directories have */
	bool dry;	    /* say what would be done, change nothing */
	void (*event)(const struct sync_event *ev, void *arg);			  /* may be NULL */
	void (*step)(uint64_t done, uint64_t total, const char *name, void *arg); /* may be NULL */
	void *arg;
};

struct sync_report {
	size_t packages;
	size_t count[SYNC_WHATS];
	bool no_database; /* no rpm here: lists of packages were left alone */
};

/* "written", "deleted", "loaded", "unloaded", "unvouched", "refused" */
const char *sync_what_name(enum sync_what what);

/*
 * Makes directory and kernel follow rpm's database. Twice in a row changes nothing the second time.
 * Only lists "rpm-…" of the generated directory are deleted, and only lists in RPM format and those
 * that a package of lists had brought (shipped.h) unloaded; nothing is if the database cannot be
 * read to its end, or is empty. 0 with @ret
 * filled, also if single lists failed; negative with @e set: stopped, to be repeated.
 */
int sync_all(const struct sync *s, const struct sync_options *opt, struct sync_report *ret,
	     struct err *e);

#endif
