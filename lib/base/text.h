/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text that came from strangers and goes to a terminal or into a message. */
#ifndef DIGLIM_BASE_TEXT_H
#define DIGLIM_BASE_TEXT_H

#include <stddef.h>

/*
 * Copies @len bytes at @from to @to (at most @size bytes with the final NUL). Whatever is not
 * well-formed UTF-8, and characters that move or hide others (controls, direction marks), become
 * \xNN. What does not fit is cut at a character. Returns @to.
 */
char *text_escape(char *to, size_t size, const void *from, size_t len);

#endif
