/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How keys are shown. */
#ifndef DIGLIM_COMMON_CERT_H
#define DIGLIM_COMMON_CERT_H

#include "../../lib/crypto/cert.h"
#include "../../lib/output/out.h"
#include "../../lib/policy/keys.h"

#define CERT_HEX_MAX 65

/* Lower-case hexadecimal. @ret is returned. */
char *cert_fingerprint(const struct cert *c, char ret[CERT_HEX_MAX]);
char *cert_key_id(const struct cert *c, char ret[CERT_HEX_MAX]);

/* All there is to know about one key; members of the open object. @file may be NULL. */
void cert_show(struct out *o, const struct cert *c, enum keys_kind kind, const char *file);

/* Who signed, as members of the open object, or that nobody known did. */
void cert_show_signer(struct out *o, const struct cert *c, const uint8_t *serial,
		      size_t serial_len);

#endif
