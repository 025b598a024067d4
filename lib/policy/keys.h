/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The owner's choice of keys: /etc/diglim/keys.d/{vendor,owner,restricted}. Each file is key
 * material as its vendor published it. A vendor key vouches for RPM headers only, an owner's key
 * for everything else.
 */
#ifndef DIGLIM_POLICY_KEYS_H
#define DIGLIM_POLICY_KEYS_H

#include <stdbool.h>

#include "../../abi/listfile.h"
#include "../base/err.h"
#include "../crypto/cert.h"
#include "places.h"

enum keys_kind {
	KEYS_VENDOR = 0,
	KEYS_OWNER = 1,
	KEYS_RESTRICTED = 2, /* worth what a limits list of the owner says */
	KEYS_KINDS,
};

struct keys_file {
	char *path;
	enum keys_kind kind;
	struct cert_set certs; /* empty if ->broken says why */
	struct err broken;     /* code 0: none */
};

struct keys {
	struct keys_file *files;
	size_t n_files;
	struct cert_set set[KEYS_KINDS]; /* borrowed from ->files */
};

const char *keys_kind_name(enum keys_kind kind); /* "vendor", "owner", "restricted" */

/* The keyring that decides about a list of this format. */
enum keys_kind keys_kind_for(enum diglim_format format);

/*
 * Reads both directories; missing ones are empty. A file that cannot be read keeps its reason and
 * is no error here. A revocation in any file counts for the copies of the key in all others.
 * keys_done() frees, also after a failure.
 */
int keys_read(struct keys *k, const struct places *places, struct err *e);
void keys_done(struct keys *k);

/*
 * Lets the revocations in @k and @set (NULL: none) count for the keys of both. Returns how many
 * keys of @k were usable and are no more, or -ENOMEM.
 */
int keys_revoke(struct keys *k, const struct cert_set *set);

/* The file that holds this very key. NULL: none. */
const struct keys_file *keys_file_of(const struct keys *k, const struct cert *c);

/* Vendor if any key of the set is OpenPGP, else owner. */
enum keys_kind keys_kind_guess(const struct cert_set *set);

const char *keys_dir(const struct places *places, enum keys_kind kind);

/* Calls @fn for each file of all directories, vendor keys first; not zero ends it. */
typedef int (*keys_visit_fn)(enum keys_kind kind, const char *path, void *arg, struct err *e);
int keys_walk(const struct places *places, keys_visit_fn fn, void *arg, struct err *e);

/*
 * Where material with these keys is kept: DIR/FINGERPRINT of its first primary key, so that the
 * same key in a newer state takes the place of the older one.
 */
int keys_file_path(char ret[PATH_MAX], const struct places *places, enum keys_kind kind,
		   const struct cert_set *set, struct err *e);

#endif
