/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The digest store in the host's kernel against two models: a plain table of what must be in it,
 * and one of the structure, slot by slot and chunk by chunk, written apart from its text. Random
 * operations; all counters are compared at each step.
 *
 * usage: store_model PROGRAM.bpf.o [OPERATIONS]
 */
#include "store_load.h"

#define KEYS_MAX      4096
#define USES	      4
#define USE_IMMUTABLE 3 /* of them */
#define SOURCES	      4
#define LISTS_MAX     64
#define SLOTS_MAX     8192
#define CHUNKS_MAX    2048
#define CHAIN_MAX     1024

static int store_fd, links_fd, chunks_fd;

struct cell {
	uint32_t key, use, source, refs; /* refs 0: free */
	uint32_t next;
};

struct chunk {
	uint32_t next, used, slot[DIGLIM_CHUNK_REFS];
};

struct list {
	uint32_t head, count;
	struct {
		uint32_t key, use, source;
	} of[STORE_LIST_MAX];
};

static uint32_t capacity, nchunks, nkeys;
static uint8_t key[KEYS_MAX][DIGLIM_DIGEST_SIZE];
static uint32_t table[KEYS_MAX][USES][SOURCES]; /* what must be in the store: references */
static uint64_t entries, references;

static struct cell cell[SLOTS_MAX];
static uint32_t head[SLOTS_MAX];
static uint32_t freed[SLOTS_MAX], nfreed, fresh, longest;

static struct chunk chunk[CHUNKS_MAX];
static uint32_t chunk_freed[CHUNKS_MAX], nchunk_freed, chunk_fresh;

static struct list list[LISTS_MAX];
static uint32_t nlists;
static uint64_t full, rolled_back, chunks_out;

static const uint32_t use_of[USES] = {DIGLIM_USE_EXEC, DIGLIM_USE_MODULE,
				      DIGLIM_USE_EXEC | DIGLIM_USE_FIRMWARE,
				      DIGLIM_USE_EXEC | DIGLIM_USE_IMMUTABLE};
static const uint32_t source_of[SOURCES] = {
	DIGLIM_FORMAT_RPM,
	DIGLIM_FORMAT_TLV,
	DIGLIM_FORMAT_TLV | DIGLIM_SLOT_DENY,
	DIGLIM_SLOT_KEY | DIGLIM_SLOT_DENY,
};

/* The slot's byte for `use` has no room for all. */
static uint32_t stored(uint32_t use, uint32_t source)
{
	return source_of[source] | (use == USE_IMMUTABLE ? DIGLIM_SLOT_IMMUTABLE : 0);
}

/* What a look-up says of one slot. */
static uint32_t found(uint32_t use, uint32_t source)
{
	static const uint32_t of[SOURCES] = {DIGLIM_FOUND_VENDOR, DIGLIM_FOUND_OWNER,
					     DIGLIM_FOUND_DENIED, DIGLIM_FOUND_KEY};

	return of[source] | (source < 2 ? use_of[use] : 0);
}

static uint32_t chain_of(uint32_t k)
{
	uint64_t first = key[k][0] | key[k][1] << 8 | key[k][2] << 16 | (uint64_t)key[k][3] << 24;

	return (uint32_t)(first * slots / 4294967296ULL);
}

/* Digests in a few chains, so that these grow long; every other key differs from one in a byte. */
static void make_keys(uint32_t n, uint32_t chains)
{
	nkeys = n;
	for (uint32_t k = 0; k < n; k++) {
		for (size_t i = 0; i < DIGLIM_DIGEST_SIZE; i++)
			key[k][i] = (uint8_t)(rnd64() >> 40);
		if (chains) {
			uint32_t first =
				(uint32_t)((((uint64_t)rnd(chains) << 32) + 0xffffffff) / slots);

			if (rnd(2)) /* the last ones as well */
				first = ~first;
			for (size_t i = 0; i < 4; i++)
				key[k][i] = (uint8_t)(first >> (8 * i));
		}
		if (k & 1) {
			memcpy(key[k], key[k - 1], DIGLIM_DIGEST_SIZE);
			key[k][4 + rnd(28)] ^= (uint8_t)(1 + rnd(255));
		}
	}
}

