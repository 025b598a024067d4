/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim.conf(5). The only place that talks to inih. */
#ifndef DIGLIM_POLICY_CONFIG_H
#define DIGLIM_POLICY_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "../../abi/state.h"
#include "../base/err.h"

#define CONFIG_TEXT_MAX 200 /* longest value: what a line of the file may hold */

/* What becomes of a Debian package that no signed InRelease leads to. */
enum config_untraced {
	CONFIG_UNTRACED_WARN = 0, /* installed, its files are not vouched for */
	CONFIG_UNTRACED_REFUSE,
	CONFIG_UNTRACED_SIGN, /* on the owner's word */
};

/* What becomes of a package that nobody vouches for. */
enum config_unvouched {
	CONFIG_WARN = 0,
	CONFIG_REFUSE,
	CONFIG_UNVOUCHED_MAX,
};

/* Whether the protection starts with the machine, and when. */
enum config_start {
	CONFIG_START_NO = 0,
	CONFIG_START_LATE,  /* last step of the initramfs */
	CONFIG_START_EARLY, /* first program of the initramfs */
	CONFIG_START_MAX,
};

struct config {
	enum diglim_mode mode;	/* after attach */
	uint32_t headroom;	/* percent of the digests loaded at attach */
	uint32_t max_lists;	/* 0: as many as are loaded at attach, and head-room */
	uint32_t ingest_buffer; /* bytes */
	uint32_t ring;		/* bytes, power of two */
	uint64_t spool;		/* bytes per file of the event spool */
	bool tell_user;		/* who is refused sees it on his terminal */
	uint64_t hash_limit;	/* bytes */
	uint32_t flags;		/* DIGLIM_CONTROL_... */
	uint32_t scope;		/* enum diglim_scope */
	uint32_t anonymous;	/* enum diglim_anonymous */
	uint32_t interpreters;	/* enum diglim_interpreters */
	char interpreter_names[CONFIG_TEXT_MAX];
	enum config_unvouched unvouched;
	char sign_key[CONFIG_TEXT_MAX]; /* empty: not set */
	char sign_cert[CONFIG_TEXT_MAX];
	char sign_provider[CONFIG_TEXT_MAX];
	enum config_untraced untraced;
	enum config_start start;
	bool stop_on_failure; /* of the start: a shell, instead of going on without protection */
	bool seal;	      /* at the start, if the mode is enforce */
	int seal_register;    /* of the TPM, for diglimd; CONFIG_NO_REGISTER: nothing is measured */
	bool measure_log;     /* and by IMA into register 10, too */
};

#define CONFIG_NO_REGISTER	  (-1)
#define CONFIG_REGISTER_MAX	  15 /* later ones can be reset while the machine runs */
#define CONFIG_HASH_LIMIT_DEFAULT (1ULL << 30)
#define CONFIG_SPOOL_DEFAULT	  (16ULL << 20)

void config_defaults(struct config *c);

/*
 * Reads @path over the defaults. A file that is not there leaves the defaults. The first thing that
 * is wrong is reported with file and line: unknown section, unknown key, key given twice, bad
 * value.
 */
int config_read(const char *path, struct config *c, struct err *e);

/* "off", "audit", "enforce". */
int config_mode_parse(const char *text, enum diglim_mode *ret); /* 0 or -EINVAL */

/* "2M", "64K", "1G", "4096": powers of 1024. 0 or -EINVAL. */
int config_size_parse(const char *text, uint64_t *ret);

/* "90", "90s", "15m", "2h", "1d" in seconds, at least 1. 0 or -EINVAL. */
int config_span_parse(const char *text, uint64_t *ret);

#endif
