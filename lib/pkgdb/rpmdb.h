/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The database of installed packages, read through librpm with its own verification switched off.
 */
#ifndef DIGLIM_PKGDB_RPMDB_H
#define DIGLIM_PKGDB_RPMDB_H

#include "rpmpkg.h"

/*
 * Calls @fn for every installed package until it returns non-zero, which is then returned. A header
 * whose region does not survive is handed out with header.len 0 and the reason in @broken.
 * @root: root directory, NULL for "/". @dbpath: directory below @root; NULL looks at the places
 * that distributions use. -ENOENT if there is no database: librpm would make an empty one.
 * Returns 0 at the end, or a negative errno: -EIO if librpm could not read all of them, after those
 * that it could. gpg-pubkey entries are left out.
 */
typedef int (*rpmdb_fn)(const struct rpmpkg *p, const char *broken, void *arg);
int rpmdb_walk(const char *root, const char *dbpath, rpmdb_fn fn, void *arg, struct err *e);

/*
 * Calls @fn for every key that rpm trusts: those of gpg-pubkey entries, and the files of its
 * keyring directory (rpmkeys.h). @data is OpenPGP as `cert_set_read()` takes it, @name says where
 * it is from. Else as rpmdb_walk(); what cannot be decoded is handed out with @data NULL and the
 * reason in @broken.
 */
typedef int (*rpmdb_key_fn)(const char *name, const void *data, size_t len, const char *broken,
			    void *arg);
int rpmdb_keys(const char *root, const char *dbpath, rpmdb_key_fn fn, void *arg, struct err *e);

/* Number of packages, for progress bars. */
int rpmdb_count(const char *root, const char *dbpath, struct err *e);

#endif
