/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks into payloads with the very parsers the kernel side uses (core/list.h). */
#ifndef DIGLIM_FORMAT_PAYLOAD_H
#define DIGLIM_FORMAT_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../../abi/listfile.h"
#include "../base/err.h"

struct payload_info {
	enum diglim_format format;
	enum diglim_list_type type;
	char name[DIGLIM_NAME_MAX];	      /* as the kernel side sees it */
	uint8_t list_id[DIGLIM_LIST_ID_SIZE]; /* identity (core/listid.h) */
	uint32_t digests;		      /* entries with a digest, duplicates included */
	uint32_t rules;			      /* entries without one */
	uint64_t counter;		      /* of a control list */
};

/* An entry without a digest; texts are "" if they are not there. */
struct payload_rule {
	uint32_t has; /* CORE_RULE_... (core/rule.h) */
	uint8_t key[DIGLIM_SIGNER_MAX];
	uint32_t key_len;
	uint32_t mode, window_s;
	uint8_t list[DIGLIM_LIST_ID_SIZE];
	uint32_t use;
	uint32_t epoch;
	char name[DIGLIM_LIMIT_NAME_MAX];
	char path[DIGLIM_LIMIT_PATH_MAX];
	char arch[DIGLIM_ARCH_MAX];
	char version[DIGLIM_EVR_PART_MAX];
	char release[DIGLIM_EVR_PART_MAX];
};

struct payload_entry {
	const uint8_t *digest; /* DIGLIM_DIGEST_SIZE; of fs-verity its key (core/verity.h) */
	bool verity;
	uint32_t use; /* mask of enum diglim_use */
	uint32_t index;
	const char *path; /* NULL: the list has none */
};

/* "allow", "deny", "control", "limits", "floor" */
const char *payload_type_name(enum diglim_list_type type);

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
 * Only what a list says of itself: format, type, name, and in ->digests how many entries it has
 * at most. The entries themselves are not looked at.
 */
int payload_peek(const void *payload, size_t len, const char *name, struct payload_info *info,
		 struct err *e);

/* As payload_walk(), for the entries without a digest. */
typedef int (*payload_rule_fn)(const struct payload_rule *rule, void *arg);
int payload_rules(const void *payload, size_t len, const char *name, payload_rule_fn fn, void *arg,
		  struct err *e);

/*
 * Checks an RPM header alone, before its OpenPGP trailer is known. @digests (may be NULL) is the
 * number of file digests in it.
 */
int payload_check_header(const void *header, size_t len, const char *name, uint32_t *digests,
			 struct err *e);

/*
 * Only whether an RPM header has a file with a digest: 1 or 0; negative if its head is damaged.
 * What stands behind the first one is not looked at.
 */
int payload_header_has_files(const void *header, size_t len, const char *name, struct err *e);

/* Identity (core/listid.h) of a payload whose form somebody else has checked. */
void payload_id(const void *payload, size_t len, uint8_t id[DIGLIM_LIST_ID_SIZE]);

/* RPM: "name-[epoch:]version-release.arch", cut to fit @size. */
int payload_nevra(const void *payload, size_t len, char *ret, size_t size, struct err *e);

#endif