static void model_reset(void)
{
	memset(table, 0, sizeof(table));
	memset(cell, 0, sizeof(cell));
	memset(head, 0, sizeof(head));
	memset(chunk, 0, sizeof(chunk));
	entries = references = 0;
	nfreed = fresh = longest = nchunk_freed = chunk_fresh = nlists = 0;
}

/* Slot, or -1 for full. */
static long model_get(uint32_t k, uint32_t use, uint32_t source)
{
	uint32_t c = chain_of(k), walked = 0, s;

	for (uint32_t at = head[c]; at; at = cell[at - 1].next) {
		struct cell *p = &cell[at - 1];

		walked++;
		if (p->key == k && p->use == use && p->source == source) {
			p->refs++;
			table[k][use][source]++;
			references++;
			return at - 1;
		}
	}
	MUST(!table[k][use][source], "the models disagree");
	if (entries >= capacity || walked >= CHAIN_MAX)
		return -1;
	s = nfreed ? freed[--nfreed] : fresh++;
	MUST(s < slots, "the model is full below the limit");
	cell[s] = (struct cell){.key = k, .use = use, .source = source, .refs = 1, .next = head[c]};
	head[c] = s + 1;
	if (walked > longest)
		longest = walked;
	table[k][use][source] = 1;
	entries++;
	references++;
	return s;
}

static void model_put(uint32_t s)
{
	struct cell *p = &cell[s];
	uint32_t *link = &head[chain_of(p->key)];

	table[p->key][p->use][p->source]--;
	references--;
	if (--p->refs)
		return;
	while (*link != s + 1)
		link = &cell[*link - 1].next;
	*link = p->next;
	freed[nfreed++] = s;
	entries--;
}

static int model_append(uint32_t *chain, uint32_t slot)
{
	struct chunk *c;
	uint32_t i;

	if (*chain && chunk[*chain - 1].used < DIGLIM_CHUNK_REFS) {
		c = &chunk[*chain - 1];
		c->slot[c->used++] = slot;
		return 0;
	}
	if (!nchunk_freed && chunk_fresh >= nchunks)
		return -1;
	i = nchunk_freed ? chunk_freed[--nchunk_freed] : chunk_fresh++;
	chunk[i] = (struct chunk){.next = *chain, .used = 1, .slot = {slot}};
	*chain = i + 1;
	return 0;
}

static void model_drop(uint32_t chain)
{
	while (chain) {
		struct chunk *c = &chunk[chain - 1];

		for (uint32_t i = 0; i < c->used; i++)
			model_put(c->slot[i]);
		chunk_freed[nchunk_freed++] = chain - 1;
		chain = c->next;
	}
}

/* One operation in both, and the comparison --------------------------------------------------- */

static void check_counters(void)
{
	MUST(work->status.digests == entries, "digests %llu, not %llu",
	     (unsigned long long)work->status.digests, (unsigned long long)entries);
	MUST(work->status.digest_refs == references, "references %llu, not %llu",
	     (unsigned long long)work->status.digest_refs, (unsigned long long)references);
	MUST(work->status.tombstones == nfreed, "tombstones %llu, not %u",
	     (unsigned long long)work->status.tombstones, nfreed);
	MUST(work->status.longest_probe == longest, "longest probe %u, not %u",
	     work->status.longest_probe, longest);
	MUST(work->slot_unused == fresh, "slots used so far %u, not %u", work->slot_unused, fresh);
	MUST(work->slot_free == (nfreed ? freed[nfreed - 1] + 1 : 0), "another free slot is first");
	MUST(work->chunk_unused == chunk_fresh, "chunks used so far %u, not %u", work->chunk_unused,
	     chunk_fresh);
	MUST(work->chunk_free == (nchunk_freed ? chunk_freed[nchunk_freed - 1] + 1 : 0),
	     "another free chunk is first");
}

