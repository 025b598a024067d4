/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digests by whatever rpm has them from, for who runs inside of rpm. */
#ifndef DIGLIM_PKGDB_RPMDIGEST_H
#define DIGLIM_PKGDB_RPMDIGEST_H

#include <stddef.h>
#include <stdint.h>

int rpmdigest_sha1(const void *data, size_t len, uint8_t ret[20]);

#endif
