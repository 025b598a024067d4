/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eventfields.h"
#include "json.h"
#include "names.h"
#include "../base/text.h"

#define PREFIX "DIGLIM_"

/* Members of a line (output/event.c), and what a log calls them. */
static const struct {
	const char *key, *name;
	bool number;
} members[] = {
	{"event", "EVENT", false},
	{"seq", "SEQ", true},
	{"session", "SESSION", true},
	{"time_us", "TIME_US", true},
	{"path", "PATH", false},
	{"path_bytes", "PATH_BYTES", false},
	{"list", "LIST", false},
	{"list_id", "LIST_ID", false},
	{"hook", "HOOK", false},
	{"use", "USE", false},
	{"reason", "REASON", false},
	{"digest", "DIGEST", false},
	{"dev", "DEV", false},
	{"inode", "INODE", true},
	{"size", "SIZE", true},
	{"fs_magic", "FS_MAGIC", true},
	{"error", "ERROR", true},
	{"offset", "OFFSET", true},
	{"counter", "COUNTER", true},
	{"count", "COUNT", true},
	{"mode", "MODE", false},
	{"seconds", "SECONDS", true},
	{"program", "PROGRAM", false},
	{"pid", "PID", true},
	{"thread", "THREAD", true},
	{"ppid", "PPID", true},
	{"parent", "PARENT", false},
	{"uid", "UID", true},
	{"gid", "GID", true},
	{"euid", "EUID", true},
	{"cgroup_id", "CGROUP_ID", true},
};

#define MEMBERS (sizeof(members) / sizeof(*members))
_Static_assert(MEMBERS <= EVENT_FIELDS_MAX, "room for all");

static int add(struct event_fields *f, const struct jsonr *j, size_t i)
{
	const char *text = members[i].number ? NULL : jsonr_str(j, members[i].key);
	char *field = NULL;
	int n;

	if (members[i].number && jsonr_has(j, members[i].key))
		n = asprintf(&field, PREFIX "%s=%llu", members[i].name,
			     (unsigned long long)jsonr_num(j, members[i].key));
	else if (text)
		n = asprintf(&field, PREFIX "%s=%s", members[i].name, text);
	else
		return 0;
	if (n < 0)
		return -ENOMEM;
	f->field[f->n++] = field;
	return 0;
}

const char *event_field(const struct event_fields *f, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < f->n; i++) {
		const char *at = f->field[i] + strlen(PREFIX);

		if (!strncmp(at, name, len) && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

static const char *or_unknown(const char *text)
{
	return text && *text ? text : "?";
}

static void say_refusal(const struct event_fields *f, char *to, size_t size)
{
	bool only = !strcmp(event_field(f, "EVENT"), "would-refuse");
	const char *path = event_field(f, "PATH"), *why = event_field(f, "REASON");
	int hook = names_hook_parse(or_unknown(event_field(f, "HOOK")));
	int reason = names_reason_parse(or_unknown(why));

	snprintf(to, size, "%s to %s %s%s by %s (pid %s, uid %s): %s",
		 only ? "would refuse" : "refused",
		 hook < 0 ? "use" : names_hook_act((uint32_t)hook), path ? "" : "inode ",
		 path ? path : or_unknown(event_field(f, "INODE")),
		 or_unknown(event_field(f, "PROGRAM")), or_unknown(event_field(f, "PID")),
		 or_unknown(event_field(f, "UID")),
		 reason < 0 ? or_unknown(why) : names_reason_text((uint32_t)reason));
}

static void say(const struct event_fields *f, char *to, size_t size)
{
	const char *event = event_field(f, "EVENT"), *list = event_field(f, "LIST");
	const char *why = event_field(f, "REASON"), *span = event_field(f, "SECONDS");

	if (f->refused)
		say_refusal(f, to, size);
	else if (!strcmp(event, "lost"))
		snprintf(to, size, "%s events up to number %s were lost",
			 or_unknown(event_field(f, "COUNT")), or_unknown(event_field(f, "SEQ")));
	else if (!strcmp(event, "mode"))
		snprintf(to, size, "mode %s%s%s%s by %s (pid %s, uid %s)",
			 or_unknown(event_field(f, "MODE")), span ? " for " : "", span ? span : "",
			 span ? " s" : "", or_unknown(event_field(f, "PROGRAM")),
			 or_unknown(event_field(f, "PID")), or_unknown(event_field(f, "UID")));
	else
		snprintf(to, size, "%s%s%s by %s (pid %s, uid %s)%s%s", event, list ? " " : "",
			 list ? list : "", or_unknown(event_field(f, "PROGRAM")),
			 or_unknown(event_field(f, "PID")), or_unknown(event_field(f, "UID")),
			 why ? ": " : "", why ? why : "");
}

static int priority(const struct event_fields *f)
{
	static const struct {
		const char *event;
		int priority;
	} known[] = {
		{"lost", 3}, {"refused", 4}, {"list-rejected", 4}, {"would-refuse", 5},
		{"mode", 5}, {"seal", 5},    {"control", 5},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(event_field(f, "EVENT"), known[i].event))
			return known[i].priority;
	return 6;
}

int event_fields(const char *line, size_t len, struct event_fields *ret)
{
	struct jsonr *j = jsonr_parse(line, len);
	char raw[EVENT_SAID_MAX];
	const char *event;
	int r = j && jsonr_str(j, "event") ? 0 : -EINVAL;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; !r && i < MEMBERS; i++)
		r = add(ret, j, i);
	jsonr_free(j);
	if (r) {
		event_fields_done(ret);
		return r;
	}
	event = event_field(ret, "EVENT");
	ret->refused = !strcmp(event, "refused") || !strcmp(event, "would-refuse");
	ret->priority = priority(ret);
	say(ret, raw, sizeof(raw));
	text_escape(ret->said, sizeof(ret->said), raw, strlen(raw));
	return 0;
}

void event_fields_done(struct event_fields *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->field[i]);
	f->n = 0;
}
