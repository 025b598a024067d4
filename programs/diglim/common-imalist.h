/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IMA's list, explained with the lists and keys of the system. */
#ifndef DIGLIM_COMMON_IMALIST_H
#define DIGLIM_COMMON_IMALIST_H

#include "cli.h"
#include "../../lib/attest/imalist.h"

struct imalist_show {
	struct cli *c;
	struct keys keys;
	struct lists lists;
	bool bad;		     /* a violation, or a file that no list holds */
	struct lists_query *queries; /* of the list being shown, one an entry */
	size_t n, room;
};

int imalist_show_open(struct imalist_show *s, struct cli *c, struct err *e);
void imalist_show_done(struct imalist_show *s);

/* Entries, and what they replay to, as members of the open object. */
int imalist_show(struct imalist_show *s, const void *data, size_t len, struct err *e);

#endif
