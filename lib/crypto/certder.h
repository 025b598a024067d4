/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lib/crypto. */
#ifndef DIGLIM_CRYPTO_CERTDER_H
#define DIGLIM_CRYPTO_CERTDER_H

#include "cert.h"

/* Points c->issuer and c->serial into c->der. -EINVAL if that is no certificate. */
int certder_locate(struct cert *c);

#endif
