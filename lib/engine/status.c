/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading what the kernel side keeps. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* A walk in user space looks at no more slots than one in the kernel (CHAIN_MAX). */
#define CHAIN_MAX 1024

static int map_read(int fd, const char *what, const void *key, void *value, struct err *e)
{
	if (bpf_map_lookup_elem(fd, key, value))
		return err_set(e, -errno, "map %s: %s", what, strerror(errno));
	return 0;
}

int engine_counters_get(int counters_fd, uint32_t hook, struct diglim_counters *ret)
{
	int cpus = libbpf_num_possible_cpus();
	struct diglim_counters *v;
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	if (cpus < 0)
		return cpus;
	v = calloc((size_t)cpus, sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (bpf_map_lookup_elem(counters_fd, &hook, v))
		r = -errno;
	for (int i = 0; !r && i < cpus; i++) {
		for (int c = 0; c < DIGLIM_COUNT_MAX; c++)
			ret->count[c] += v[i].count[c];
		ret->selftest_refused += v[i].selftest_refused;
		ret->events_lost += v[i].events_lost;
	}
	free(v);
	return r;
}

/* Kernel memory of a map as the kernel accounts it, bytes; 0 if it does not say. */
static uint64_t map_memory(int fd)
{
	char path[64], line[128];
	unsigned long long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &n) == 1)
			break;
	fclose(f);
	return n;
}

static uint32_t map_entries(int fd, uint32_t *ret_value_size)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return 0;
	if (ret_value_size)
		*ret_value_size = info.value_size;
	return info.max_entries;
}

int engine_status_get(struct engine *g, struct engine_status *ret, struct err *e)
{
	uint32_t zero = 0, value_size = 0;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = map_read(g->map[ENGINE_MAP_CONTROL], "control", &zero, &ret->control, e);
	if (!r)
		r = map_read(g->map[ENGINE_MAP_STATUS], "status", &zero, &ret->state, e);
	for (uint32_t h = 0; !r && h < DIGLIM_HOOK_MAX; h++) {
		r = engine_counters_get(g->map[ENGINE_MAP_COUNTERS], h, &ret->counters[h]);
		if (r)
			err_set(e, r, "map counters: %s", strerror(-r));
	}
	if (r)
		return r;
	ret->now_ns = engine_boottime_ns();
	ret->mode = ret->control.mode;
	if (ret->control.window_end && ret->now_ns < ret->control.window_end)
		ret->mode = ret->control.window_mode;
	ret->store_slots = map_entries(g->map[ENGINE_MAP_STORE], NULL);
	ret->store_limit = ret->store_slots;
	ret->max_lists = map_entries(g->map[ENGINE_MAP_LISTS], NULL);
	map_entries(g->map[ENGINE_MAP_BUFFERS], &value_size);
	ret->ingest_buffer = value_size - DIGLIM_SIG_MAX;
	for (int i = 0; i < ENGINE_MAP_MAX; i++)
		ret->memory += map_memory(g->map[i]);
	ret->store_memory =
		map_memory(g->map[ENGINE_MAP_STORE]) + map_memory(g->map[ENGINE_MAP_LINKS]) +
		map_memory(g->map[ENGINE_MAP_CHUNKS]) + map_memory(g->map[ENGINE_MAP_LISTS]);
	return 0;
}

int engine_lists(struct engine *g, engine_list_fn fn, void *arg, struct err *e)
{
	uint8_t key[DIGLIM_LIST_ID_SIZE], next[DIGLIM_LIST_ID_SIZE];
	struct diglim_list_record rec;
	void *prev = NULL;
	int fd = g->map[ENGINE_MAP_LISTS], r;

	while (bpf_map_get_next_key(fd, prev, next) == 0) {
		memcpy(key, next, sizeof(key));
		prev = key;
		if (bpf_map_lookup_elem(fd, key, &rec))
			continue; /* removed meanwhile */
		rec.name[sizeof(rec.name) - 1] = '\0';
		r = fn(key, &rec, arg);
		if (r)
			return r;
	}
	return errno == ENOENT ? 0 : err_set(e, -errno, "map lists: %s", strerror(errno));
}

int engine_list_get(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE],
		    struct diglim_list_record *ret, struct err *e)
{
	if (bpf_map_lookup_elem(g->map[ENGINE_MAP_LISTS], id, ret) == 0) {
		ret->name[sizeof(ret->name) - 1] = '\0';
		return 1;
	}
	return errno == ENOENT ? 0 : err_set(e, -errno, "map lists: %s", strerror(errno));
}

/* The same walk as store_lookup() in bpf/store.bpf.c. */
static int chain_read(struct engine *g, uint32_t i, struct diglim_store_links *ret, struct err *e)
{
	uint32_t row = i / DIGLIM_LINKS_ROW;

	return map_read(g->map[ENGINE_MAP_LINKS], "links", &row, ret, e);
}

int engine_digest_lookup(struct engine *g, const uint8_t digest[DIGLIM_DIGEST_SIZE],
			 struct diglim_store_slot *slots, uint32_t *slot_index, size_t max,
			 struct err *e)
{
	uint32_t total = map_entries(g->map[ENGINE_MAP_STORE], NULL), first, head, pos, i;
	struct diglim_store_links links;
	struct diglim_store_slot s;
	size_t found = 0;
	int r;

	memcpy(&first, digest, sizeof(first));
	head = (uint32_t)((uint64_t)le32toh(first) * total >> 32);
	r = chain_read(g, head, &links, e);
	pos = links.head[head % DIGLIM_LINKS_ROW];
	for (int n = 0; !r && n < CHAIN_MAX && pos && found < max; n++) {
		i = pos - 1;
		r = map_read(g->map[ENGINE_MAP_STORE], "store", &i, &s, e);
		if (!r)
			r = chain_read(g, i, &links, e);
		if (r)
			break;
		if (s.state == DIGLIM_SLOT_USED && !memcmp(s.digest, digest, sizeof(s.digest))) {
			slots[found] = s;
			if (slot_index)
				slot_index[found] = i;
			found++;
		}
		pos = links.next[i % DIGLIM_LINKS_ROW];
	}
	return r ? r : (int)found;
}
