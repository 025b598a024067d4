/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parsing, insertion, look-up and memory of the digest store in this machine's kernel, beside BPF
 * hash maps and beside the same parser in user space. Prints one JSON object.
 *
 * usage: bench-ingest DIGESTS ROUNDS tlv|rpm
 *
 * Each list is loaded everywhere in turn, and each batch looked up everywhere in turn, so that what
 * disturbs the machine disturbs all alike. All of it is repeated ROUNDS times with fresh maps; the
 * time of a list or batch is the least of its rounds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../core/list.h"
#include "../core/listid.h"
#include "../lib/engine/sizing.h"
#include "bench-ingest.skel.h"
#include "ingest.h"
#include "payload.h"

#define SKIP		  77
#define BATCH		  5000
#define BATCHES		  40
#define MAX_LISTS_DEFAULT 1024

static const char *const into_name[BENCH_INTO_MAX] = {"nowhere", "store", "hash", "hash_dyn"};

static struct bench_ingest *skel;
static struct bench_job *job;
static struct bench_query *queries;
static uint8_t *buffer; /* as an ingest buffer: payload behind the signature */
static uint32_t buffer_size, digests, lists;
static size_t (*make)(uint8_t *to, uint64_t first, uint32_t n);

/* Least time of each list or batch, summed in the end. */
struct least {
	uint64_t *ns;
	uint32_t n;
};

static struct least load[BENCH_INTO_MAX], user_parse, drop, hit[BENCH_INTO_MAX],
	miss[BENCH_INTO_MAX];
static uint64_t memory[BENCH_INTO_MAX], slots_memory;
static uint64_t payload_bytes; /* of all lists */
static uint32_t longest;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void least_init(struct least *l, uint32_t n)
{
	l->n = n;
	l->ns = malloc(n * sizeof(*l->ns));
	if (!l->ns)
		die("memory");
	memset(l->ns, 0xff, n * sizeof(*l->ns));
}

static void least_add(struct least *l, uint32_t i, uint64_t ns)
{
	if (ns < l->ns[i])
		l->ns[i] = ns;
}

static double least_per(const struct least *l, double what)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < l->n; i++)
		sum += l->ns[i];
	return (double)sum / what;
}

static void size_maps(void)
{
	struct engine_config cfg = {
		.store_digests = digests,
		.max_lists = lists > MAX_LISTS_DEFAULT ? lists : MAX_LISTS_DEFAULT,
		.ingest_buffer = DIGLIM_INGEST_MIN,
	};
	struct engine_sizes n;

	if (engine_sizes_of(&cfg, &n, NULL))
		die("sizes");
	skel->rodata->core_buffer_size = buffer_size = n.buffer;
	skel->rodata->store_slots = n.slots;
	skel->rodata->store_limit = n.slots;
	skel->rodata->list_limit = n.lists;
	bpf_map__set_max_entries(skel->maps.store, n.slots);
	bpf_map__set_max_entries(skel->maps.links, n.links);
	bpf_map__set_max_entries(skel->maps.chunks, n.chunks);
	bpf_map__set_max_entries(skel->maps.lists, n.lists);
	bpf_map__set_value_size(skel->maps.ingest_buffers, n.buffer);
	bpf_map__set_max_entries(skel->maps.hash, digests);
	bpf_map__set_max_entries(skel->maps.hash_dyn, digests);
	bpf_map__set_max_entries(skel->maps.queries, BATCH * BATCHES);
	bpf_map__set_autocreate(skel->maps.inodes, false);
}

static void *map_memory(const struct bpf_map *m, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(m), 0);

	if (p == MAP_FAILED)
		die(bpf_map__name(m));
	return p;
}

static void open_maps(void)
{
	skel = bench_ingest__open();
	if (!skel)
		die("open");
	size_maps();
	if (bench_ingest__load(skel)) {
		if (errno != EPERM)
			die("load");
		fprintf(stderr, "SKIP: may not load BPF programs here\n");
		exit(SKIP);
	}
	job = map_memory(skel->maps.job, sizeof(*job));
	queries = map_memory(skel->maps.queries, BATCH * BATCHES * sizeof(*queries));
	if (!buffer)
		buffer = calloc(1, buffer_size);
	if (!buffer)
		die("memory");
}

