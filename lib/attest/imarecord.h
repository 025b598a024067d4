/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log register: each record of the seal register as a file of its own, which IMA measures
 * because of its group when it is read for the first time. diglim-measure(5) has IMA's rules.
 *
 * Files are written aside and renamed: one that is written while it is read would be a violation,
 * which verifiers refuse. None is ever changed, and each has a name of its own, so that IMA, which
 * measures the same path with the same content only once, misses none.
 */
#ifndef DIGLIM_ATTEST_IMARECORD_H
#define DIGLIM_ATTEST_IMARECORD_H

#include <sys/types.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "statement.h"

#define IMARECORD_DIR	   "measured" /* in PLACES_RUN */
#define IMARECORD_SETTINGS "settings" /* the only name that gets new content */
#define IMARECORD_LIST	   "/sys/kernel/security/ima/binary_runtime_measurements"

/* Nobody's: systemd's UIDs, Users and Groups leaves 1879048192 to 2147483647 unused. */
#define IMARECORD_GROUP 2098594048U

struct imarecord_config {
	const char *run;  /* PLACES_RUN */
	const char *list; /* IMA's list, in which each file must turn up */
	gid_t group;
};

struct imarecord;

/* -ENOENT and others if there is no IMA list to look into. */
int imarecord_open(const struct imarecord_config *cfg, struct imarecord **ret, struct err *e);
struct imarecord *imarecord_close(struct imarecord *r);

/*
 * Has the next record measured: @text is that of a statement. What an earlier process has had
 * measured in this boot is not measured again. -ENODATA if IMA has no rule for it; after a failure
 * every later call fails, too.
 */
int imarecord_put(struct imarecord *r, const char *text, struct err *e);

/* The name in IMARECORD_DIR of the record of this number, from 1 on. */
#define IMARECORD_NAME_MAX 40
void imarecord_name(size_t number, enum statement_kind kind, char ret[IMARECORD_NAME_MAX]);

/*
 * What IMARECORD_SETTINGS holds for a state, appended to @ret: all of it but keys and lists. So it
 * only changes with DIGLIM and its configuration, and a verifier can name its digest.
 */
int imarecord_settings(const struct statement *state, struct buf *ret, struct err *e);

#endif
