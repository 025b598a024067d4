/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What setup, enforce and confirm change on a system: diglim.conf(5), and what diglim-init reads.
 */
#ifndef DIGLIM_COMMON_SETUP_H
#define DIGLIM_COMMON_SETUP_H

#include "common-undo.h"
#include "cli.h"

#define SETUP_COMMAND_MAX 512

/* Is @path (below the root, without it) there? */
bool setup_is_there(const struct cli *c, const char *path);

/* Another verb of this very program, on the same system. Its exit status, 0 or 1, or negative. */
int setup_run_verb(const struct cli *c, const char *words, struct err *e);

/* The command that makes every initramfs anew; NULL: there is no such program. */
const char *setup_initramfs(const struct cli *c);

/* Runs it. An error, too, if no initramfs has taken what diglim-init needs. */
int setup_make_initramfs(const struct cli *c, const char *command, struct err *e);

/* What diglim-init reads, made anew: initramfs, and the copy on the root if there is one. */
int setup_refresh(const struct cli *c, struct err *e);

/* One key of diglim.conf(5). What setup would undo is noted if it was here. */
int setup_conf(const struct cli *c, const char *section, const char *key, const char *value,
	       struct err *e);

#endif
