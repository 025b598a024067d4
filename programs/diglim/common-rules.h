/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signed lists of rules: for deny, floor, key limit and control. */
#ifndef DIGLIM_COMMON_RULES_H
#define DIGLIM_COMMON_RULES_H

#include "../../lib/format/rulewrite.h"
#include "common-sign.h"
#include "cli.h"

struct rules_args {
	const char *key, *cert, *provider; /* NULL: from the configuration */
	const char *name;		   /* NULL: made from what is in it */
	const char *output;		   /* NULL: the owner's lists, and into the kernel */
};

#define RULES_OPTIONS                                                                              \
	{'k', "key", "KEY", "Private key: PEM file or provider URI (default: key in [sign])"},     \
		{'c', "cert", "CERT", "Its certificate (default: cert in [sign])"},                \
		{'p', "provider", "NAME",                                                          \
		 "OpenSSL provider of the key (default: provider in [sign])"},                     \
		{'n', "name", "NAME", "Name of the list"},                                         \
	{                                                                                          \
		'o', "output", "FILE", "Write the list there and do not load it"                   \
	}

/* Takes one of them. False if @id is none of them. */
bool rules_take_option(struct rules_args *a, int id, const char *arg);

/*
 * Signs @w as a list of @type. Without --output it goes to the owner's lists, TYPE-NAME, and into
 * the kernel if DIGLIM is attached. Shows what was made. Negative with @e set.
 */
int rules_publish(struct cli *c, const struct rules_args *a, enum diglim_list_type type,
		  const char *name, struct rulewrite *w, struct err *e);

/* Signs @payload and writes the list file @path. */
int rules_sign(struct cli *c, const struct rules_args *a, const struct buf *payload,
	       const char *path, struct err *e);

/*
 * What signatures say of a key: @text is a file with one key, or fingerprint or key id of a key in
 * keys.d, or of a loaded list's signer. Refuses ids that are too short to mean one key.
 */
struct rules_signer {
	uint8_t id[DIGLIM_SIGNER_MAX];
	size_t len;
};
int rules_signer_of(struct cli *c, const char *text, struct rules_signer *ret, struct err *e);

/* All entries, as members of the open object. */
int rules_show(struct out *o, const void *payload, size_t len, const char *path, struct err *e);

#endif
