/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks the kernel's books: every reference of every list is counted once, every slot and every
 * chunk is in use or free, nothing is lost, nothing is locked. Prints the sums in one line; what is
 * wrong goes to stderr, and the exit status is 1.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../abi/state.h"

/* As in bpf/maps.h, where user space has no business. */
struct internal {
	uint32_t lock;
	uint32_t chunk_free;
	uint32_t chunk_unused;
	uint32_t slot_free;
	uint32_t slot_unused;
	uint32_t reserved;
};

struct books {
	struct diglim_status status;
	struct internal in;
	struct diglim_store_slot *slot;
	struct diglim_chunk *chunk;
	struct diglim_store_links *links;
	uint32_t slots, chunks, rows;
	uint32_t *refs;	 /* of each slot, as the lists have them */
	uint8_t *linked; /* times that a slot is met on its chain */
	uint8_t *seen;	 /* times that a chunk is met */
	uint64_t used, refs_sum, lists, chunks_used, chunks_free, slots_free;
};

static int wrong_count;

__attribute__((format(printf, 1, 2))) static void wrong(const char *fmt, ...)
{
	va_list ap;

	/* A broken chain would say the same a thousand times. */
	if (wrong_count++ > 20)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(2);
}

static void *zeroed(uint32_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		die("memory");
	return p;
}

/* Our maps have no pins: the newest of that name. A sealed machine would not let it be had. */
static int open_by_name(const char *name)
{
	struct bpf_map_info info;
	uint32_t id = 0, len;
	int found = -1, fd;

	while (!bpf_map_get_next_id(id, &id)) {
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		fd = bpf_map_get_fd_by_id(id);
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) &&
		    !strcmp(info.name, name)) {
			if (found >= 0)
				close(found);
			found = fd;
		} else if (fd >= 0) {
			close(fd);
		}
	}
	if (found < 0)
		die(name);
	return found;
}

static void *read_array(const char *name, int fd, uint32_t *ret_n)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	uint8_t *all;

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		die(name);
	all = zeroed(info.max_entries, info.value_size);
	for (uint32_t i = 0; i < info.max_entries; i++)
		if (bpf_map_lookup_elem(fd, &i, all + (size_t)i * info.value_size))
			die(name);
	*ret_n = info.max_entries;
	close(fd);
	return all;
}

static void read_one(const char *name, int fd, void *to, size_t size)
{
	uint32_t n;
	void *p = read_array(name, fd, &n);

	memcpy(to, p, size);
	free(p);
}

/* Slots claimed by requests that never gave them back. */
static void check_ingest(void)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info), n;
	int fd = open_by_name("ingest_slots");
	uint8_t *all;

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		die("ingest_slots");
	all = read_array("ingest_slots", fd, &n);
	for (uint32_t i = 0; i < n; i++)
		if (*(uint32_t *)(void *)(all + (size_t)i * info.value_size))
			wrong("request slot %u is still claimed", i);
	free(all);
}

static void walk_list(struct books *b, const struct diglim_list_record *rec)
{
	uint32_t n = 0;

	for (uint32_t at = rec->chunk; at; at = b->chunk[at - 1].next) {
		struct diglim_chunk *c;

		if (at > b->chunks || b->seen[at - 1]++) {
			wrong("%s: chunk %u is no chunk, or in two chains", rec->name, at - 1);
			return;
		}
		c = &b->chunk[at - 1];
		b->chunks_used++;
		for (uint32_t i = 0; i < c->used && i < DIGLIM_CHUNK_REFS; i++, n++) {
			if (c->slot[i] < b->slots)
				b->refs[c->slot[i]]++;
			else
				wrong("%s: refers to slot %u", rec->name, c->slot[i]);
		}
	}
	if (n != rec->digests)
		wrong("%s: %u references, the record says %u", rec->name, n, rec->digests);
}

static void walk_lists(struct books *b)
{
	uint8_t key[DIGLIM_LIST_ID_SIZE];
	struct diglim_list_record rec;
	int fd = open_by_name("lists");
	void *prev = NULL;

	while (!bpf_map_get_next_key(fd, prev, key)) {
		prev = key;
		if (bpf_map_lookup_elem(fd, key, &rec))
			die("lists");
		b->lists++;
		walk_list(b, &rec);
	}
	close(fd);
}

