/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys that rpm keeps as files, not in its database. */
#ifndef DIGLIM_PKGDB_RPMKEYS_H
#define DIGLIM_PKGDB_RPMKEYS_H

#include "rpmdb.h"

/*
 * Calls @fn as rpmdb_keys() does for the keys in @dir (rpm's %_keyringpath, the root in front), in
 * both of its forms: files *.key, and the shared OpenPGP certificate directory that rpm 6 can use
 * (draft-nwjw-openpgp-cert-d: the fingerprint in hexadecimal, its first two digits name a folder).
 * Other files there are none of rpm's. 0 as well if there is no such directory.
 */
int rpmkeys_walk(const char *dir, rpmdb_key_fn fn, void *arg, struct err *e);

#endif
