/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Digest lists of earlier generations: compact version 1, compact TLV (version 2), and the names
 * of their files. Reading for conversion; what the kernel takes is another matter (core/compact.h).
 */
#ifndef DIGLIM_FORMAT_LEGACY_H
#define DIGLIM_FORMAT_LEGACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"

/* By meaning. Two numberings are in the field: one begins with "key", one with "parser". */
enum legacy_type {
	LEGACY_UNKNOWN = 0,
	LEGACY_KEY,
	LEGACY_PARSER,
	LEGACY_FILE,
	LEGACY_METADATA,
	LEGACY_TYPES,
};

enum legacy_format {
	LEGACY_FORMAT_UNKNOWN = 0,
	LEGACY_COMPACT,
	LEGACY_COMPACT_TLV,
	LEGACY_RPM,
	LEGACY_TLV, /* digest cache */
	LEGACY_FORMATS,
};

enum legacy_numbering {
	LEGACY_FROM_KEY = 0, /* key 0, parser 1, file 2, metadata 3: kernel patches, openEuler */
	LEGACY_FROM_PARSER,  /* parser 0, file 1, metadata 2: diglim-ebpf */
};

/* In a directory: only entries that are immutable are to be taken. */
#define LEGACY_MARKER ".immutable"

struct legacy_name {
	enum legacy_type type; /* UNKNOWN: of the newer family, whose names do not tell */
	enum legacy_format format;
	const char *name; /* inside the file's name */
};

/*
 * "POSITION-TYPE_list-FORMAT-NAME" or "[NUMBER-]FORMAT-NAME". False if it is neither. @file:
 * without directories.
 */
bool legacy_name_read(const char *file, struct legacy_name *ret);
const char *legacy_type_name(enum legacy_type type);	   /* "file" … */
const char *legacy_format_name(enum legacy_format format); /* "compact_tlv" … */

struct legacy_entry {
	enum legacy_type type;
	bool immutable;
	const uint8_t *digest;	     /* SHA-256 of the content; NULL: the entry has none */
	char path[DIGLIM_PATH_LONG]; /* "" if there is none */
	bool has_owner;		     /* uid, gid and mode are set */
	uint32_t uid, gid, mode;
	char label[256]; /* SELinux; "" if there is none */
	char caps[256];	 /* capabilities as text; "" if there are none */
};

/*
 * All entries of a compact list, of version 1 or 2 block by block, until @fn returns non-zero,
 * which is then returned. @type: what the file's name says; the number in the block must fit it in
 * one of the numberings. UNKNOWN: a number that can only mean one thing, or 1, which means files in
 * the newer numbering. -EINVAL with offset and reason; -ENOTSUP for digests other than SHA-256.
 */
typedef int (*legacy_fn)(const struct legacy_entry *entry, void *arg);
int legacy_walk(const void *data, size_t len, const char *name, enum legacy_type type, legacy_fn fn,
		void *arg, struct err *e);

/* One block of version 1. @digests: @n of DIGLIM_DIGEST_SIZE bytes, one after the other. */
void legacy_put_block(struct buf *b, enum legacy_type type, enum legacy_numbering numbering,
		      bool immutable, const void *digests, uint32_t n);

/* One block of version 2 with entries of digest and path, and owner, label and caps if they are
 * there. */
void legacy_put_tlv(struct buf *b, enum legacy_type type, enum legacy_numbering numbering,
		    const struct legacy_entry *entries, uint32_t n);

/*
 * Takes the trailer of a signed list off: *len shrinks to the payload. @sig and @sig_len (may be
 * NULL) receive what it carried. The kind of signature (0 OpenPGP, 2 PKCS#7), -1: there is none;
 * -EINVAL: damaged.
 */
int legacy_strip(const void *data, size_t *len, const uint8_t **sig, size_t *sig_len);

#endif
