/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How list files are shown. */
#ifndef DIGLIM_COMMON_LIST_H
#define DIGLIM_COMMON_LIST_H

#include "cli.h"

/* Name, format, identity, time, signer and verdict, as members of the open object. */
void list_show(struct out *o, const struct lists_info *info);

/* Where the digests of an owner's list come from, if its name says so. */
void list_show_provenance(struct out *o, const struct lists_info *info);

/*
 * Is it an RPM package, by its first bytes or by its name? 1 yes, 0 no (any other regular file);
 * negative with @e set for what is no regular file.
 */
int list_is_package(const char *path, struct err *e);

/* Is it a Debian package, by its first bytes or by its name? */
bool list_is_deb(const char *path);

/*
 * What somebody who names this file to import probably wants instead of its own digest: an archive
 * or an image, by its first bytes or its name. NULL: neither.
 */
const char *list_other_source(int fd, const char *path);

/* One entry: an element of the open array, or a line. */
void list_show_entry(struct out *o, const struct payload_entry *entry);

#endif
