/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What librpm holds of a package, installed or about to be, in our form. */
#ifndef DIGLIM_PKGDB_RPMHEADER_H
#define DIGLIM_PKGDB_RPMHEADER_H

#include <rpm/rpmtypes.h>

#include "rpmpkg.h"

/*
 * Copies signed bytes and header signatures. @p is zero-initialised by the caller and always gets a
 * name; rpmpkg_done() frees it. Negative with p->header empty if the signed bytes are not as
 * they came with the package.
 */
int rpmheader_take(Header h, struct rpmpkg *p, struct err *e);

/* Has the package scriptlets that other packages set off? */
bool rpmheader_has_triggers(Header h);

#endif
