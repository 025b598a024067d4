/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts a policy session in the place of the empty password, for keys that have a key file. */
#ifndef DIGLIM_TCTI_INJECT_H
#define DIGLIM_TCTI_INJECT_H

#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"

/* Sends a command and receives the response. 0, or a TSS2_RC of the layer below. */
typedef uint32_t (*inject_send_fn)(void *arg, const struct buf *command, struct buf *response);

struct inject {
	const char *keys; /* a key file, or a directory of them */
	inject_send_fn send;
	void *arg;
};

/*
 * Carries out a command of the program above. 0 with a response, or a TSS2_RC. Key files are read
 * anew each time, so that an approval counts at once.
 */
uint32_t inject_command(const struct inject *in, const uint8_t *command, size_t len,
			struct buf *response);

#endif
