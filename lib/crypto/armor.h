/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OpenPGP ASCII armour and base64. */
#ifndef DIGLIM_CRYPTO_ARMOR_H
#define DIGLIM_CRYPTO_ARMOR_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/buf.h"
#include "../base/err.h"

/* Is there an armour header line ("-----BEGIN PGP …") in @data? */
bool armor_recognise(const void *data, size_t len);

/* Appends the bytes of every armoured block of public keys or signatures. -EINVAL if damaged. */
int armor_decode(const void *data, size_t len, const char *name, struct buf *ret, struct err *e);

/* Plain base64 (white space allowed, padding required). */
int armor_base64(const char *text, size_t len, struct buf *ret, struct err *e);

/* Appends it; @line: characters a line, a multiple of 4, each ended; 0: all in one without an end.
 */
void armor_put_base64(struct buf *b, const void *data, size_t len, size_t line);

#endif
