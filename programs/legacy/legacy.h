/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Front ends for the commands of earlier generations. Each returns an exit status. */
#ifndef DIGLIM_LEGACY_H
#define DIGLIM_LEGACY_H

enum { LEGACY_DONE = 0, LEGACY_NO = 1, LEGACY_TROUBLE = 2 };

int legacy_compact_gen(int argc, char **argv);
int legacy_rpm_gen(int argc, char **argv);

/*
 * Runs diglim ($DIGLIM, /usr/sbin/diglim) with these arguments, ended by NULL, and waits. Its exit
 * status; LEGACY_TROUBLE if it could not be run.
 */
int legacy_diglim(const char *const *argv);

/* One line on standard error. LEGACY_TROUBLE. */
int legacy_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
