/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which digests are vouched for by list files that the kernel would take. For many questions. */
#ifndef DIGLIM_POLICY_COVER_H
#define DIGLIM_POLICY_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"
#include "keys.h"
#include "lists.h"

struct cover;

/*
 * Reads and verifies all of @l. A file that is no list, or one that is refused, vouches for
 * nothing: @refused (may be NULL) is told. @step (may be NULL) is called before each file.
 */
struct cover_options {
	void (*refused)(const char *path, const struct err *why, void *arg);
	void (*step)(size_t done, const char *path, void *arg);
	void *arg;
};

int cover_read(const struct lists *l, const struct keys *keys, const struct cover_options *opt,
	       struct cover **ret, struct err *e);
struct cover *cover_free(struct cover *c);

/*
 * Mask of enum diglim_use: what the lists vouch for this digest for, together. DIGLIM_FOUND_DENIED
 * alone if a deny list names it; 0 if there is none.
 */
uint32_t cover_uses(const struct cover *c, const uint8_t digest[DIGLIM_DIGEST_SIZE]);

size_t cover_digests(const struct cover *c); /* different ones */
size_t cover_lists(const struct cover *c);   /* lists that count */

#endif
