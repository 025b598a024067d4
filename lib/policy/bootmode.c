/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "bootmode.h"
#include "config.h"

static const char *name_of(enum diglim_mode mode)
{
	static const char *const names[] = {
		[DIGLIM_MODE_OFF] = "off",
		[DIGLIM_MODE_AUDIT] = "audit",
		[DIGLIM_MODE_ENFORCE] = "enforce",
	};

	return mode <= DIGLIM_MODE_ENFORCE ? names[mode] : "?";
}

/* The configuration alone, or with a trial on top. */
static void by_config(const struct boot_ask *ask, struct boot_choice *ret)
{
	ret->mode = ask->configured;
	if (ask->config_broken) {
		snprintf(ret->why, sizeof(ret->why),
			 "the default, for the configuration is broken");
	} else if (ask->trial_s && ask->configured == DIGLIM_MODE_AUDIT) {
		ret->mode = DIGLIM_MODE_ENFORCE;
		ret->source = BOOT_BY_TRIAL;
		ret->window_s = ask->trial_s;
		snprintf(ret->why, sizeof(ret->why),
			 "on trial for %u s, then audit unless it is confirmed", ask->trial_s);
	} else if (ask->trial_over && ask->configured == DIGLIM_MODE_AUDIT) {
		snprintf(ret->why, sizeof(ret->why),
			 "the configuration says so, and the trial of enforce was not confirmed");
	} else {
		snprintf(ret->why, sizeof(ret->why), "the configuration says so");
	}
}

static void by_argument(const struct boot_ask *ask, struct boot_choice *ret)
{
	ret->source = BOOT_BY_ARGUMENT;
	if (ask->config_broken)
		snprintf(ret->why, sizeof(ret->why),
			 "the kernel argument says so; the configuration is broken");
	else if (ret->mode == ask->configured)
		snprintf(ret->why, sizeof(ret->why),
			 "the kernel argument and the configuration say so");
	else
		snprintf(ret->why, sizeof(ret->why),
			 "the kernel argument says so; it wins over %s of the configuration",
			 name_of(ask->configured));
}

void boot_choose(const struct boot_ask *ask, struct boot_choice *ret)
{
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (ask->argument && !config_mode_parse(ask->argument, &ret->mode)) {
		by_argument(ask, ret);
	} else {
		by_config(ask, ret);
		ret->argument_wrong = ask->argument;
	}
	if (ret->argument_wrong) {
		len = strlen(ret->why);
		snprintf(ret->why + len, sizeof(ret->why) - len,
			 "; the kernel argument is none of off, audit, enforce and does not count");
	}
	ret->seal = ask->seal && ret->mode == DIGLIM_MODE_ENFORCE && !ret->window_s;
}

/* The end of the word at @p: blanks inside of double quotes belong to it, as for the kernel. */
static const char *word_end(const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || !strchr(" \t\n", *p)); p++)
		quoted ^= *p == '"';
	return p;
}

const char *boot_argument(const char *cmdline, const char *name, char ret[BOOT_ARGUMENT_MAX])
{
	size_t skip = strlen(name);
	const char *p = cmdline, *end, *found = NULL;
	size_t len = 0;

	for (; *(p += strspn(p, " \t\n")); p = end) {
		end = word_end(p);
		if (end - p == 2 && !memcmp(p, "--", 2))
			break;
		if ((size_t)(end - p) <= skip || memcmp(p, name, skip) != 0 || p[skip] != '=')
			continue;
		found = p + skip + 1;
		len = (size_t)(end - found);
	}
	if (!found)
		return NULL;
	if (len >= BOOT_ARGUMENT_MAX)
		len = BOOT_ARGUMENT_MAX - 1;
	memcpy(ret, found, len);
	ret[len] = '\0';
	return ret;
}
