/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instructions of warm system calls with and without DIGLIM, in a guest that counts them. Prints
 * one JSON object.
 *
 * usage: bench-calls CERT LISTS ROUNDS REPETITIONS STATIC DYNAMIC PLAIN
 *
 * STATIC and DYNAMIC are programs that the list vouches for and that end at once, PLAIN is a file
 * that it does not. Detached and enforcing take turns for ROUNDS rounds: if the same state differs
 * from round to round, something else is being measured.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench-empty.skel.h"
#include "guest.h"

#define ROUNDS_MAX 8

static const char *path_static, *path_dynamic, *path_plain;

static void exec_of(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	int status;
	pid_t pid = vfork();

	if (!pid) {
		execve(path, argv, envp);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		guest_die(path);
}

static void open_of(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		guest_die(path);
	close(fd);
}

static int mapped = -1;

static void map_of(int prot)
{
	void *p = mmap(NULL, 4096, prot, MAP_PRIVATE, mapped, 0);

	if (p == MAP_FAILED)
		guest_die("mmap");
	munmap(p, 4096);
}

static void do_exec_static(void)
{
	exec_of(path_static);
}
static void do_exec_dynamic(void)
{
	exec_of(path_dynamic);
}
static void do_open_read(void)
{
	open_of(path_plain, O_RDONLY);
}
static void do_open_write(void)
{
	open_of(path_plain, O_WRONLY);
}
static void do_map_read(void)
{
	map_of(PROT_READ);
}
static void do_map_exec(void)
{
	map_of(PROT_READ | PROT_EXEC);
}
static void do_nothing(void)
{
	syscall(SYS_getppid);
}

static const struct call {
	const char *name;
	void (*fn)(void);
	uint32_t share; /* of the repetitions: 1 in so many */
} calls[] = {
	{"exec_static", do_exec_static, 1}, {"exec_dynamic", do_exec_dynamic, 10},
	{"open_read", do_open_read, 1},	    {"open_write", do_open_write, 1},
	{"mmap_read", do_map_read, 1},	    {"mmap_exec", do_map_exec, 1},
	{"getppid", do_nothing, 1}, /* no hook of ours: what the measurement itself adds */
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

struct sums {
	double per_call[CALLS][ROUNDS_MAX];
	uint64_t idle;
};

static struct sums detached, empty, enforcing, reading;

static void measure(struct sums *s, const char *state, uint32_t round, uint32_t repetitions)
{
	for (size_t c = 0; c < CALLS; c++) {
		uint64_t idle = guest_idle();

		s->per_call[c][round] = guest_measure(calls[c].fn, repetitions / calls[c].share);
		s->idle += guest_idle() - idle;
		fprintf(stderr, "%s, round %u: %s: %.0f instructions\n", state, round + 1,
			calls[c].name, s->per_call[c][round]);
	}
}

/* With programs that do nothing on the hooks of these calls. */
static void measure_empty(uint32_t round, uint32_t repetitions)
{
	struct bench_empty *b = bench_empty__open_and_load();

	if (!b || bench_empty__attach(b))
		guest_die("empty programs");
	measure(&empty, "empty", round, repetitions);
	bench_empty__destroy(b);
	/* The last reference goes a little later. */
	usleep(200000);
}

/* @interpreters: with the program for what they read; the measuring process is none. */
static void measure_enforcing(const struct guest *g, enum diglim_interpreters interpreters,
			      uint32_t round, uint32_t repetitions)
{
	struct engine *e = guest_attach(g, interpreters);
	struct engine_status before, after;
	struct err err = {0};
	uint64_t judged;

	for (unsigned int i = 0; i < g->lists; i++)
		if (engine_list_add(e, g->list[i].payload, g->list[i].payload_len, g->list[i].sig,
				    g->list[i].sig_len, &err))
			guest_die(err.text);
	if (engine_mode_set(e, DIGLIM_MODE_ENFORCE, 0, &err) || engine_status_get(e, &before, &err))
		guest_die(err.text);
	if (interpreters)
		measure(&reading, "interpreters", round, repetitions);
	else
		measure(&enforcing, "enforcing", round, repetitions);
	if (engine_status_get(e, &after, &err))
		guest_die(err.text);
	judged = after.counters[DIGLIM_HOOK_EXEC].count[DIGLIM_COUNT_CACHED] -
		 before.counters[DIGLIM_HOOK_EXEC].count[DIGLIM_COUNT_CACHED];
	if (judged < repetitions) {
		fprintf(stderr, "only %llu programs were judged warm\n",
			(unsigned long long)judged);
		exit(2);
	}
	guest_detach(e);
}

static double mean(const double *v, uint32_t n)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += v[i];
	return sum / n;
}

/* Greatest difference between rounds of the same state, as a share. */
static double spread(const double *v, uint32_t n)
{
	double low = v[0], high = v[0];

	for (uint32_t i = 1; i < n; i++) {
		low = v[i] < low ? v[i] : low;
		high = v[i] > high ? v[i] : high;
	}
	return (high - low) / low;
}

static void print_result(uint32_t rounds, uint32_t repetitions)
{
	printf("{\"rounds\": %u, \"repetitions\": %u, \"idle_jiffies\": %llu, \"calls\": [", rounds,
	       repetitions,
	       (unsigned long long)(detached.idle + empty.idle + enforcing.idle + reading.idle));
	for (size_t c = 0; c < CALLS; c++) {
		double without = mean(detached.per_call[c], rounds);
		double with = mean(enforcing.per_call[c], rounds);
		double least = mean(empty.per_call[c], rounds);
		double read = mean(reading.per_call[c], rounds);

		printf("%s{\"call\": \"%s\", \"repetitions\": %u, \"detached\": %.1f, "
		       "\"empty\": %.1f, \"enforcing\": %.1f, \"added\": %.1f, \"percent\": %.3f, "
		       "\"spread_percent\": %.3f, \"interpreters\": %.1f, "
		       "\"interpreters_percent\": %.3f}",
		       c ? ", " : "", calls[c].name, repetitions / calls[c].share, without, least,
		       with, with - without, 100 * (with / without - 1),
		       100 * (spread(detached.per_call[c], rounds) +
			      spread(enforcing.per_call[c], rounds)),
		       read, 100 * (read / without - 1));
	}
	printf("]}\n");
}

int main(int argc, char **argv)
{
	uint32_t rounds, repetitions;
	struct guest g;

	if (argc != 8) {
		fprintf(stderr, "usage: bench-calls CERT LISTS ROUNDS REPETITIONS STATIC DYNAMIC "
				"PLAIN\n");
		return 2;
	}
	rounds = (uint32_t)strtoul(argv[3], NULL, 10);
	repetitions = (uint32_t)strtoul(argv[4], NULL, 10);
	path_static = argv[5];
	path_dynamic = argv[6];
	path_plain = argv[7];
	mapped = open(path_static, O_RDONLY);
	if (!rounds || rounds > ROUNDS_MAX || repetitions < 10 * GUEST_BATCH ||
	    repetitions > GUEST_CALLS_MAX || mapped < 0)
		guest_die(path_static);
	guest_open(&g, argv[1], argv[2]);
	for (uint32_t i = 0; i < rounds; i++) {
		measure(&detached, "detached", i, repetitions);
		measure_empty(i, repetitions);
		measure_enforcing(&g, DIGLIM_INTERPRETERS_OFF, i, repetitions);
		measure_enforcing(&g, DIGLIM_INTERPRETERS_ON, i, repetitions);
	}
	print_result(rounds, repetitions);
	return 0;
}
