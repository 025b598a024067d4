/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootrecord.h"
#include "config.h"
#include "../base/buf.h"
#include "../base/io.h"

#define RECORD_MAX 4096 /* bytes of the file */

static const char *const outcomes[BOOT_OUTCOMES] = {
	[BOOT_NONE] = "none",	  [BOOT_AS_ASKED] = "as-asked", [BOOT_INCOMPLETE] = "incomplete",
	[BOOT_WEAKER] = "weaker", [BOOT_OFF] = "off",		[BOOT_FAILED] = "failed",
};

/* All numbers, so that none is written and not read. */
static const struct {
	const char *name;
	size_t at;
} numbers[] = {
	{"keys", offsetof(struct boot_record, keys)},
	{"keys-refused", offsetof(struct boot_record, keys_refused)},
	{"lists", offsetof(struct boot_record, lists)},
	{"lists-refused", offsetof(struct boot_record, lists_refused)},
	{"digests", offsetof(struct boot_record, digests)},
	{"bytes", offsetof(struct boot_record, bytes)},
	{"read-us", offsetof(struct boot_record, read_us)},
	{"attach-us", offsetof(struct boot_record, attach_us)},
	{"feed-us", offsetof(struct boot_record, feed_us)},
	{"total-us", offsetof(struct boot_record, total_us)},
};

#define NUMBERS (sizeof(numbers) / sizeof(*numbers))

const char *boot_outcome_name(enum boot_outcome o)
{
	return (unsigned)o < BOOT_OUTCOMES ? outcomes[o] : "?";
}

bool boot_is_good(enum boot_outcome o)
{
	return o == BOOT_AS_ASKED;
}

static uint64_t *number(struct boot_record *b, size_t i)
{
	return (uint64_t *)((char *)b + numbers[i].at);
}

int boot_record_write(const char *path, const struct boot_record *b, struct err *e)
{
	static const char *const modes[] = {"off", "audit", "enforce"};
	struct boot_record copy = *b;
	char text[RECORD_MAX];
	struct io_part part = {text, 0};
	int n;

	n = snprintf(text, sizeof(text),
		     "outcome = %s\nmode = %s\nsealed = %s\nstage = %s\nwhy = %s\n%s%s%s",
		     boot_outcome_name(b->outcome), modes[b->mode % 3], b->sealed ? "yes" : "no",
		     b->stage, b->why, *b->trouble ? "trouble = " : "", b->trouble,
		     *b->trouble ? "\n" : "");
	/* The texts take less than half. */
	for (size_t i = 0; i < NUMBERS; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s = %llu\n", numbers[i].name,
			      (unsigned long long)*number(&copy, i));
	part.len = (size_t)n;
	return io_write_atomic(path, &part, 1, 0644, e);
}

static void take_outcome(struct boot_record *b, const char *value)
{
	/* Not understood is not good. */
	b->outcome = BOOT_FAILED;
	for (size_t i = 0; i < BOOT_OUTCOMES; i++)
		if (strcmp(value, outcomes[i]) == 0)
			b->outcome = (enum boot_outcome)i;
}

static void take(struct boot_record *b, const char *name, const char *value)
{
	if (strcmp(name, "outcome") == 0)
		take_outcome(b, value);
	else if (strcmp(name, "mode") == 0)
		(void)config_mode_parse(value, &b->mode);
	else if (strcmp(name, "sealed") == 0)
		b->sealed = strcmp(value, "yes") == 0;
	else if (strcmp(name, "stage") == 0)
		snprintf(b->stage, sizeof(b->stage), "%s", value);
	else if (strcmp(name, "why") == 0)
		snprintf(b->why, sizeof(b->why), "%s", value);
	else if (strcmp(name, "trouble") == 0)
		snprintf(b->trouble, sizeof(b->trouble), "%s", value);
	for (size_t i = 0; i < NUMBERS; i++)
		if (strcmp(name, numbers[i].name) == 0)
			*number(b, i) = strtoull(value, NULL, 10);
}

static void take_line(struct boot_record *b, char *line)
{
	char *value = strstr(line, " = ");

	if (!value)
		return;
	*value = '\0';
	take(b, line, value + 3);
}

int boot_record_read(const char *path, struct boot_record *b, struct err *e)
{
	struct buf text = BUF_INIT;
	char *line, *rest;
	int r;

	memset(b, 0, sizeof(*b));
	r = io_read_file(path, RECORD_MAX, &text, e);
	if (r == -ENOENT)
		return 0;
	if (!r && !buf_reserve(&text, 1))
		r = err_set(e, -ENOMEM, "%s: no memory", path);
	if (r)
		return r;
	text.data[text.len - 1] = '\0';
	for (line = strtok_r((char *)text.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		take_line(b, line);
	/* A file without an outcome is one that somebody broke. */
	if (b->outcome == BOOT_NONE)
		b->outcome = BOOT_FAILED;
	buf_free(&text);
	return 0;
}
