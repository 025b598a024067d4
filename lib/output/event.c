/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "json.h"
#include "names.h"
#include "text.h"
#include "../base/err.h"

static const struct {
	uint32_t type;
	const char *name;
} types[] = {
	{DIGLIM_EVENT_REFUSED, "refused"},
	{DIGLIM_EVENT_WOULD_REFUSE, "would-refuse"},
	{DIGLIM_EVENT_LIST_ADDED, "list-added"},
	{DIGLIM_EVENT_LIST_REMOVED, "list-removed"},
	{DIGLIM_EVENT_LIST_REJECTED, "list-rejected"},
	{DIGLIM_EVENT_MODE, "mode"},
	{DIGLIM_EVENT_SEAL, "seal"},
	{DIGLIM_EVENT_CONTROL, "control"},
};

#define TYPES (sizeof(types) / sizeof(*types))

static const char *type_name(uint32_t type)
{
	for (size_t i = 0; i < TYPES; i++)
		if (types[i].type == type)
			return types[i].name;
	return "unknown";
}

static void put_time(struct jsonw *j, uint64_t boot_ns, const struct event_clock *clock)
{
	uint64_t wall = clock->real_ns - clock->boot_ns + boot_ns;
	char text[TEXT_TIME_MAX];

	text_time(text, (int64_t)(wall / 1000000000), (int)(wall % 1000000000 / 1000));
	jsonw_str(j, "time", text);
	jsonw_num(j, "time_us", wall / 1000);
	jsonw_num(j, "session", clock->session);
}

/* A field of fixed size that need not be terminated. */
static void put_fixed(struct jsonw *j, const char *key, const char *text, size_t size)
{
	char copy[DIGLIM_PATH_LONG + 1];
	size_t len = strnlen(text, size);

	memcpy(copy, text, len);
	copy[len] = '\0';
	jsonw_str(j, key, copy);
}

static void put_path(struct jsonw *j, const struct diglim_event *ev, size_t size)
{
	size_t room = size - sizeof(*ev);
	size_t len = ev->path_len < room ? ev->path_len : room;

	if (len > DIGLIM_PATH_LONG)
		len = DIGLIM_PATH_LONG;
	if (!len)
		return;
	put_fixed(j, ev->path_kind == DIGLIM_PATH_LIST ? "list" : "path", ev->path, len);
	if (ev->path_kind == DIGLIM_PATH_LAST)
		jsonw_bool(j, "path_is_last_component", true);
}

static void put_file(struct jsonw *j, const struct diglim_event *ev)
{
	char use[NAMES_USE_MAX], dev[32];

	jsonw_str(j, "hook", names_hook(ev->hook));
	jsonw_str(j, "use", names_use(use, ev->use));
	jsonw_str(j, "reason", names_reason(ev->reason));
	if (ev->has_digest)
		jsonw_hex(j, ev->has_digest == DIGLIM_DIGEST_VERITY ? "verity" : "digest",
			  ev->digest, sizeof(ev->digest));
	snprintf(dev, sizeof(dev), "%u:%u", ev->dev >> 20, ev->dev & 0xfffff);
	jsonw_str(j, "dev", dev);
	jsonw_num(j, "inode", ev->inode);
	jsonw_num(j, "size", ev->file_size);
	jsonw_num(j, "fs_magic", ev->fs_magic);
}

static void put_list(struct jsonw *j, const struct diglim_event *ev)
{
	if (ev->has_digest)
		jsonw_hex(j, "list_id", ev->digest, DIGLIM_LIST_ID_SIZE);
	if (ev->type == DIGLIM_EVENT_LIST_REJECTED) {
		jsonw_num(j, "error", ev->reason);
		jsonw_str(j, "reason", err_name((int)ev->reason));
		jsonw_num(j, "offset", ev->offset);
	}
	if (ev->type == DIGLIM_EVENT_CONTROL)
		jsonw_num(j, "counter", ev->offset);
}

