/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands to a TPM, byte by byte: tests need them without a library that opens the device its own
 * way. */
#ifndef TPM_COMMAND_H
#define TPM_COMMAND_H

#include <stdint.h>
#include <string.h>

#define TPM_DEVICE   "/dev/tpmrm0"
#define TPM_ANSWER   4096 /* bytes, at most */
#define TPM_PCR_SIZE 32

/* TPM2_PCR_Read of register 13, bank SHA-256 */
static const uint8_t tpm_pcr_read[] = {0x80, 0x01, 0, 0, 0,    20,   0, 0, 0x01, 0x7e,
				       0,    0,	   0, 1, 0x00, 0x0b, 3, 0, 0x20, 0};

/* TPM2_CreatePrimary of an RSA key below the owner: what takes a TPM longest. */
static const uint8_t tpm_create_primary[] = {
	0x80, 0x02, 0, 0, 0, 67, 0, 0, 0x01, 0x31, 0x40, 0, 0, 0x01,
	/* session: password, empty */
	0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
	/* sensitive */
	0, 4, 0, 0, 0, 0,
	/* public: RSA, SHA-256, restricted storage key, AES-128-CFB, 2048 bits */
	0, 26, 0, 0x01, 0, 0x0b, 0, 0x03, 0x04, 0x72, 0, 0, 0, 0x06, 0, 0x80, 0, 0x43, 0, 0x10,
	0x08, 0, 0, 0, 0, 0, 0, 0,
	/* no outside information, no registers */
	0, 0, 0, 0, 0, 0};

static inline uint32_t tpm_code(const uint8_t *answer)
{
	return (uint32_t)answer[6] << 24 | (uint32_t)answer[7] << 16 | (uint32_t)answer[8] << 8 |
	       answer[9];
}

/* TPM2_Quote of register 13, bank SHA-256, with the key at TPM_QUOTE_KEY and its own scheme, no
 * nonce. */
#define TPM_QUOTE_KEY 0x81000100
static const uint8_t tpm_quote[] = {0x80, 0x02, 0, 0, 0, 41, 0, 0, 0x01, 0x58, 0x81, 0x00, 0x01,
				    0x00,
				    /* session: password, empty */
				    0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 0, 0, 0,
				    /* nonce, scheme, selection */
				    0, 0, 0x00, 0x10, 0, 0, 0, 1, 0x00, 0x0b, 3, 0, 0x20, 0};

/*
 * The digest of the register in the answer to tpm_quote, or NULL: what is signed ends with it
 * (TPM 2.0 part 2, TPMS_ATTEST and TPMS_QUOTE_INFO), and the signature follows.
 */
static inline const uint8_t *tpm_quoted(const uint8_t *answer, size_t len)
{
	static const uint8_t quote[] = {0xff, 'T', 'C', 'G', 0x80, 0x18};
	size_t signed_len;

	if (len < 16 + sizeof(quote) || answer[0] != 0x80 || answer[1] != 0x02 || tpm_code(answer))
		return NULL;
	signed_len = (size_t)answer[14] << 8 | answer[15];
	if (memcmp(answer + 16, quote, sizeof(quote)) ||
	    signed_len < sizeof(quote) + 2 + TPM_PCR_SIZE || 16 + signed_len >= len)
		return NULL;
	return answer + 16 + signed_len - TPM_PCR_SIZE;
}

#endif
