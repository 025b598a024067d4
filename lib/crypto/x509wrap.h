/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The X.509 certificate that carries an OpenPGP public key into a kernel keyring.
 *
 * The kernel checks the own signature of a certificate only if it is self-issued, and a keyring
 * without restriction takes any certificate. So: fixed issuer "CN=DIGLIM OpenPGP wrapper", serial =
 * key id, subject = user id and fingerprint, validity = lifetime of the OpenPGP key (the kernel
 * ignores it), and a signature of zeros. The kernel finds the key by issuer and serial: that is
 * the OpenPGP key id, the only thing that old signatures name. The bytes depend on nothing but
 * the key: making it twice gives the same file.
 */
#ifndef DIGLIM_CRYPTO_X509WRAP_H
#define DIGLIM_CRYPTO_X509WRAP_H

#include "../base/buf.h"
#include "cert.h"

#define X509WRAP_ISSUER "DIGLIM OpenPGP wrapper"

/* Sets c->der and what points into it from the other fields and @spki (SubjectPublicKeyInfo). */
int x509wrap_make(struct cert *c, const uint8_t *spki, size_t spki_len, struct err *e);

/* Appends the issuer of every wrapper (DER Name): how they are recognised. */
void x509wrap_issuer(struct buf *b);

#endif