static void put_mode(struct jsonw *j, const struct diglim_event *ev)
{
	jsonw_str(j, "mode", names_mode(ev->reason));
	if (ev->offset)
		jsonw_num(j, "seconds", ev->offset);
}

static void put_task(struct jsonw *j, const struct diglim_event *ev)
{
	put_fixed(j, "program", ev->comm, sizeof(ev->comm));
	jsonw_num(j, "pid", ev->tgid);
	jsonw_num(j, "thread", ev->pid);
	jsonw_num(j, "ppid", ev->ppid);
	put_fixed(j, "parent", ev->parent_comm, sizeof(ev->parent_comm));
	jsonw_num(j, "uid", ev->uid);
	jsonw_num(j, "gid", ev->gid);
	jsonw_num(j, "euid", ev->euid);
	jsonw_num(j, "cgroup_id", ev->cgroup_id);
}

static char *finish(struct jsonw *j)
{
	char *text = jsonw_text(j, false);

	jsonw_free(j);
	return text;
}

char *event_line(const struct diglim_event *ev, size_t size, const struct event_clock *clock)
{
	struct jsonw *j;

	if (size < sizeof(*ev) || ev->version != DIGLIM_EVENT_VERSION)
		return NULL;
	j = jsonw_new(false);
	if (!j)
		return NULL;
	jsonw_num(j, "seq", ev->seq);
	put_time(j, ev->time_ns, clock);
	jsonw_str(j, "event", type_name(ev->type));
	put_path(j, ev, size);
	if (ev->type == DIGLIM_EVENT_REFUSED || ev->type == DIGLIM_EVENT_WOULD_REFUSE)
		put_file(j, ev);
	else if (ev->type == DIGLIM_EVENT_MODE)
		put_mode(j, ev);
	else
		put_list(j, ev);
	put_task(j, ev);
	return finish(j);
}

char *event_lost_line(uint64_t seq, uint64_t count, const struct event_clock *clock)
{
	struct jsonw *j = jsonw_new(false);

	if (!j)
		return NULL;
	jsonw_num(j, "seq", seq);
	put_time(j, clock->boot_ns, clock);
	jsonw_str(j, "event", "lost");
	jsonw_num(j, "count", count);
	return finish(j);
}

static bool begins_with(const char *text, const char *start)
{
	return text && strncmp(text, start, strlen(start)) == 0;
}

static bool is_event(const struct jsonr *j, const char *name)
{
	const char *type = jsonr_str(j, "event");

	return type && strcmp(type, name) == 0;
}

int event_info(const char *line, size_t len, struct event_info *ret)
{
	struct jsonr *j = jsonr_parse(line, len);

	if (!j || !jsonr_str(j, "event")) {
		jsonr_free(j);
		return -EINVAL;
	}
	*ret = (struct event_info){
		.seq = jsonr_num(j, "seq"),
		.session = jsonr_num(j, "session"),
		.time_us = (int64_t)jsonr_num(j, "time_us"),
		.refused = is_event(j, "refused") || is_event(j, "would-refuse"),
		.list = begins_with(jsonr_str(j, "event"), "list-"),
		.lost = is_event(j, "lost"),
	};
	jsonr_free(j);
	return 0;
}

static const char *or_unknown(const char *text)
{
	return text && *text ? text : "?";
}

static void local_time(const struct jsonr *j, char ret[32])
{
	time_t t = (time_t)(jsonr_num(j, "time_us") / 1000000);
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(ret, 32, "%m-%d %H:%M:%S", &tm))
		snprintf(ret, 32, "?");
}

/* What the explain hint is given: the path if it is whole, else the digest. */
static const char *explainable(const struct jsonr *j)
{
	const char *path = jsonr_str(j, "path");

	if (path && *path == '/' && !jsonr_has(j, "path_bytes"))
		return path;
	return jsonr_str(j, "digest");
}

