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

/* The value in the answer to tpm_pcr_read, or NULL: update counter, selection, one digest. */
static inline const uint8_t *tpm_pcr_value(const uint8_t *answer, size_t len)
{
	static const uint8_t ok[] = {0x80, 0x01, 0, 0, 0, 62, 0, 0, 0, 0};

	return len == 62 && !memcmp(answer, ok, sizeof(ok)) ? answer + len - TPM_PCR_SIZE : NULL;
}

static inline uint32_t tpm_code(const uint8_t *answer)
{
	return (uint32_t)answer[6] << 24 | (uint32_t)answer[7] << 16 | (uint32_t)answer[8] << 8 |
	       answer[9];
}

#endif