static void walk_free(struct books *b)
{
	for (uint32_t at = b->in.chunk_free; at; at = b->chunk[at - 1].next) {
		if (at > b->chunks || b->seen[at - 1]++) {
			wrong("free chunk %u is no chunk, or in use", at - 1);
			break;
		}
		b->chunks_free++;
	}
	for (uint32_t at = b->in.slot_free; at; at = b->slot[at - 1].refs) {
		if (at > b->slots || b->slot[at - 1].state != DIGLIM_SLOT_TOMBSTONE ||
		    b->linked[at - 1]++) {
			wrong("free slot %u is no slot, or not free", at - 1);
			break;
		}
		b->slots_free++;
	}
}

static void walk_chains(struct books *b)
{
	for (uint32_t h = 0; h < b->slots; h++) {
		uint32_t at = b->links[h / DIGLIM_LINKS_ROW].head[h % DIGLIM_LINKS_ROW];

		while (at) {
			if (at > b->slots || b->linked[at - 1]++) {
				wrong("chain %u meets slot %u twice", h, at - 1);
				break;
			}
			if (b->slot[at - 1].state != DIGLIM_SLOT_USED)
				wrong("chain %u holds slot %u, which is not in use", h, at - 1);
			at = b->links[(at - 1) / DIGLIM_LINKS_ROW]
				     .next[(at - 1) % DIGLIM_LINKS_ROW];
		}
	}
}

static void check_slots(struct books *b)
{
	for (uint32_t i = 0; i < b->slots; i++) {
		const struct diglim_store_slot *s = &b->slot[i];
		bool used = s->state == DIGLIM_SLOT_USED;

		b->used += used;
		b->refs_sum += used ? s->refs : 0;
		if (used && s->refs != b->refs[i])
			wrong("slot %u: %u references, the lists have %u", i, s->refs, b->refs[i]);
		if (!used && b->refs[i])
			wrong("slot %u is referred to and not in use", i);
		if (i < b->in.slot_unused && b->linked[i] != 1)
			wrong("slot %u is neither on a chain nor free", i);
		if (i >= b->in.slot_unused && s->state != DIGLIM_SLOT_EMPTY)
			wrong("slot %u is in use and was never given out", i);
	}
	for (uint32_t i = 0; i < b->chunks; i++)
		if (b->seen[i] != (i < b->in.chunk_unused))
			wrong("chunk %u is neither in a list nor free", i);
}

static void check_sum(const char *what, uint64_t counted, uint64_t said)
{
	if (counted != said)
		wrong("%s: %llu, the status says %llu", what, (unsigned long long)counted,
		      (unsigned long long)said);
}

int main(void)
{
	struct books b = {0};

	read_one("status", open_by_name("status"), &b.status, sizeof(b.status));
	read_one("internal", open_by_name("internal"), &b.in, sizeof(b.in));
	b.slot = read_array("store", open_by_name("store"), &b.slots);
	b.chunk = read_array("chunks", open_by_name("chunks"), &b.chunks);
	b.links = read_array("links", open_by_name("links"), &b.rows);
	b.refs = zeroed(b.slots, sizeof(*b.refs));
	b.linked = zeroed(b.slots, 1);
	b.seen = zeroed(b.chunks, 1);
	if (b.in.lock)
		wrong("the writers' lock is held");
	check_ingest();
	walk_lists(&b);
	walk_chains(&b);
	walk_free(&b);
	check_slots(&b);
	check_sum("lists", b.lists, b.status.lists);
	check_sum("digests", b.used, b.status.digests);
	check_sum("references", b.refs_sum, b.status.digest_refs);
	check_sum("free slots", b.slots_free, b.status.tombstones);
	printf("digests %llu references %llu lists %llu chunks %llu\n", (unsigned long long)b.used,
	       (unsigned long long)b.refs_sum, (unsigned long long)b.lists,
	       (unsigned long long)b.chunks_used);
	if (wrong_count)
		fprintf(stderr, "%d things are wrong\n", wrong_count);
	return wrong_count ? 1 : 0;
}
