/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Enrolment: a CA makes sure that a key is in a real TPM and works under the right policy only,
 * before it certifies the key. One directory goes to and fro between the machine and the CA, which
 * keeps nothing in between; all of it may be an attacker's, on both sides.
 *
 *   machine  writes the EK's certificate and the public parts of attestation key (AK) and key
 *   CA       checks them, and writes a challenge that only the TPM with that EK opens, and only for
 *            this AK: a secret, and a ticket from which the CA finds the secret again
 *   machine  opens it, and has the AK certify the key (TPM2_Certify); the nonce is made of the
 *            secret, so that this happened after the challenge, in that TPM
 *   CA       checks that statement, and the key
 */
#ifndef DIGLIM_ATTEST_ENROL_H
#define DIGLIM_ATTEST_ENROL_H

#include "policy.h"
#include "../base/buf.h"
#include "../crypto/ekcert.h"
#include "../crypto/tpmpub.h"

/* Files of the directory. */
#define ENROL_EK	 "ek.crt"     /* certificate in DER */
#define ENROL_AK	 "ak.pub"     /* TPM2B_PUBLIC */
#define ENROL_KEY	 "key.pub"    /* TPM2B_PUBLIC */
#define ENROL_TICKET	 "ticket"     /* ENROL_TICKET_LEN bytes: seconds since 1970, random */
#define ENROL_CREDENTIAL "credential" /* TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET */
#define ENROL_CERTIFY	 "certify"    /* TPMS_ATTEST */
#define ENROL_SIGNATURE	 "signature"  /* TPMT_SIGNATURE */

#define ENROL_FILE_MAX	 16384U /* bytes of each */
#define ENROL_TICKET_LEN (8 + 16)
#define ENROL_SECRET_LEN 32 /* of a challenge; what a CA's own secret has, too */

struct enrolment {
	struct ekcert ek;
	struct buf ak_public, key_public;
	struct tpmpub ak, key; /* point into these */
};

/* What the machine asks for. -EBADMSG if it is malformed, -ENOENT if a file is missing. */
int enrol_read(const char *dir, struct enrolment *ret, struct err *e);
void enrol_done(struct enrolment *n);

/* One file of the directory. */
int enrol_read_part(const char *dir, const char *name, struct buf *ret, struct err *e);
int enrol_write_part(const char *dir, const char *name, const struct buf *b, struct err *e);

/*
 * The EK is a maker's, and the AK signs only what its TPM itself says. 0, or -EKEYREJECTED with the
 * reason.
 */
int enrol_check_request(const struct enrolment *n, const char *const *roots, size_t n_roots,
			struct err *e);

/*
 * The key never leaves its TPM, and works under @policy only. -EKEYREJECTED with the reason.
 */
int enrol_check_key(const struct tpmpub *key, const uint8_t policy[POLICY_SIZE], struct err *e);

/* A new ticket for @now, in seconds since 1970. */
int enrol_ticket(uint64_t now, struct buf *ret, struct err *e);
/* Was the ticket written at most @max_age seconds before @now? -EKEYREJECTED if not. */
int enrol_check_ticket(const struct buf *ticket, uint64_t now, uint64_t max_age, struct err *e);

/* The secret of this challenge, from that of the CA: nobody else can compute it. */
int enrol_secret(const struct enrolment *n, const uint8_t ca[ENROL_SECRET_LEN],
		 const struct buf *ticket, uint8_t ret[ENROL_SECRET_LEN], struct err *e);

/* Appends the nonce of TPM2_Certify that the machine makes of the secret. */
int enrol_nonce(const uint8_t secret[ENROL_SECRET_LEN], struct buf *ret, struct err *e);

/* Did the AK certify this key, for this secret? -EKEYREJECTED with the reason. */
int enrol_check_certify(const struct enrolment *n, const uint8_t secret[ENROL_SECRET_LEN],
			const struct buf *certify, const struct buf *signature, struct err *e);

#endif
