/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hexadecimal text. */
#ifndef DIGLIM_BASE_HEX_H
#define DIGLIM_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Lower case; @text takes 2 * @len + 1 characters. Returns @text. */
char *hex_encode(const void *data, size_t len, char *text);

/* Decodes exactly @len bytes from exactly 2 * @len digits (either case). 0 or -EINVAL. */
int hex_decode(const char *text, size_t text_len, void *data, size_t len);

#endif
