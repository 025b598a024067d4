/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../lib/engine/keyring.h"
#include "../lib/format/payload.h"

#define WARM_UP 300

static struct err err;

void guest_die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, err.text[0] ? err.text : strerror(errno));
	exit(2);
}

uint64_t guest_instructions(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
#endif
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double guest_measure(void (*fn)(void), uint32_t calls)
{
	static uint64_t batch[GUEST_CALLS_MAX / GUEST_BATCH];
	uint32_t n = calls / GUEST_BATCH;

	for (uint32_t i = 0; i < WARM_UP; i++)
		fn();
	for (uint32_t i = 0; i < n; i++) {
		uint64_t start = guest_instructions();

		for (uint32_t k = 0; k < GUEST_BATCH; k++)
			fn();
		batch[i] = guest_instructions() - start;
	}
	qsort(batch, n, sizeof(batch[0]), compare);
	return (double)(batch[n / 2] + batch[(n - 1) / 2]) / 2 / GUEST_BATCH;
}

uint64_t guest_idle(void)
{
	unsigned long long idle;
	FILE *f = fopen("/proc/stat", "r");

	if (!f || fscanf(f, "cpu %*u %*u %*u %llu", &idle) != 1)
		guest_die("/proc/stat");
	fclose(f);
	return idle;
}

static void read_lists(struct guest *g, const char *dir)
{
	struct payload_info info;
	char path[4096];

	for (;; g->lists++) {
		snprintf(path, sizeof(path), "%s/%06u.list", dir, g->lists);
		if (access(path, F_OK))
			break;
		g->list = realloc(g->list, (g->lists + 1) * sizeof(*g->list));
		if (!g->list || listfile_read(path, &g->list[g->lists], &err) ||
		    payload_walk(g->list[g->lists].payload, g->list[g->lists].payload_len, path,
				 &info, NULL, NULL, &err))
			guest_die(path);
		g->digests += info.digests;
	}
	if (!g->lists)
		guest_die(dir);
}

void guest_open(struct guest *g, const char *cert, const char *dir)
{
	int32_t serial;

	memset(g, 0, sizeof(*g));
	if (cert_set_read_file(&g->certs, cert, (uint64_t)time(NULL), &err) < 0)
		guest_die(cert);
	if (g->certs.n != 1 || keyring_open("diglim_bench", &g->ring, &err) ||
	    keyring_add_cert(g->ring, "bench", g->certs.certs[0]->der, g->certs.certs[0]->der_len,
			     &serial, &err))
		guest_die("key");
	read_lists(g, dir);
}

struct engine *guest_attach(const struct guest *g, enum diglim_interpreters interpreters)
{
	/* Reduced: Linux 6.1 lacks the hook for what interpreters read. */
	struct engine_config cfg = {
		.store_digests = g->digests,
		.max_lists = g->lists + 1,
		.interpreters = interpreters,
		.accept_reduced = interpreters != DIGLIM_INTERPRETERS_OFF,
	};
	struct engine *e;

	if (engine_attach(&cfg, g->ring, g->ring, &err) || engine_open(&e, &err))
		guest_die("attach");
	return e;
}

void guest_detach(struct engine *e)
{
	engine_close(e);
	if (engine_detach(&err))
		guest_die("detach");
}

uint64_t guest_request(struct engine *e, const struct listfile *l, const uint8_t *sig, int want)
{
	uint64_t start = guest_instructions(), end;
	int r = engine_list_add(e, l->payload, l->payload_len, sig, l->sig_len, &err);

	end = guest_instructions();
	if (r != want) {
		fprintf(stderr, "answer %d, not %d: %s\n", r, want, err.text);
		exit(2);
	}
	return end - start;
}
