/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libtss2-tcti-diglim: lets programs that know nothing of policies use keys under one. tpm2-tss
 * loads it for "diglim:…" and talks to it as to a TPM; below it is another TCTI.
 *
 * Each command is carried out as a whole, and under a lock that is shared with processes forked
 * later: they share the descriptor below, too, and with it the keys that were loaded before.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <tss2/tss2_tcti.h>
#include <tss2/tss2_tctildr.h>
#include <tss2/tss2_tpm2_types.h>

#include "inject.h"
#include "wire.h"

#define MAGIC	     0x6469676c696d3132ULL
#define KEYS_DEFAULT "/etc/diglim/attest.d"
#define KEYS_OPTION  "keys="

struct tcti {
	TSS2_TCTI_CONTEXT_COMMON_V2 common;
	TSS2_TCTI_CONTEXT *below;
	pthread_mutex_t *lock; /* in memory that is shared with children */
	struct inject inject;
	char *keys;
	struct buf response;
	bool waiting; /* ->response was not taken yet */
};

/* Loaded by name, with no header that declares them. */
TSS2_RC Tss2_Tcti_Diglim_Init(TSS2_TCTI_CONTEXT *ctx, size_t *size, const char *config);
const TSS2_TCTI_INFO *Tss2_Tcti_Info(void);

static struct tcti *of(TSS2_TCTI_CONTEXT *ctx)
{
	struct tcti *t = (struct tcti *)ctx;

	return t && t->common.v1.magic == MAGIC ? t : NULL;
}

static uint32_t send_below(void *arg, const struct buf *command, struct buf *response)
{
	struct tcti *t = arg;
	size_t size = WIRE_MAX;
	TSS2_RC rc = Tss2_Tcti_Transmit(t->below, command->len, command->data);
	uint8_t *p;

	if (rc)
		return rc;
	response->len = 0;
	p = buf_reserve(response, size);
	if (!p)
		return TSS2_TCTI_RC_MEMORY;
	rc = Tss2_Tcti_Receive(t->below, &size, p, TSS2_TCTI_TIMEOUT_BLOCK);
	response->len = rc ? 0 : size;
	return rc;
}

/* A process that died in between left nothing half done that the next command would not mend. */
static void lock(struct tcti *t)
{
	if (pthread_mutex_lock(t->lock) == EOWNERDEAD)
		pthread_mutex_consistent(t->lock);
}

static TSS2_RC do_transmit(TSS2_TCTI_CONTEXT *ctx, size_t size, const uint8_t *command)
{
	struct tcti *t = of(ctx);
	TSS2_RC rc;

	if (!t || !command)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (t->waiting)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	if (size < 10 || size > WIRE_MAX)
		return TSS2_TCTI_RC_BAD_VALUE;
	lock(t);
	rc = inject_command(&t->inject, command, size, &t->response);
	pthread_mutex_unlock(t->lock);
	t->waiting = !rc;
	return rc;
}

static TSS2_RC do_receive(TSS2_TCTI_CONTEXT *ctx, size_t *size, uint8_t *response, int32_t timeout)
{
	struct tcti *t = of(ctx);

	(void)timeout; /* the response is there already */
	if (!t || !size)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (!t->waiting)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	if (!response) {
		*size = t->response.len;
		return TSS2_RC_SUCCESS;
	}
	if (*size < t->response.len)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	*size = t->response.len;
	memcpy(response, t->response.data, t->response.len);
	t->waiting = false;
	return TSS2_RC_SUCCESS;
}

static void do_finalize(TSS2_TCTI_CONTEXT *ctx)
{
	struct tcti *t = of(ctx);

	if (!t)
		return;
	Tss2_TctiLdr_Finalize(&t->below);
	if (t->lock)
		munmap(t->lock, sizeof(*t->lock));
	buf_free(&t->response);
	free(t->keys);
	t->keys = NULL;
	t->lock = NULL;
	t->common.v1.magic = 0;
}

/* Nothing is ever under way when this could be called. */
static TSS2_RC do_cancel(TSS2_TCTI_CONTEXT *ctx)
{
	return of(ctx) ? TSS2_TCTI_RC_BAD_SEQUENCE : TSS2_TCTI_RC_BAD_REFERENCE;
}

static TSS2_RC do_poll_handles(TSS2_TCTI_CONTEXT *ctx, TSS2_TCTI_POLL_HANDLE *handles, size_t *n)
{
	(void)ctx;
	(void)handles;
	(void)n;
	return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static TSS2_RC do_locality(TSS2_TCTI_CONTEXT *ctx, uint8_t locality)
{
	struct tcti *t = of(ctx);

	return t ? Tss2_Tcti_SetLocality(t->below, locality) : TSS2_TCTI_RC_BAD_REFERENCE;
}

static TSS2_RC do_sticky(TSS2_TCTI_CONTEXT *ctx, TPM2_HANDLE *handle, uint8_t sticky)
{
	struct tcti *t = of(ctx);

	return t ? Tss2_Tcti_MakeSticky(t->below, handle, sticky) : TSS2_TCTI_RC_BAD_REFERENCE;
}

static TSS2_RC make_lock(struct tcti *t)
{
	pthread_mutexattr_t attr;
	void *p = mmap(NULL, sizeof(*t->lock), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		return TSS2_TCTI_RC_MEMORY;
	t->lock = p;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(t->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return TSS2_RC_SUCCESS;
}

/* "keys=PATH,BELOW", each part may be missing. */
static const char *parse(struct tcti *t, const char *config)
{
	const char *end;

	config = config ? config : "";
	if (strncmp(config, KEYS_OPTION, strlen(KEYS_OPTION)) != 0) {
		t->keys = strdup(KEYS_DEFAULT);
	} else {
		config += strlen(KEYS_OPTION);
		end = strchrnul(config, ',');
		t->keys = strndup(config, (size_t)(end - config));
		config = *end ? end + 1 : end;
	}
	return *config ? config : NULL;
}

TSS2_RC Tss2_Tcti_Diglim_Init(TSS2_TCTI_CONTEXT *ctx, size_t *size, const char *config)
{
	struct tcti *t = (struct tcti *)ctx;
	const char *below;
	TSS2_RC rc;

	if (!size)
		return TSS2_TCTI_RC_BAD_VALUE;
	if (!t) {
		*size = sizeof(*t);
		return TSS2_RC_SUCCESS;
	}
	if (*size < sizeof(*t))
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	memset(t, 0, sizeof(*t));
	t->common = (TSS2_TCTI_CONTEXT_COMMON_V2){
		.v1 = {MAGIC, 2, do_transmit, do_receive, do_finalize, do_cancel, do_poll_handles,
		       do_locality},
		.makeSticky = do_sticky,
	};
	below = parse(t, config);
	t->inject = (struct inject){.keys = t->keys, .send = send_below, .arg = t};
	rc = t->keys ? make_lock(t) : TSS2_TCTI_RC_MEMORY;
	rc = rc ? rc : Tss2_TctiLdr_Initialize(below, &t->below);
	if (rc)
		do_finalize(ctx);
	return rc;
}

const TSS2_TCTI_INFO *Tss2_Tcti_Info(void)
{
	static const TSS2_TCTI_INFO info = {
		.version = 2,
		.name = "tcti-diglim",
		.description = "Uses keys under a policy for programs that only know passwords.",
		.config_help = "[keys=FILE|DIR,][TCTI below]",
		.init = Tss2_Tcti_Diglim_Init,
	};

	return &info;
}
