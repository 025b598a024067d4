/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Debian package file: what it would put on the system. */
#ifndef DIGLIM_PKGDB_DEB_H
#define DIGLIM_PKGDB_DEB_H

#include <stdbool.h>

#include "contents.h"

#define DEB_FIELD_MAX 256

struct deb {
	char name[DEB_FIELD_MAX];
	char version[DEB_FIELD_MAX];
	char arch[DEB_FIELD_MAX];
	bool multiarch_same; /* its scripts carry the architecture in their names */
	/* Files by their paths; maintainer scripts as dpkg keeps them, below /var/lib/dpkg/info. */
	struct contents files;
	struct contents conffiles; /* paths only: what an administrator may change */
};

/* By the first bytes of a file. */
bool deb_recognise(const void *head, size_t len);

/*
 * Reads the package at @fd. -EBADMSG with the reason if it is damaged or says what a package may
 * not say; @name is for messages.
 */
int deb_read(int fd, const char *name, struct deb *ret, struct err *e);
void deb_done(struct deb *d);

/* "NAME_VERSION_ARCH"; the name of the file that its list has, as tlv-…, is the same. */
void deb_list_name(char ret[DIGLIM_NAME_MAX], const char *name, const char *version,
		   const char *arch);

#endif
