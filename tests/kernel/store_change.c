/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The digest store while its content changes.
 *
 * usage: store_change PROGRAM.bpf.o renew     a full store takes new content for old, again and
 * again store_change PROGRAM.bpf.o readers   look-ups beside a writer
 */
#include <pthread.h>
#include <time.h>

#include "store_load.h"

/* What an upgrade of everything does: the limit is all that may stop it. */
static void random_digests(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (size_t j = 0; j < DIGLIM_DIGEST_SIZE; j++)
			work->digest[i].digest[j] = (uint8_t)(rnd64() >> 40);
		work->digest[i].use = DIGLIM_USE_EXEC;
		work->digest[i].source = DIGLIM_FORMAT_TLV;
	}
	work->op = STORE_LIST_ADD;
	work->count = count;
	work->fail = NO_FAILURE;
}

static int renew(const char *path)
{
	enum { LISTS = 1500, EACH = 66, ROUNDS = 10 };
	static uint32_t of[LISTS];

	slots = LISTS * EACH;
	load(path, slots, slots, LISTS * (EACH / DIGLIM_CHUNK_REFS + 1));
	for (uint32_t n = 0; n < LISTS * (ROUNDS + 1); n++, step++) {
		uint32_t i = n < LISTS ? n : rnd(LISTS);

		if (n >= LISTS) {
			work->op = STORE_LIST_DROP;
			work->head = of[i];
			run(write_fd);
		}
		random_digests(EACH);
		run(write_fd);
		MUST(!work->result,
		     "%llu of %u digests loaded, and the next list is refused with %d",
		     (unsigned long long)work->status.digests, slots, work->result);
		of[i] = work->head;
	}
	printf("%u digests in a store of %u, renewed %u times; longest chain %u\n",
	       (uint32_t)work->status.digests, slots, ROUNDS, work->status.longest_probe);
	MUST(work->status.longest_probe < 32, "chains have become long");
	unload();
	return 0;
}

static struct store_read *reads;
static int read_fd;
static volatile int stop;

static void *writer(void *arg)
{
	uint64_t *changes = arg;
	uint32_t of[8] = {}, n = 0;

	while (!stop) {
		uint32_t i = n++ % 8;

		if (of[i]) {
			work->op = STORE_LIST_DROP;
			work->head = of[i];
			run(write_fd);
		}
		random_digests(STORE_LIST_MAX);
		run(write_fd);
		of[i] = work->result ? 0 : work->head;
		*changes += 1;
	}
	return NULL;
}

/* Half of the digests are there all the time, half never: no look-up may be wrong. */
static int readers(const char *path)
{
	enum { SECONDS = 5 };
	uint64_t changes = 0, lookups = 0;
	time_t end;
	pthread_t t;

	slots = 1024;
	load(path, slots, slots, 1024);
	reads = map_memory("reads", sizeof(*reads));
	read_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "run_read"));
	random_digests(STORE_READ_MAX / 2);
	for (uint32_t i = 0; i < STORE_READ_MAX / 2; i++)
		reads->digest[i] = work->digest[i];
	run(write_fd);
	random_digests(STORE_READ_MAX / 2);
	for (uint32_t i = 0; i < STORE_READ_MAX / 2; i++) {
		reads->digest[STORE_READ_MAX / 2 + i] = work->digest[i];
		reads->digest[STORE_READ_MAX / 2 + i].use = 0;
	}
	reads->count = STORE_READ_MAX;
	reads->rounds = 1000;
	if (pthread_create(&t, NULL, writer, &changes))
		die("thread");
	end = time(NULL) + SECONDS;
	while (time(NULL) < end && !reads->wrong) {
		run(read_fd);
		lookups += reads->rounds * STORE_READ_MAX;
	}
	stop = 1;
	pthread_join(t, NULL);
	printf("%llu look-ups beside %llu changes of list, %u wrong\n", (unsigned long long)lookups,
	       (unsigned long long)changes, reads->wrong);
	MUST(!reads->wrong, "a look-up went wrong beside a writer");
	MUST(changes > 1000, "the writer hardly ran");
	unload();
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[2], "renew"))
		return renew(argv[1]);
	if (argc == 3 && !strcmp(argv[2], "readers"))
		return readers(argv[1]);
	fprintf(stderr, "usage: store_change PROGRAM renew | readers\n");
	return 2;
}
