/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DIGLIM_ENGINE_READERS_H
#define DIGLIM_ENGINE_READERS_H

#include "../base/err.h"

struct diglim_bpf;

/* Before loading: they are not attached by themselves, since each needs its map. */
void engine_readers_prepare(struct diglim_bpf *s);

/* After loading; the folder of the pins must be there. */
int engine_readers_pin(struct diglim_bpf *s, struct err *e);

#endif
