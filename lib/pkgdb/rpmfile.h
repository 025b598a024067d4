/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads .rpm files without librpm: lead, signature header, main header. The archive is not read. */
#ifndef DIGLIM_PKGDB_RPMFILE_H
#define DIGLIM_PKGDB_RPMFILE_H

#include "rpmpkg.h"

/* Largest signature header and main header that are read. */
#define RPMFILE_SIG_MAX	   (4U << 20)
#define RPMFILE_HEADER_MAX (64U << 20)

/* Does @data begin like an RPM package? */
bool rpmfile_recognise(const void *data, size_t len);

/* @p is zero-initialised by the caller; rpmpkg_done() frees it, also after a failure. */
int rpmfile_read(const char *path, struct rpmpkg *p, struct err *e);

/* The same from memory. */
int rpmfile_parse(const void *data, size_t len, const char *name, struct rpmpkg *p, struct err *e);

#endif
