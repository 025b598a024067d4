/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diglim-init: attaches, fills the keyrings, feeds lists, sets the mode, seals, and gives way. It
 * runs before the first program of the root file system and must not keep the machine from
 * starting: whatever fails is said, recorded and left to the configuration.
 */
#ifndef DIGLIM_INIT_H
#define DIGLIM_INIT_H

#include "../../lib/engine/engine.h"
#include "../../lib/policy/bootmode.h"
#include "../../lib/policy/bootrecord.h"
#include "../../lib/policy/config.h"
#include "../../lib/policy/lists.h"
#include "../../lib/policy/places.h"
#include "../../lib/sync/begin.h"

enum boot_stage {
	STAGE_LATE,  /* called by the initramfs, the root is mounted */
	STAGE_EARLY, /* rdinit=: process 1 of the initramfs */
	STAGE_INIT,  /* init=: process 1 of the root itself */
};

#define CHECKS_MAX 8
enum { RINGS = 3 };

struct boot {
	enum boot_stage stage;
	const char *root;	       /* of lists; "/" unless late */
	const char *files;	       /* prepared keys and configuration */
	const char *next;	       /* what is executed afterwards, below root */
	const char *check[CHECKS_MAX]; /* programs of the initramfs that are needed, too */
	size_t checks;
	char cmdline[4096];
	struct places places;
	struct config config;
	struct boot_choice choice;
	struct boot_record record;
	struct lists lists;
	struct sync_amount amount;
	int32_t rings[RINGS];
	bool attached; /* by the early stage */
};

/* To the console, and to the kernel's log, which becomes the journal's. */
void say(const struct boot *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same for what went wrong; the first of it goes into the record. */
void trouble(struct boot *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A device, also when the initramfs has given its /dev to the root already. -1: none. */
int open_device(const struct boot *b, const char *name, int flags);

/* CLOCK_MONOTONIC. */
uint64_t now_us(void);

/* proc, sysfs, bpffs and, for process 1, a /run that the record survives in. */
void mounts_prepare(const struct boot *b);

/* Where the pins are reached when the initramfs mounts its own /sys over this one, and back. */
int mounts_put_aside(struct err *e);
int mounts_take_back(struct err *e);

/* Keyrings from prepared certificates, room for the lists, hooks. */
int feed_attach(struct boot *b, struct err *e);

/* Every list of the root; what is not taken is said and counted. */
int feed_lists(struct boot *b, struct err *e);

/* Does the mode in force let the next program start, with its libraries? If not @e says what. */
bool next_would_run(const struct boot *b, struct err *e);

/*
 * The end state "stop": a shell on the console, or with the kernel argument panic= a restart.
 * Returns when the shell ends.
 */
void stop_here(const struct boot *b);

#endif
