/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading what the kernel side keeps: by read(2) of its pins, without any descriptor of a map. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* No pin gives more: a log of 1 GiB is the largest of them. */
#define READ_MAX ((size_t)3 << 29)
#define READ_MIN ((size_t)1 << 16)

/* How often the lists are read again because one came or went meanwhile. */
#define LISTS_TRIES 8

/* All that @fd gives, in new memory. */
static int read_all(int fd, uint8_t **ret, size_t *len)
{
	size_t size = 0;
	uint8_t *buf = NULL, *more;
	ssize_t n = 1;

	*len = 0;
	while (n) {
		if (size - *len < READ_MIN) {
			size = size ? size * 2 : READ_MIN * 2;
			more = size <= READ_MAX ? realloc(buf, size) : NULL;
			if (!more) {
				free(buf);
				return -ENOMEM;
			}
			buf = more;
		}
		n = read(fd, buf + *len, size - *len);
		/* EAGAIN: a million slots of the map gave nothing. */
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			n = -errno;
			free(buf);
			return (int)n;
		}
		*len += n > 0 ? (size_t)n : 0;
	}
	*ret = buf;
	return 0;
}

int engine_read_pin(const char *name, uint8_t **ret, size_t *len, struct err *e)
{
	char path[ENGINE_PATH_MAX];
	struct stat st;
	int fd, r;

	engine_pin_path(path, "read", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	r = fd < 0 || fstat(fd, &st) ? -errno : 0;
	if (!r)
		r = S_ISREG(st.st_mode) ? read_all(fd, ret, len) : -EINVAL;
	if (fd >= 0)
		close(fd);
	return r ? err_set(e, r, "%s: %s", path, strerror(-r)) : 0;
}

int engine_state_read(struct diglim_read_state *ret, struct err *e)
{
	struct records all = {0};
	struct record rec;
	uint8_t *data;
	int r = engine_read_pin(ENGINE_READ_STATE, &data, &all.len, e);

	if (r)
		return r;
	all.data = data;
	r = records_next(&all, DIGLIM_READ_STATE, &rec, e);
	if (!r)
		r = err_set(e, -EBADMSG, "the kernel side gives no state");
	if (r > 0)
		r = record_state(&rec, ret, e);
	free(data);
	return r;
}

int engine_status_get(struct engine *g, struct engine_status *ret, struct err *e)
{
	struct diglim_read_state s;
	int r = engine_state_read(&s, e);

	(void)g;
	memset(ret, 0, sizeof(*ret));
	if (r)
		return r;
	ret->control = s.control;
	ret->state = s.status;
	ret->gate = s.gate;
	memcpy(ret->counters, s.counters, sizeof(ret->counters));
	ret->store_slots = s.limits.store_slots;
	ret->store_limit = s.limits.store_limit;
	ret->max_lists = s.limits.lists;
	ret->ingest_buffer = s.limits.ingest_buffer - DIGLIM_SIG_MAX;
	ret->event_slots = s.limits.events;
	ret->now_ns = engine_boottime_ns();
	ret->mode = s.control.mode;
	if (s.control.window_end && ret->now_ns < s.control.window_end)
		ret->mode = s.control.window_mode;
	ret->memory = s.status.memory;
	ret->store_memory = s.status.store_memory;
	return 0;
}

/* The lists while none of them came or went, as far as that can be had. */
static int read_lists(uint8_t **ret, size_t *len, struct err *e)
{
	struct diglim_read_state before, after;
	int r = engine_state_read(&before, e);

	for (int i = 0; !r; i++) {
		r = engine_read_pin(ENGINE_READ_LISTS, ret, len, e);
		if (r)
			return r;
		r = engine_state_read(&after, e);
		if (!r && (after.status.generation == before.status.generation || i == LISTS_TRIES))
			return 0;
		free(*ret);
		before = after;
	}
	return r;
}

int engine_lists(struct engine *g, engine_list_fn fn, void *arg, struct err *e)
{
	struct records all = {0};
	struct diglim_read_list l;
	struct record rec;
	uint8_t *data;
	int r = read_lists(&data, &all.len, e);

	(void)g;
	if (r)
		return r;
	all.data = data;
	while ((r = records_next(&all, DIGLIM_READ_LIST, &rec, e)) > 0) {
		r = record_list(&rec, &l, e);
		if (!r)
			r = fn(l.id, &l.record, arg);
		if (r)
			break;
	}
	free(data);
	return r;
}

struct wanted {
	const uint8_t *id;
	struct diglim_list_record *ret;
};

static int take_wanted(const uint8_t id[DIGLIM_LIST_ID_SIZE], const struct diglim_list_record *rec,
		       void *arg)
{
	struct wanted *w = arg;

	if (memcmp(id, w->id, DIGLIM_LIST_ID_SIZE))
		return 0;
	*w->ret = *rec;
	return 1;
}

int engine_list_get(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE],
		    struct diglim_list_record *ret, struct err *e)
{
	struct wanted w = {id, ret};

	return engine_lists(g, take_wanted, &w, e);
}
