/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts with an OpenPGP signature around them (RFC 4880 §7), such as InRelease of an archive. */
#ifndef DIGLIM_CRYPTO_CLEARSIGN_H
#define DIGLIM_CRYPTO_CLEARSIGN_H

#include "../base/buf.h"
#include "cert.h"

/*
 * Checks the text against @keys and appends to @text just what was signed: lines without blanks at
 * their ends, each with a line feed. One good signature of a usable key is enough; a bad one of any
 * known key is one too many. @signer (may be NULL) made it. @now: seconds since 1970, 0: present.
 *
 * -EINVAL: no such text, or something before or behind it. -DIGLIM_E_SIG_NO_KEY: no known key.
 * -DIGLIM_E_SIG_INVALID, -DIGLIM_E_KEY_REVOKED (expired, revoked …), -DIGLIM_E_SIG_HASH …
 */
int clearsign_verify(const void *data, size_t len, const char *name, const struct cert_set *keys,
		     uint64_t now, struct buf *text, const struct cert **signer, struct err *e);

/*
 * The parts alone, nothing checked: @text as above, @sigs the signature packets. For clearsign_
 * verify() and its fuzzer.
 */
int clearsign_split(const void *data, size_t len, const char *name, struct buf *text,
		    struct buf *sigs, struct err *e);

#endif