/* Everything in the maps is what the models say. */
static void check_maps(void)
{
	struct diglim_store_links l;
	struct diglim_store_slot s;
	struct diglim_chunk c;
	uint32_t row, used = 0, immutable = 0;

	for (uint32_t i = 0; i < slots; i++) {
		row = i / DIGLIM_LINKS_ROW;
		if (bpf_map_lookup_elem(store_fd, &i, &s) ||
		    bpf_map_lookup_elem(links_fd, &row, &l))
			die("read the store");
		MUST(l.head[i % DIGLIM_LINKS_ROW] == head[i], "chain %u begins elsewhere", i);
		if (s.state != DIGLIM_SLOT_USED) {
			MUST(!cell[i].refs && s.state == (i < fresh), "slot %u should be used", i);
			continue;
		}
		used++;
		immutable += cell[i].use == USE_IMMUTABLE;
		MUST(cell[i].refs == s.refs && (uint8_t)use_of[cell[i].use] == s.use &&
			     stored(cell[i].use, cell[i].source) == s.source &&
			     !memcmp(key[cell[i].key], s.digest, DIGLIM_DIGEST_SIZE),
		     "slot %u holds something else", i);
		MUST(l.next[i % DIGLIM_LINKS_ROW] == cell[i].next, "slot %u is followed by another",
		     i);
	}
	MUST(used == entries, "%u slots are used, not %llu", used, (unsigned long long)entries);
	MUST(work->status.immutable == immutable, "%u are immutable, not %u",
	     work->status.immutable, immutable);
	for (uint32_t i = 0; i < nlists; i++)
		for (uint32_t at = list[i].head; at; at = chunk[at - 1].next) {
			row = at - 1;
			if (bpf_map_lookup_elem(chunks_fd, &row, &c))
				die("read the chunks");
			MUST(c.next == chunk[row].next && c.used == chunk[row].used &&
				     !memcmp(c.slot, chunk[row].slot, c.used * sizeof(c.slot[0])),
			     "chunk %u differs", row);
		}
}

static void set_digest(uint32_t n, uint32_t k, uint32_t use, uint32_t source)
{
	memcpy(work->digest[n].digest, key[k], DIGLIM_DIGEST_SIZE);
	work->digest[n].use = use_of[use];
	work->digest[n].source = source_of[source];
}

static void do_lookup(uint32_t k)
{
	uint32_t want = 0;

	for (uint32_t u = 0; u < USES; u++)
		for (uint32_t s = 0; s < SOURCES; s++)
			if (table[k][u][s])
				want |= found(u, s);
	work->op = STORE_LOOKUP;
	set_digest(0, k, 0, 0);
	run(write_fd);
	MUST(work->result == (int)want, "look-up of digest %u gave %#x, not %#x", k, work->result,
	     want);
}

/* The reference of a single digest belongs to a list of one in the model, without a chunk. */
static void do_get(uint32_t k, uint32_t use, uint32_t source)
{
	long want;

	work->op = STORE_GET;
	set_digest(0, k, use, source);
	run(write_fd);
	want = model_get(k, use, source);
	if (want < 0) {
		full++;
		want = -DIGLIM_E_FULL;
	}
	MUST(work->result == want, "insertion gave %d, not %ld", work->result, want);
	if (want < 0)
		return;
	work->op = STORE_PUT;
	work->head = (uint32_t)want;
	if (rnd(2)) { /* and out again, which must be as if it had not been there */
		run(write_fd);
		model_put((uint32_t)want);
		MUST(!work->result, "removal gave %d", work->result);
	} else if (nlists < LISTS_MAX) {
		list[nlists].head = 0;
		list[nlists].count = 1;
		list[nlists].of[0].key = (uint32_t)want;
		nlists++;
	} else {
		run(write_fd);
		model_put((uint32_t)want);
	}
}

static void do_put_nothing(void)
{
	uint32_t s = rnd(slots + 2);

	if (s < slots && cell[s].refs)
		return;
	work->op = STORE_PUT;
	work->head = s;
	run(write_fd);
	MUST(work->result == -DIGLIM_E_INTERNAL, "removal from free slot %u gave %d", s,
	     work->result);
}

