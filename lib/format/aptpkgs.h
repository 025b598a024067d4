/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What apt tells the programs of DPkg::Pre-Install-Pkgs on standard input: versions 1 to 3 of its
 * protocol (apt.conf(5)).
 */
#ifndef DIGLIM_FORMAT_APTPKGS_H
#define DIGLIM_FORMAT_APTPKGS_H

#include <stddef.h>

#include "../base/err.h"

#define APTPKGS_MAX (16U << 20) /* bytes of input that make sense */

/*
 * Calls @fn for each .deb that is to be unpacked, until it returns non-zero, which is then
 * returned. Packages that are only configured or removed are passed over. -EINVAL with line and
 * reason for what is no such input.
 */
typedef int (*aptpkgs_fn)(const char *path, void *arg);
int aptpkgs_read(const void *data, size_t len, aptpkgs_fn fn, void *arg, struct err *e);

#endif
