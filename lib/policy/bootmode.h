/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who decides about the mode of a boot: the kernel argument, the configuration, or a trial. */
#ifndef DIGLIM_POLICY_BOOTMODE_H
#define DIGLIM_POLICY_BOOTMODE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../abi/state.h"

#define BOOT_ARGUMENT_MAX 32
#define BOOT_WHY_MAX	  200

/* What is asked for. */
struct boot_ask {
	const char *argument; /* value of the kernel argument diglim=; NULL: there is none */
	enum diglim_mode configured;
	bool config_broken; /* then ->configured is the default */
	bool seal;	    /* by configuration */
	uint32_t trial_s;   /* left of an enforce that waits to be confirmed, seconds; 0: none */
	bool trial_over;    /* there was one, and nobody confirmed it in time */
};

enum boot_source {
	BOOT_BY_CONFIG = 0,
	BOOT_BY_ARGUMENT,
	BOOT_BY_TRIAL,
};

/* What becomes of it. */
struct boot_choice {
	enum diglim_mode mode;
	enum boot_source source;
	uint32_t window_s; /* the mode lasts so long, then it is audit again; 0: it stays */
	bool seal;
	bool argument_wrong; /* it is none of the modes, and was passed over */
	char why[BOOT_WHY_MAX];
};

/*
 * The argument wins, so that a machine can always be rescued by diglim=off, and what it says is in
 * the measured command line. A trial can only make the mode stricter: it lies on the root file
 * system, which an attacker of the boot before may have written. Only enforce is sealed, and no
 * trial is.
 */
void boot_choose(const struct boot_ask *ask, struct boot_choice *ret);

/*
 * The value of the last @name= on a kernel command line, in @ret, which is returned; NULL if there
 * is none. What stands behind " -- " is for the first program. A value that is too long is cut.
 */
const char *boot_argument(const char *cmdline, const char *name, char ret[BOOT_ARGUMENT_MAX]);

#endif
