/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening what is attached, and talking to it. */
#define _GNU_SOURCE
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

/* The kernel side does not wait for pages that are not in memory. */
static void touch(uint64_t address, uint32_t len)
{
	const volatile uint8_t *p = (const volatile uint8_t *)(uintptr_t)address;
	const long page = sysconf(_SC_PAGESIZE);

	for (uint32_t i = 0; i < len; i += (uint32_t)page)
		(void)p[i];
	if (len)
		(void)p[len - 1];
}

/* Retries while somebody else holds what the request needs, or a page went away again. */
static int request_patiently(const struct diglim_request *rq)
{
	const struct timespec nap = {.tv_nsec = BUSY_SLEEP_NS};
	int r = -DIGLIM_E_BUSY;

	for (int i = 0; i < BUSY_TRIES && (r == -DIGLIM_E_BUSY || r == -EFAULT); i++) {
		if (i)
			nanosleep(&nap, NULL);
		touch(rq->payload, rq->payload_len);
		touch(rq->sig, rq->sig_len);
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
	if (r == -DIGLIM_E_SEALED)
		return engine_say_sealed(e);
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

/* Here and not in seal.c, which needs libbpf: whoever only sends requests does without it. */
int engine_say_sealed(struct err *e)
{
	return err_set(e, -DIGLIM_E_SEALED,
		       "DIGLIM is sealed: an owner's control list, or starting the machine anew, "
		       "is the way out");
}

int engine_refuse_sealed(struct err *e)
{
	return engine_is_sealed(NULL) == 1 ? engine_say_sealed(e) : 0;
}

int engine_is_sealed(struct err *e)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_SEAL,
		.mode = DIGLIM_SEAL_ASK,
	};
	int r = engine_request(&rq);

	if (r == -DIGLIM_E_SEALED)
		return 1;
	return r ? err_set(e, r, "%s", err_name(r)) : 0;
}

struct engine *engine_close(struct engine *g)
{
	free(g);
	return NULL;
}

static int new_engine(struct engine **ret, struct err *e)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : err_set(e, -ENOMEM, "out of memory");
}

int engine_open_reader(struct engine **ret, struct err *e)
{
	struct diglim_read_state s;
	int r = engine_state_read(&s, e);

	if (r == -ENOENT)
		return err_set(e, -ENOTCONN, "DIGLIM is not attached");
	return r ? r : new_engine(ret, e);
}

int engine_open(struct engine **ret, struct err *e)
{
	int r = engine_is_attached(e);

	if (r < 0)
		return r;
	if (r == 0)
		return err_set(e, -ENOTCONN, "DIGLIM is not attached; `diglim attach` does it");
	return new_engine(ret, e);
}

/* Room for a payload. Fixed at attach, hence asked for once. */
static int ingest_room(struct engine *g, uint32_t *ret, struct err *e)
{
	struct diglim_read_state s;
	int r = 0;

	if (!g->ingest_room) {
		r = engine_state_read(&s, e);
		if (r)
			return r;
		g->ingest_room = s.limits.ingest_buffer - DIGLIM_SIG_MAX;
	}
	*ret = g->ingest_room;
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
	uint32_t room;
	int r = ingest_room(g, &room, e);

	if (r)
		return r;
	if (payload_len > room)
		return err_set(
			e, -DIGLIM_E_TOO_LARGE,
			"list of %zu bytes is larger than the ingest buffer of %u bytes; raise "
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

int engine_digest_lookup(struct engine *g, const uint8_t digest[DIGLIM_DIGEST_SIZE], struct err *e)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_LOOKUP,
	};
	int r;

	(void)g;
	memcpy(rq.digest, digest, sizeof(rq.digest));
	r = engine_request(&rq);
	if (r <= -(int)DIGLIM_ANSWER && r >= -(int)(DIGLIM_ANSWER + DIGLIM_ANSWER_MASK))
		return -r - (int)DIGLIM_ANSWER;
	return request_failed(e, r ? r : -DIGLIM_E_INTERNAL);
}
