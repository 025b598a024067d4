/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks into payloads with the very parsers the kernel side uses (core/list.h). */
#ifndef DIGLIM_FORMAT_PAYLOAD_H
#define DIGLIM_FORMAT_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../../abi/listfile.h"
#include "../base/err.h"

struct payload_info {
	enum diglim_format format;
	char name[DIGLIM_NAME_MAX];	      /* as the kernel side sees it */
	uint8_t list_id[DIGLIM_LIST_ID_SIZE]; /* identity (core/listid.h) */
	uint32_t digests;		      /* entries with a digest, duplicates included */
};

struct payload_entry {
	const uint8_t *digest; /* DIGLIM_DIGEST_SIZE */
	uint32_t use;	       /* mask of enum diglim_use */
	uint32_t index;
	const char *path; /* NULL: the list has none */
};

const char *payload_format_name(enum diglim_format format); /* "rpm", "tlv", "compact" */

/*
 * Walks all entries and calls @fn (may be NULL) for each until it returns non-zero, which is then
 * returned. @name is for messages. @info may be NULL and is complete only after a full walk.
 * 0, or a negative enum diglim_error with offset and reason.
 */
typedef int (*payload_fn)(const struct payload_entry *entry, void *arg);
int payload_walk(const void *payload, size_t len, const char *name, struct payload_info *info,
		 payload_fn fn, void *arg, struct err *e);

/*
 * Checks an RPM header alone, before its OpenPGP trailer is known. @digests (may be NULL) is the
 * number of file digests in it.
 */
int payload_check_header(const void *header, size_t len, const char *name, uint32_t *digests,
			 struct err *e);

/* RPM: "name-[epoch:]version-release.arch", cut to fit @size. */
int payload_nevra(const void *payload, size_t len, char *ret, size_t size, struct err *e);

#endif
