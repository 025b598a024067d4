/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* X.509 certificates: an owner's, and the wrappers that crypto/x509wrap.h makes. */
#ifndef DIGLIM_CRYPTO_X509_H
#define DIGLIM_CRYPTO_X509_H

#include "cert.h"

/*
 * Adds every certificate in @data (PEM, any number; or one in DER) to @set. Wrappers are recognised
 * and described as the OpenPGP key they hold. Returns how many.
 */
int x509_read(struct cert_set *set, const void *data, size_t len, const char *name, uint64_t now,
	      struct err *e);

#endif