static void close_maps(void)
{
	munmap(job, sizeof(*job));
	munmap(queries, BATCH * BATCHES * sizeof(*queries));
	bench_ingest__destroy(skel);
}

static void run(const struct bpf_program *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(bpf_program__fd(p), &opts) || opts.retval)
		die(bpf_program__name(p));
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* The same in user space: what load_nowhere does. */
static void parse_here(uint32_t i, uint32_t n, uint32_t len)
{
	static struct core_list l;
	struct core_view v = {buffer, DIGLIM_SIG_MAX, len};
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	struct core_digest d;
	struct core_err e;
	uint32_t taken = 0;
	int r;
	uint64_t start = now_ns();

	if (core_list_open(&v, &l, &e))
		die("user space does not accept the list");
	core_listid(&v, id);
	while ((r = core_list_next(&v, &l, &d, &e)) > 0) {
		__asm__ volatile("" : : "r"(&d) : "memory");
		taken += r == 1;
	}
	least_add(&user_parse, i, now_ns() - start);
	if (r || taken != n)
		die("user space finds other digests");
}

static const struct bpf_program *load_program(uint32_t into)
{
	switch (into) {
	case BENCH_STORE:
		return skel->progs.load_store;
	case BENCH_HASH:
		return skel->progs.load_hash;
	case BENCH_HASH_DYN:
		return skel->progs.load_hash_dyn;
	}
	return skel->progs.load_nowhere;
}

static uint32_t list_size(uint32_t i)
{
	uint32_t rest = digests - i * PAYLOAD_FILES;

	return rest < PAYLOAD_FILES ? rest : PAYLOAD_FILES;
}

static void load_list(uint32_t i, uint32_t *chunk)
{
	uint32_t zero = 0, n = list_size(i), len;

	len = (uint32_t)make(buffer + DIGLIM_SIG_MAX, (uint64_t)i * PAYLOAD_FILES, n);
	if (bpf_map_update_elem(bpf_map__fd(skel->maps.ingest_buffers), &zero, buffer, BPF_ANY))
		die("ingest buffer");
	payload_bytes += len;
	parse_here(i, n, len);
	for (uint32_t k = 0; k < BENCH_INTO_MAX; k++) {
		uint32_t into = (i + k) % BENCH_INTO_MAX;

		job->payload_len = len;
		run(load_program(into));
		if (job->status || job->found != n) {
			fprintf(stderr, "list %u into %s: status %d, %u digests, not %u\n", i,
				into_name[into], job->status, job->found, n);
			exit(2);
		}
		least_add(&load[into], i, job->ns);
		if (into == BENCH_STORE)
			*chunk = job->chunk;
	}
}

static const struct bpf_program *search_program(uint32_t into)
{
	switch (into) {
	case BENCH_STORE:
		return skel->progs.search_store;
	case BENCH_HASH:
		return skel->progs.search_hash;
	case BENCH_HASH_DYN:
		return skel->progs.search_hash_dyn;
	}
	return skel->progs.search_nowhere;
}

/* Batches of digests at random among those loaded, or of as many that are not. */
static void look_up(struct least *to, uint64_t offset)
{
	uint64_t x = 0x6469676c696d;

	for (uint32_t i = 0; i < BATCH * BATCHES; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		payload_digest(offset + (x >> 33) % digests, queries[i].digest);
	}
	for (uint32_t b = 0; b < BATCHES; b++)
		for (uint32_t k = 0; k < BENCH_INTO_MAX; k++) {
			uint32_t into = (b + k) % BENCH_INTO_MAX;

			job->first = b * BATCH;
			job->count = BATCH;
			run(search_program(into));
			if (job->found != (into && !offset ? BATCH : 0)) {
				fprintf(stderr, "%s: %u of %u found\n", into_name[into], job->found,
					BATCH);
				exit(2);
			}
			least_add(&to[into], b, job->ns);
		}
}

/* What the kernel says a map takes. */
static uint64_t map_memory_used(const struct bpf_map *m)
{
	char path[64], line[128];
	unsigned long long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(m));
	f = fopen(path, "r");
	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &n) == 1)
			break;
	fclose(f);
	if (!n)
		die("the kernel does not say how much memory a map takes");
	return n;
}