static void show_refusal(struct out *o, const struct jsonr *j, const char *when)
{
	bool refused = is_event(j, "refused");
	const char *path = jsonr_str(j, "path"), *act = explainable(j);
	int hook = names_hook_parse(or_unknown(jsonr_str(j, "hook")));
	int reason = names_reason_parse(or_unknown(jsonr_str(j, "reason")));
	char *word = act ? text_shell_word(act) : NULL;

	out_line(o, refused ? OUT_BAD : OUT_WARN, refused ? "REFUSED" : "would refuse",
		 "%s  %s %s%s%s  by %s (pid %llu, uid %llu, parent %s)", when,
		 hook < 0 ? "use" : names_hook_act((uint32_t)hook),
		 jsonr_bool(j, "path_is_last_component") ? ".../" : "", path ? path : "inode ",
		 path ? "" : or_unknown(jsonr_str(j, "dev")), or_unknown(jsonr_str(j, "program")),
		 (unsigned long long)jsonr_num(j, "pid"), (unsigned long long)jsonr_num(j, "uid"),
		 or_unknown(jsonr_str(j, "parent")));
	out_line(o, OUT_PLAIN, NULL, "    why: %s",
		 reason < 0 ? or_unknown(jsonr_str(j, "reason"))
			    : names_reason_text((uint32_t)reason));
	if (reason >= 0 && word && *names_reason_remedy((uint32_t)reason))
		out_line(o, OUT_DIM, NULL, "    what would allow it: diglim explain %s", word);
	free(word);
}

static void show_list_event(struct out *o, const struct jsonr *j, const char *when)
{
	const char *type = jsonr_str(j, "event");
	bool rejected = is_event(j, "list-rejected");

	out_line(o, rejected ? OUT_BAD : OUT_GOOD, rejected ? "REJECTED" : type,
		 "%s  list %s  by %s (pid %llu, uid %llu)", when, or_unknown(jsonr_str(j, "list")),
		 or_unknown(jsonr_str(j, "program")), (unsigned long long)jsonr_num(j, "pid"),
		 (unsigned long long)jsonr_num(j, "uid"));
	if (!rejected)
		return;
	if (jsonr_num(j, "offset"))
		out_line(o, OUT_PLAIN, NULL, "    why: %s (byte %llu)",
			 or_unknown(jsonr_str(j, "reason")),
			 (unsigned long long)jsonr_num(j, "offset"));
	else
		out_line(o, OUT_PLAIN, NULL, "    why: %s", or_unknown(jsonr_str(j, "reason")));
}

static void show_mode(struct out *o, const struct jsonr *j, const char *when)
{
	char span[TEXT_SPAN_MAX];
	uint64_t seconds = jsonr_num(j, "seconds");

	out_line(o, OUT_WARN, "mode", "%s  %s%s%s  by %s (pid %llu, uid %llu)", when,
		 or_unknown(jsonr_str(j, "mode")), seconds ? " for " : "",
		 seconds ? text_span(span, seconds) : "", or_unknown(jsonr_str(j, "program")),
		 (unsigned long long)jsonr_num(j, "pid"), (unsigned long long)jsonr_num(j, "uid"));
}

int event_show(struct out *o, const char *line, size_t len)
{
	struct jsonr *j = jsonr_parse(line, len);
	char when[32];

	if (!j || !jsonr_str(j, "event")) {
		jsonr_free(j);
		return -EINVAL;
	}
	local_time(j, when);
	if (is_event(j, "refused") || is_event(j, "would-refuse"))
		show_refusal(o, j, when);
	else if (is_event(j, "lost"))
		out_line(o, OUT_BAD, "LOST", "%s  %llu events up to number %llu: not read in time",
			 when, (unsigned long long)jsonr_num(j, "count"),
			 (unsigned long long)jsonr_num(j, "seq"));
	else if (is_event(j, "mode"))
		show_mode(o, j, when);
	else
		show_list_event(o, j, when);
	jsonr_free(j);
	return 0;
}
