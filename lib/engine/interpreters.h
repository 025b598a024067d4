/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of interpreters that the kernel side looks for in lists. */
#ifndef DIGLIM_ENGINE_INTERPRETERS_H
#define DIGLIM_ENGINE_INTERPRETERS_H

#include "../base/err.h"

/* Fills the map with the names of core/interpreter.h and those of @names, see diglim.conf(5). */
int engine_interpreters_fill(int fd, const char *names, struct err *e);

#endif
