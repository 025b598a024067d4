/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unknown files that were used, each once in the seal register. */
#ifndef DIGLIMD_UNKNOWN_H
#define DIGLIMD_UNKNOWN_H

#include <stddef.h>

#include "../../abi/event.h"
#include "../../lib/attest/measurelog.h"
#include "../../lib/attest/seal.h"

/* Texts that were recorded, all zeros at first. */
struct unknown {
	char **texts;
	size_t n;
};

void unknown_done(struct unknown *u);

/* The file of event @ev, of @size bytes, unless it is in @log or was recorded before. */
int unknown_record(struct unknown *u, struct seal *seal, const struct measure_log *log,
		   const struct diglim_event *ev, size_t size, struct err *e);

#endif
