/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What systemd units and crontabs would start. Words only: whether one names a file that there is,
 * and whether it could be run, the caller finds out.
 */
#ifndef DIGLIM_FORMAT_EXECLINES_H
#define DIGLIM_FORMAT_EXECLINES_H

#include <stdbool.h>
#include <stddef.h>

#include "../../abi/limits.h"

#define EXECLINES_MAX (4U << 20) /* largest file that is looked into */

struct execlines_word {
	const char *key; /* "ExecStart" …; NULL in a crontab */
	const char *word;
	bool first;	/* the program of a unit's command */
	bool specifier; /* has a % that systemd would replace */
	size_t line;
};

/*
 * Calls @fn for the words of all Exec lines, until it returns non-zero, which is then returned. Of
 * words too long for a path nothing is told. Never fails otherwise: what is no unit has no Exec
 * lines.
 */
typedef int (*execlines_fn)(const struct execlines_word *w, void *arg);
int execlines_unit(const char *data, size_t len, execlines_fn fn, void *arg);

/* The words of all lines that are neither comments nor assignments. */
int execlines_cron(const char *data, size_t len, execlines_fn fn, void *arg);

#endif
