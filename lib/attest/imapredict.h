/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What register 10 holds after a boot, if IMA measures nothing but what diglim-measure(5) has rules
 * for: boot_aggregate, the keys in the order in which they are added, settings and state. Layout of
 * the entries: Documentation/security/IMA-templates.rst of Linux, ima-buf and ima-ng.
 */
#ifndef DIGLIM_ATTEST_IMAPREDICT_H
#define DIGLIM_ATTEST_IMAPREDICT_H

#include "../crypto/bank.h"
#include "../policy/keys.h"
#include "statement.h"

#define IMAPREDICT_PCR 10

/* IMA's name for a keyring of ours, which is that of the keyring. */
const char *imapredict_keyring(enum keys_kind kind);

/*
 * @list is an IMA list of such a machine: of it only the first entry counts, boot_aggregate, which
 * follows from firmware, boot loader and kernel. -EBADMSG if it begins with something else.
 * @state is sorted. *value receives bank_size() bytes.
 */
int imapredict(const void *list, size_t len, const struct keys *keys, struct statement *state,
	       enum bank bank, uint8_t value[BANK_SIZE_MAX], struct err *e);

#endif
