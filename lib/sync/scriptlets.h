/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scriptlets under [policy] interpreters = strict. rpm writes each to a file of its own making,
 * which is in no vendor's list; but their text is in the signed header. So for the time of the
 * transaction the owner's key vouches for those texts.
 */
#ifndef DIGLIM_SYNC_SCRIPTLETS_H
#define DIGLIM_SYNC_SCRIPTLETS_H

#include "../engine/engine.h"
#include "../pkgdb/rpmpkg.h"
#include "../policy/config.h"

/* Names of such lists begin so; `diglim sync` unloads one that was left behind. */
#define SCRIPTLETS_NAME "rpm scriptlets of "

struct scriptlets;

/*
 * *ret is NULL if the kernel does not ask for it. Negative with the way out in @e if it does and
 * the owner's key cannot be used without being asked for.
 */
int scriptlets_open(struct scriptlets **ret, struct engine *g, const struct config *c,
		    struct err *e);

/* Vouches for what @p runs. Only for packages whose header signature was verified! */
int scriptlets_vouch(struct scriptlets *s, const struct rpmpkg *p, struct err *e);

/* Takes it all back. */
void scriptlets_close(struct scriptlets *s);

#endif
