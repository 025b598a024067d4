/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys that a configuration may have. For config.c alone. */
#ifndef DIGLIM_POLICY_CONFIGKEYS_H
#define DIGLIM_POLICY_CONFIGKEYS_H

#include "config.h"

#define CONFIG_KEYS_MAX 32

/* One key of the file: how to take its value. Returns NULL or what a right value looks like. */
struct config_key {
	const char *section;
	const char *name;
	const char *(*set)(struct config *c, const char *value);
};

extern const struct config_key config_keys[];
extern const size_t config_keys_n;

#endif
