/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel modules: which are loaded, and which there are. */
#ifndef DIGLIM_COMMON_MODULES_H
#define DIGLIM_COMMON_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "../../lib/base/err.h"

/* Names as the kernel has them. Zero-initialise. */
struct modules {
	char **names;
	size_t n;
};

/* Of the running kernel; none if it has no modules. */
int modules_loaded(struct modules *m, struct err *e);
void modules_done(struct modules *m);

/* Is the module in this file loaded, by the file's name? */
bool modules_has(const struct modules *m, const char *path);

/*
 * Every module that modules.dep of @release names, by its path below @root (NULL for "/"). What
 * @fn returns non-zero ends the walk and is returned. -ENOENT if there is no such file.
 */
typedef int (*modules_fn)(const char *path, void *arg);
int modules_dep(const char *root, const char *release, modules_fn fn, void *arg, struct err *e);

#endif
