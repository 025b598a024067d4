/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Letting other BPF programs ask (abi/query.h). */
#ifndef DIGLIM_ENGINE_QUERY_H
#define DIGLIM_ENGINE_QUERY_H

#include <stdint.h>

#include "../base/err.h"

/*
 * Puts our answer in the place of the stub in @program: the number of a loaded BPF program, or the
 * path of its pin. *ret_id is the program's number, under which the link is pinned. -EEXIST if it
 * is there already, -ENOENT if the program has no such stub.
 */
int engine_query_attach(const char *program, uint32_t *ret_id, struct err *e);

/* Gives the stub back. -ENOENT if ours is not in its place. */
int engine_query_detach(const char *program, struct err *e);

/* Calls @fn with the number of each program that may ask, until it returns non-zero. */
typedef int (*engine_query_fn)(uint32_t program_id, void *arg);
int engine_query_list(engine_query_fn fn, void *arg, struct err *e);

#endif
