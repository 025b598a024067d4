/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands and responses of a TPM as bytes, TPM 2.0 Library, part 1, 18. What comes from the
 * program above and from the TPM below is checked before it is used.
 */
#ifndef DIGLIM_TCTI_WIRE_H
#define DIGLIM_TCTI_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/take.h"

#define WIRE_MAX 4096 /* longest command or response, as tss2 has it */

enum wire_tag {
	WIRE_NO_SESSIONS = 0x8001,
	WIRE_SESSIONS = 0x8002,
};

enum wire_command {
	WIRE_VERIFY_SIGNATURE = 0x00000177,
	WIRE_UNSEAL = 0x0000015e,
	WIRE_RSA_DECRYPT = 0x00000159,
	WIRE_SIGN = 0x0000015d,
	WIRE_FLUSH = 0x00000165,
	WIRE_LOAD_EXTERNAL = 0x00000167,
	WIRE_POLICY_AUTHORIZE = 0x0000016a,
	WIRE_READ_PUBLIC = 0x00000173,
	WIRE_START_SESSION = 0x00000176,
	WIRE_HASH = 0x0000017d,
	WIRE_POLICY_PCR = 0x0000017f,
	WIRE_POLICY_GET_DIGEST = 0x00000189,
};

enum {
	WIRE_HANDLE_OWNER = 0x40000001,
	WIRE_HANDLE_NULL = 0x40000007,
	WIRE_HANDLE_PASSWORD = 0x40000009,
	WIRE_RC_POLICY_FAIL = 0x99d, /* of the first session */
	WIRE_RC_PCR_CHANGED = 0x128,
	WIRE_RC_FAILURE = 0x101,
};

/* A TPM2B: its content. */
struct take_in wire_take_2b(struct take_in *in);

/* Begins a command; wire_end() puts the length in. */
void wire_begin(struct buf *b, uint16_t tag, uint32_t code);
void wire_end(struct buf *b);
void wire_put_2b(struct buf *b, const void *data, size_t len);

/* The code of a response, WIRE_RC_FAILURE if it is malformed; *ret is what follows the header. */
uint32_t wire_response(const struct buf *b, struct take_in *ret);

/* A response that consists of an error. */
void wire_error(struct buf *b, uint32_t rc);

/*
 * A command with one handle that is authorised by the empty password, of those that use a key:
 * its key, *rest: what follows the authorisation.
 */
bool wire_uses_key(const uint8_t *command, size_t len, uint32_t *key, struct take_in *rest);

#endif
