/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening what is attached, and talking to it. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

/* Longest wait for a request slot or the writer's lock. */
#define BUSY_TRIES    2000
#define BUSY_SLEEP_NS 1000000

const char *const engine_map_names[ENGINE_MAP_MAX] = {
	[ENGINE_MAP_CONTROL] = "control",
	[ENGINE_MAP_STATUS] = "status",
	[ENGINE_MAP_COUNTERS] = "counters",
	[ENGINE_MAP_EVENTS] = "events",
	[ENGINE_MAP_STORE] = "store",
	[ENGINE_MAP_LINKS] = "links",
	[ENGINE_MAP_CHUNKS] = "chunks",
	[ENGINE_MAP_LISTS] = "lists",
	[ENGINE_MAP_BUFFERS] = "ingest_buffers",
};

const char *engine_pin_path(char buf[ENGINE_PATH_MAX], const char *kind, const char *name)
{
	snprintf(buf, ENGINE_PATH_MAX, "%s/%s%s%s", ENGINE_PIN_DIR, kind, *name ? "/" : "", name);
	return buf;
}

uint64_t engine_boottime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

int engine_request(const struct diglim_request *rq)
{
	struct diglim_request copy = *rq;

	if (syscall(SYS_bpf, DIGLIM_BPF_CMD, &copy, sizeof(copy)) == 0)
		return -EINVAL;
	return errno == DIGLIM_DONE ? 0 : -errno;
}

/* Retries while somebody else holds what the request needs. */
static int request_patiently(const struct diglim_request *rq)
{
	const struct timespec nap = {.tv_nsec = BUSY_SLEEP_NS};
	int r = -DIGLIM_E_BUSY;

	for (int i = 0; i < BUSY_TRIES && r == -DIGLIM_E_BUSY; i++) {
		if (i)
			nanosleep(&nap, NULL);
		r = engine_request(rq);
	}
	return r;
}

/* EINVAL is the kernel's own answer to a command it does not know: nobody is attached. */
static int request_failed(struct err *e, int r)
{
	if (r == -EINVAL)
		return err_set(e, -ENOTCONN, "the kernel side does not answer: not attached");
	if (r == -EPERM)
		return err_set(e, r,
			       "the kernel refuses the request: CAP_SYS_ADMIN in the initial "
			       "user namespace is needed");
	return err_set(e, r, "%s", err_name(r));
}

int engine_is_attached(struct err *e)
{
	struct diglim_request rq = {.version = DIGLIM_REQUEST_VERSION, .op = DIGLIM_OP_PING};
	int r = engine_request(&rq);

	if (r == 0)
		return 1;
	if (r == -EINVAL)
		return 0;
	return request_failed(e, r);
}

struct engine *engine_close(struct engine *g)
{
	if (!g)
		return NULL;
	ring_buffer__free(g->ring);
	for (int i = 0; i < ENGINE_MAP_MAX; i++)
		if (g->map[i] >= 0)
			close(g->map[i]);
	free(g);
	return NULL;
}

int engine_open(struct engine **ret, struct err *e)
{
	char path[ENGINE_PATH_MAX];
	struct engine *g;
	int r;

	r = engine_is_attached(e);
	if (r < 0)
		return r;
	if (r == 0)
		return err_set(e, -ENOTCONN, "DIGLIM is not attached; `diglim attach` does it");
	g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(e, -ENOMEM, "out of memory");
	for (int i = 0; i < ENGINE_MAP_MAX; i++)
		g->map[i] = -EBADF;
	for (int i = 0; i < ENGINE_MAP_MAX; i++) {
		engine_pin_path(path, "maps", engine_map_names[i]);
		g->map[i] = bpf_obj_get(path);
		if (g->map[i] < 0) {
			r = err_set(e, -errno, "%s: %s", path, strerror(errno));
			engine_close(g);
			return r;
		}
	}
	*ret = g;
	return 0;
}

int engine_list_add(struct engine *g, const void *payload, size_t payload_len, const void *sig,
		    size_t sig_len, struct err *e)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_ADD,
		.payload = (uintptr_t)payload,
		.sig = (uintptr_t)sig,
		.payload_len = (uint32_t)payload_len,
		.sig_len = (uint32_t)sig_len,
	};
	struct bpf_map_info info = {};
	uint32_t info_len = sizeof(info);
	size_t room;
	int r;

	if (bpf_obj_get_info_by_fd(g->map[ENGINE_MAP_BUFFERS], &info, &info_len))
		return err_set(e, -errno, "ingest buffers: %s", strerror(errno));
	room = info.value_size - DIGLIM_SIG_MAX;
	if (payload_len > room)
		return err_set(
			e, -DIGLIM_E_TOO_LARGE,
			"list of %zu bytes is larger than the ingest buffer of %zu bytes; raise "
			"[ingest] buffer (at most %u) and attach again",
			payload_len, room, DIGLIM_INGEST_MAX);
	if (sig_len > DIGLIM_SIG_MAX)
		return err_set(e, -DIGLIM_E_TOO_LARGE,
			       "signature of %zu bytes, at most %u are taken", sig_len,
			       DIGLIM_SIG_MAX);
	r = request_patiently(&rq);
	if (r == -DIGLIM_E_FULL)
		return err_set(e, r, "digest store full; raise [store] headroom and attach again");
	if (r == -DIGLIM_E_LISTS_FULL)
		return err_set(e, r, "list table full; raise [store] max-lists and attach again");
	return r ? request_failed(e, r) : 0;
}

int engine_list_remove(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE], struct err *e)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_REMOVE,
	};
	int r;

	(void)g;
	memcpy(rq.list_id, id, sizeof(rq.list_id));
	r = request_patiently(&rq);
	return r ? request_failed(e, r) : 0;
}

int engine_mode_set(struct engine *g, enum diglim_mode mode, uint64_t window_s, struct err *e)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_MODE,
		.mode = mode,
		.window_s = (uint32_t)window_s,
	};
	int r;

	(void)g;
	if (window_s > UINT32_MAX)
		return err_set(e, -ERANGE, "a window of more than %u s", UINT32_MAX);
	r = engine_request(&rq);
	return r ? request_failed(e, r) : 0;
}

static int on_sample(void *ctx, void *data, size_t size)
{
	struct engine *g = ctx;
	const struct diglim_event *ev = data;

	if (size < sizeof(*ev) || ev->version != DIGLIM_EVENT_VERSION ||
	    ev->path_len > size - sizeof(*ev))
		return 0;
	return g->event_fn(ev, size, g->event_arg);
}

int engine_events_poll(struct engine *g, int timeout_ms, engine_event_fn fn, void *arg,
		       struct err *e)
{
	int r;

	if (!g->ring)
		g->ring = ring_buffer__new(g->map[ENGINE_MAP_EVENTS], on_sample, g, NULL);
	if (!g->ring)
		return err_set(e, -errno, "event ring: %s", strerror(errno));
	g->event_fn = fn;
	g->event_arg = arg;
	r = ring_buffer__poll(g->ring, timeout_ms);
	if (r == -EINTR)
		return 0;
	return r < 0 ? err_set(e, r, "event ring: %s", strerror(-r)) : r;
}
