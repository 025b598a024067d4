/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where things lie on an installed system, below --root if there is one. */
#ifndef DIGLIM_POLICY_PLACES_H
#define DIGLIM_POLICY_PLACES_H

#include <limits.h>

#include "../base/err.h"

#define PLACES_CONF	     "/etc/diglim/diglim.conf"
#define PLACES_KEYS	     "/etc/diglim/keys.d"
#define PLACES_LISTS_OWNER   "/etc/diglim/lists.d"
#define PLACES_LISTS_SHIPPED "/usr/lib/diglim/lists.d"
#define PLACES_LISTS_MADE    "/var/lib/diglim/lists"
#define PLACES_METADATA	     "/var/lib/diglim/metadata"
#define PLACES_RUN	     "/run/diglim"
#define PLACES_BOOT	     "/var/lib/diglim/boot"  /* what diglim-init needs */
#define PLACES_TRIAL	     "/var/lib/diglim/trial" /* an enforce that waits to be confirmed */
#define PLACES_SETUP	     "/var/lib/diglim/setup" /* what setup has changed */
#define PLACES_WANTED	     "/var/lib/diglim/initramfs-wanted" /* until one takes our files */

enum { PLACES_LIST_DIRS = 3 };

struct places {
	char root[PATH_MAX / 2]; /* empty for the running system, else without a final slash */
	char conf[PATH_MAX];
	char vendor_keys[PATH_MAX];
	char owner_keys[PATH_MAX];
	char restricted_keys[PATH_MAX];
	char lists[PLACES_LIST_DIRS][PATH_MAX]; /* owner's, shipped, generated: in loading order */
	char metadata[PATH_MAX];		/* lists of metadata: not for the kernel */
	char run[PATH_MAX];
	char boot[PATH_MAX];
	char trial[PATH_MAX];
	char wanted[PATH_MAX];
};

#define PLACES_MADE 2 /* index into ->lists */

/*
 * @root: NULL or "/" for the running system. Must be a directory that is there, and no place below
 * it a link that leads out of it: -EXDEV.
 */
int places_set(struct places *p, const char *root, struct err *e);

/* Makes @dir and its missing parents, mode 0755. */
int places_make_dir(const char *dir, struct err *e);

#endif