static void measure_memory(void)
{
	struct diglim_status st;
	uint32_t zero = 0;

	slots_memory = map_memory_used(skel->maps.store) + map_memory_used(skel->maps.links);
	memory[BENCH_STORE] = slots_memory + map_memory_used(skel->maps.chunks) +
			      map_memory_used(skel->maps.lists);
	memory[BENCH_HASH] = map_memory_used(skel->maps.hash);
	memory[BENCH_HASH_DYN] = map_memory_used(skel->maps.hash_dyn);
	if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.status), &zero, &st))
		die("status");
	if (st.digests != digests) {
		fprintf(stderr, "the store holds %llu digests\n", (unsigned long long)st.digests);
		exit(2);
	}
	longest = st.longest_probe;
}

static void round_once(uint32_t *chunk)
{
	open_maps();
	for (uint32_t i = 0; i < lists; i++)
		load_list(i, &chunk[i]);
	measure_memory();
	look_up(hit, 0);
	look_up(miss, 1ULL << 40);
	for (uint32_t i = 0; i < lists; i++) {
		job->chunk = chunk[i];
		run(skel->progs.drop_store);
		least_add(&drop, i, job->ns);
	}
	close_maps();
}

/* What the store or map adds to the walk or loop that all have in common. */
static void print_times(const char *what, const struct least *l, double n)
{
	double nothing = least_per(&l[BENCH_NOWHERE], n);

	printf(", \"%s\": {", what);
	for (uint32_t into = BENCH_STORE; into < BENCH_INTO_MAX; into++)
		printf("%s\"%s\": %.1f", into == BENCH_STORE ? "" : ", ", into_name[into],
		       least_per(&l[into], n) - nothing);
	printf("}");
}

static void print_result(const char *format, uint32_t rounds)
{
	double parse = least_per(&load[BENCH_NOWHERE], digests);

	printf("{\"digests\": %u, \"lists\": %u, \"digests_per_list\": %u, \"format\": \"%s\", "
	       "\"payload_bytes\": %u, \"rounds\": %u",
	       digests, lists, PAYLOAD_FILES, format,
	       (unsigned int)(payload_bytes / lists / rounds), rounds);
	printf(", \"parse_ns\": %.1f, \"parse_user_ns\": %.1f, \"parse_insert_ns\": %.1f", parse,
	       least_per(&user_parse, digests), least_per(&load[BENCH_STORE], digests));
	print_times("insert_ns", load, digests);
	print_times("hit_ns", hit, (double)BATCH * BATCHES);
	print_times("miss_ns", miss, (double)BATCH * BATCHES);
	printf(", \"remove_ns\": %.1f, \"longest_chain\": %u, \"bytes_per_digest\": {",
	       least_per(&drop, digests), longest);
	for (uint32_t into = BENCH_STORE; into < BENCH_INTO_MAX; into++)
		printf("%s\"%s\": %.1f", into == BENCH_STORE ? "" : ", ", into_name[into],
		       (double)memory[into] / digests);
	printf(", \"store_without_lists\": %.1f}}\n", (double)slots_memory / digests);
}

int main(int argc, char **argv)
{
	uint32_t rounds, *chunk;

	if (argc != 4 || (strcmp(argv[3], "tlv") && strcmp(argv[3], "rpm"))) {
		fprintf(stderr, "usage: bench-ingest DIGESTS ROUNDS tlv|rpm\n");
		return 2;
	}
	digests = (uint32_t)strtoul(argv[1], NULL, 10);
	rounds = (uint32_t)strtoul(argv[2], NULL, 10);
	make = !strcmp(argv[3], "tlv") ? payload_tlv : payload_rpm;
	lists = (digests + PAYLOAD_FILES - 1) / PAYLOAD_FILES;
	chunk = calloc(lists, sizeof(*chunk));
	if (!chunk || !digests || !rounds)
		die("nothing to measure");
	for (uint32_t into = 0; into < BENCH_INTO_MAX; into++) {
		least_init(&load[into], lists);
		least_init(&hit[into], BATCHES);
		least_init(&miss[into], BATCHES);
	}
	least_init(&user_parse, lists);
	least_init(&drop, lists);
	for (uint32_t i = 0; i < rounds; i++)
		round_once(chunk);
	free(chunk);
	print_result(argv[3], rounds);
	return 0;
}
