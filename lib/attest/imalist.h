/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IMA's list of measurements as securityfs shows it, ASCII or binary, with SHA-1 template digests
 * or those of another bank. Layout: Documentation/security/IMA-templates.rst of Linux.
 */
#ifndef DIGLIM_ATTEST_IMALIST_H
#define DIGLIM_ATTEST_IMALIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../crypto/bank.h"

/* Largest list that is read, and largest template data of one entry. */
#define IMALIST_MAX	 (512U << 20)
#define IMALIST_DATA_MAX (16U << 20)

struct ima_entry {
	size_t number; /* 1 for the first */
	unsigned pcr;
	char template[32];
	bool violation;	       /* the file was open for writing, too: its content is not known */
	char algo[24];	       /* of the file's digest, "sha256"; empty if it is not stated */
	const uint8_t *digest; /* of the file or buffer */
	size_t digest_len;
	const char *name; /* path, or what a buffer is called; not NUL-terminated */
	size_t name_len;
	const uint8_t *extra; /* the field after it: signature or buffer */
	size_t extra_len;
	const uint8_t *data; /* template data, as it is hashed; NULL if not known */
	size_t data_len;
	const uint8_t *stated; /* the template digest in the list */
	size_t stated_len;
};

/*
 * Calls @fn for each entry until it returns non-zero, which is then returned. -EBADMSG, with line
 * or offset, for what the kernel would not have written. An entry whose template is not known has
 * only number, pcr, template, stated.
 */
typedef int (*ima_fn)(const struct ima_entry *entry, void *arg);
int imalist_walk(const void *data, size_t len, ima_fn fn, void *arg, struct err *e);

/*
 * What the kernel extends for an entry in a bank: a digest of the template data, or all ones for a
 * violation. -ENODATA if the data is not known and the stated digest is of another bank; -EBADMSG
 * if data and stated digest disagree.
 */
int imalist_digest(const struct ima_entry *entry, enum bank bank, uint8_t ret[BANK_SIZE_MAX],
		   struct err *e);

#endif
