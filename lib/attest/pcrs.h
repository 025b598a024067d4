/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values of registers as reference: the member "pcrs" of what 'diglim attest predict' and 'quote'
 * write, {"pcrs": {"sha256": {"13": ["…", …]}}}. Each register may have several good values.
 */
#ifndef DIGLIM_ATTEST_PCRS_H
#define DIGLIM_ATTEST_PCRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "../crypto/bank.h"

#define PCRS_N		  24
#define PCRS_ALTERNATIVES 64

struct pcrs {
	enum bank bank;
	size_t n[PCRS_N]; /* of values; 0: any */
	uint8_t value[PCRS_N][PCRS_ALTERNATIVES][BANK_SIZE_MAX];
};

/* "0,2,4-7,13" as a mask. 0 or -EINVAL. */
int pcrs_parse_mask(const char *text, uint32_t *ret, struct err *e);

/* The other way, each register by itself: "0,2,4,5". */
#define PCRS_MASK_TEXT 80
void pcrs_mask_text(uint32_t mask, char ret[PCRS_MASK_TEXT]);

/*
 * What a policy must cover: @seal, and the registers that fix boot loader, kernel, initramfs and
 * command line, since the values of @seal alone are no secret. 0 or -EINVAL with what is missing.
 */
int pcrs_check_mask(uint32_t mask, unsigned seal, struct err *e);
#define PCRS_MASK_BOOT 0x13ffU /* 0 to 9, 12 */

/*
 * Adds what the JSON text says of the bank; registers that it names take the place of earlier ones,
 * or come in addition to them with @more. -EBADMSG for a malformed value, -ENODATA if it has none
 * of the bank.
 */
int pcrs_read(const char *json, size_t len, bool more, struct pcrs *p, struct err *e);

bool pcrs_accepts(const struct pcrs *p, unsigned pcr, const uint8_t *value);

/*
 * Appends the body of TPM2_PolicyPCR for the only value of each register in @mask: pcrDigest and
 * selection. -ENODATA or -E2BIG if a register has not exactly one.
 */
int pcrs_policy_body(const struct pcrs *p, uint32_t mask, struct buf *ret, struct err *e);

/* TPML_PCR_SELECTION of one bank. */
void pcrs_put_selection(struct buf *b, enum bank bank, uint32_t mask);

#endif
