/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The token "systemd-tpm2" of a LUKS2 volume, in which systemd-cryptenroll(1) keeps a secret of a
 * TPM, and the file "tpm2-pcr-signature.json" with the states it is given out in (systemd:
 * src/shared/tpm2-util.c). The volume's passphrase is the secret in base64.
 *
 * What a key file cannot say is refused: a PIN, a policy of systemd-pcrlock, signed and fixed
 * registers in one token, other banks than SHA-256, an RSA storage key that is not kept in the TPM.
 */
#ifndef DIGLIM_ATTEST_LUKSTOKEN_H
#define DIGLIM_ATTEST_LUKSTOKEN_H

#include "pcrs.h"
#include "../crypto/keyfile.h"

#define LUKSTOKEN_MAX (64U << 10) /* bytes; a LUKS2 header has 16 KiB to 4 MiB for all of them */

/*
 * Fills @ret with the secret of a token, and *mask with its registers. With signed policies these
 * are a hint, which only systemd minds: it looks for approvals of just these. @values: those of a
 * token of fixed registers when it was made; may be NULL. -EBADMSG if it is malformed, or the
 * policy it tells is not that of the secret; -EOPNOTSUPP for what is refused; -EINVAL, -ENODATA or
 * -E2BIG if it takes values and there are none, or not one for each register; -EKEYREJECTED if it
 * had others.
 */
int lukstoken_read(const char *json, size_t len, const struct pcrs *values, struct keyfile *ret,
		   uint32_t *mask, struct err *e);

/*
 * Appends the token of a secret below TPM_STORAGE_SYSTEMD whose policy is one of values, or of
 * approvals for @mask in POLICY_STYLE_SYSTEMD (-EOPNOTSUPP for others). No key slot is assigned.
 */
int lukstoken_write(const struct keyfile *k, uint32_t mask, struct buf *ret, struct err *e);

/* Appends all approvals as signed policies. -EOPNOTSUPP if they are not in systemd's style. */
int lukstoken_signatures(const struct keyfile *k, struct buf *ret, struct err *e);

#endif
