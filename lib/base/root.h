/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of a system below a root directory, --root. Links are followed as that system would follow
 * them: neither an absolute one nor ".." leads out. A root of NULL, "" or "/" is the running
 * system.
 */
#ifndef DIGLIM_BASE_ROOT_H
#define DIGLIM_BASE_ROOT_H

#include <sys/stat.h>

#include "err.h"

/* Opens @path with @flags of open(2); the descriptor, or negative. */
int root_open(const char *root, const char *path, int flags, struct err *e);

/* As io_open_regular(): only regular files, for reading, without an effect on anything else. */
int root_open_regular(const char *root, const char *path, struct stat *st, struct err *e);

/*
 * Where @fd really is, without the root in front; @path if that cannot be told. To be freed; NULL
 * without memory.
 */
char *root_path(int fd, const char *root, const char *path);

/*
 * -EXDEV if a link among what is there of @path leads out of @root, or is absolute: by its plain
 * name, root and all, it would be another file.
 */
int root_check_inside(const char *root, const char *path, struct err *e);

#endif
