/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maintainer scripts that dpkg keeps, and their list: dpkg knows no digest of them. */
#ifndef DIGLIM_COMMON_DEBSCRIPTS_H
#define DIGLIM_COMMON_DEBSCRIPTS_H

#include "common-sources.h"

#define DEBSCRIPTS_FILE "tlv-dpkg-scripts" /* in the directory of generated lists */

/* Hashes all that are in dpkg's directory, whoever put them there. */
int debscripts_read(const struct cli *cli, struct contents *c, struct err *e);

/* Is the list there, with just these? Its signature is not looked at. */
bool debscripts_is_listed(const struct maker *m, const struct contents *c);

/* Makes the list, unless it is there as it is or would be empty. */
int debscripts_list(struct maker *m, const struct contents *c, struct err *e);

#endif