static void do_list_add(uint32_t count, uint32_t fail)
{
	struct list *l = &list[nlists];
	long slot = 0;
	int want = 0;

	l->head = 0;
	l->count = count;
	for (uint32_t i = 0; i < count; i++) {
		l->of[i].key = rnd(nkeys);
		l->of[i].use = rnd(USES);
		l->of[i].source = rnd(SOURCES);
		set_digest(i, l->of[i].key, l->of[i].use, l->of[i].source);
	}
	work->op = STORE_LIST_ADD;
	work->count = count;
	work->fail = fail;
	run(write_fd);
	for (uint32_t i = 0; i < count && !want; i++) {
		if (i == fail) {
			want = -DIGLIM_E_TRUNCATED;
			break;
		}
		slot = model_get(l->of[i].key, l->of[i].use, l->of[i].source);
		if (slot < 0) {
			full++;
			want = -DIGLIM_E_FULL;
		} else if (model_append(&l->head, (uint32_t)slot)) {
			chunks_out++;
			model_put((uint32_t)slot);
			want = -DIGLIM_E_FULL;
		}
	}
	MUST(work->result == want, "list of %u gave %d, not %d", count, work->result, want);
	if (want) {
		model_drop(l->head);
		rolled_back++;
		return;
	}
	MUST(work->head == l->head, "list begins at chunk %u, not %u", work->head, l->head);
	nlists++;
}

static void do_list_drop(uint32_t i)
{
	if (list[i].head || list[i].count != 1) {
		work->op = STORE_LIST_DROP;
		work->head = list[i].head;
		run(write_fd);
		model_drop(list[i].head);
	} else {
		work->op = STORE_PUT;
		work->head = list[i].of[0].key;
		run(write_fd);
		MUST(!work->result, "removal gave %d", work->result);
		model_put(list[i].of[0].key);
	}
	list[i] = list[--nlists];
}

static void random_operation(void)
{
	/* The store swings between empty and full. */
	uint32_t grow = step / 3000 % 2 ? 60 : 35, what = rnd(100);

	if (what < 40)
		do_lookup(rnd(nkeys));
	else if (what < 60)
		do_get(rnd(nkeys), rnd(USES), rnd(SOURCES));
	else if (what < 62)
		do_put_nothing();
	else if (rnd(100) < grow && nlists < LISTS_MAX)
		do_list_add(rnd(STORE_LIST_MAX + 1), rnd(8) ? NO_FAILURE : rnd(STORE_LIST_MAX));
	else if (nlists)
		do_list_drop(rnd(nlists));
	check_counters();
}

struct shape {
	uint32_t slots, limit, chunks, keys, chains; /* chains 0: digests are spread evenly */
};

static void model(const char *path, uint64_t operations)
{
	static const struct shape shapes[] = {
		{1, 1, 4, 4, 0},
		{7, 7, 4, 16, 1},
		{8, 8, 16, 40, 0},
		{61, 50, 40, 64, 2},
		{250, 250, 64, 300, 3},
		{1000, 1000, 90, 800, 0},
		{1000, 990, 400, 2000, 1},
		{4099, 4099, 1000, 4000, 0},
		/* Chains longer than CHAIN_MAX: refused, not lost. */
		{3000, 3000, 1000, 2400, 1},
	};
	size_t n = sizeof(shapes) / sizeof(shapes[0]);

	for (size_t i = 0; i < n; i++) {
		const struct shape *s = &shapes[i];

		slots = s->slots;
		capacity = s->limit;
		nchunks = s->chunks;
		load(path, slots, capacity, nchunks);
		store_fd = bpf_object__find_map_fd_by_name(object, "store");
		links_fd = bpf_object__find_map_fd_by_name(object, "links");
		chunks_fd = bpf_object__find_map_fd_by_name(object, "chunks");
		model_reset();
		make_keys(s->keys, s->chains);
		for (uint64_t j = 0; j < operations / n; j++, step++) {
			random_operation();
			if (!rnd(8192))
				check_maps();
		}
		check_maps();
		while (nlists)
			do_list_drop(nlists - 1);
		check_counters();
		check_maps();
		MUST(!entries && !references, "%llu digests remain of nothing",
		     (unsigned long long)entries);
		unload();
	}
	printf("%llu operations on %zu stores; refused as full %llu times, without a chunk %llu "
	       "times; "
	       "%llu lists taken back half-way\n",
	       (unsigned long long)step, n, (unsigned long long)full,
	       (unsigned long long)chunks_out, (unsigned long long)rolled_back);
	MUST(full && chunks_out && rolled_back, "the operations left something untried");
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: store_model PROGRAM [OPERATIONS]\n");
		return 2;
	}
	model(argv[1], argc > 2 ? strtoull(argv[2], NULL, 0) : 1000000);
	return 0;
}
