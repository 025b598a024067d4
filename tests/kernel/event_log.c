/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event log, written by several threads and read at the same time: every event that is taken is
 * whole, and at the end the newest are there.
 *
 * usage: event_log PROGRAM.bpf.o
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../lib/engine/records.h"
#include "event_log.h"

#define SKIP	77
#define WRITERS 4
#define SLOTS	8
#define SECONDS 6

static struct bpf_object *object;
static int write_fd;
static volatile int stop;

static struct {
	uint64_t whole, overwritten, mixed, reads;
} seen;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void may_not(const char *what)
{
	if (errno != EPERM)
		die(what);
	printf("SKIP: may not load or attach BPF programs here\n");
	exit(SKIP);
}

static void set_constant(size_t nth, uint32_t value)
{
	struct bpf_map *m = bpf_object__find_map_by_name(object, ".rodata");
	size_t size;
	uint32_t *p = m ? (uint32_t *)bpf_map__initial_value(m, &size) : NULL;

	if (!p || (nth + 1) * sizeof(*p) > size)
		die(".rodata");
	p[nth] = value;
}

static void load(const char *path)
{
	static const char *const storages[] = {"inodes", "tasks"};
	struct bpf_map *m;

	object = bpf_object__open(path);
	if (!object)
		die(path);
	/* The constants of bpf/maps.bpf.c in their order. */
	set_constant(4, SLOTS);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "events"), SLOTS);
	for (size_t i = 0; i < 2; i++) {
		m = bpf_object__find_map_by_name(object, storages[i]);
		if (m)
			bpf_map__set_autocreate(m, false);
	}
	if (bpf_object__load(object))
		may_not("load");
	write_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "run_write"));
}

static struct bpf_link *attach(void)
{
	union bpf_iter_link_info info = {};
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info, .link_info_len = sizeof(info));
	struct bpf_link *link;

	info.map.map_fd = (uint32_t)bpf_object__find_map_fd_by_name(object, "events");
	link = bpf_program__attach_iter(
		bpf_object__find_program_by_name(object, "diglim_read_events"), &opts);
	if (!link)
		may_not("attach");
	return link;
}

static void *writer(void *arg)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	while (!stop)
		if (bpf_prog_test_run_opts(write_fd, &opts) || opts.retval)
			die("run in the kernel");
	return arg;
}

static bool is_of_one_piece(const struct diglim_event *ev, size_t size)
{
	uint8_t byte = (uint8_t)ev->reason;

	if (ev->offset != byte || size != sizeof(*ev) + EVENT_LOG_NAME || ev->tgid == 0)
		return false;
	for (size_t i = 0; i < sizeof(ev->digest); i++)
		if (ev->digest[i] != byte)
			return false;
	for (size_t i = 0; i < EVENT_LOG_NAME - 1; i++)
		if ((uint8_t)ev->path[i] != byte)
			return false;
	return !ev->path[EVENT_LOG_NAME - 1];
}

static size_t read_iterator(struct bpf_link *link, uint8_t *buf, size_t size)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		die("iterator");
	while ((n = read(fd, buf + len, size - len)) > 0)
		len += (size_t)n;
	close(fd);
	return len;
}

/* Reads the log once; the numbers of the whole events go to @numbers. */
static size_t read_log(struct bpf_link *link, uint64_t numbers[SLOTS])
{
	static uint8_t buf[65536];
	struct records all = {.data = buf, .len = read_iterator(link, buf, sizeof(buf))};
	union record_event ev;
	struct record rec;
	struct err e = {0};
	size_t size, n = 0;
	int r;

	while ((r = records_next(&all, DIGLIM_READ_EVENT, &rec, &e)) > 0) {
		r = record_event(&rec, &ev, &size, &e);
		if (r < 0)
			break;
		if (!r) {
			seen.overwritten++;
			continue;
		}
		seen.whole++;
		if (!is_of_one_piece(&ev.event, size))
			seen.mixed++;
		if (n < SLOTS)
			numbers[n++] = ev.event.seq;
	}
	seen.reads++;
	if (r < 0) {
		printf("%s\n", e.text);
		exit(1);
	}
	return n;
}

static uint64_t newest(void)
{
	int fd = bpf_object__find_map_fd_by_name(object, "status");
	struct diglim_status st;
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(fd, &zero, &st))
		die("status");
	return st.event_seq;
}

/* With nobody writing, the log is full of the newest events, but for lost ones. */
static int check_rest(struct bpf_link *link)
{
	uint64_t numbers[SLOTS], last;
	size_t n;

	if (bpf_prog_test_run_opts(write_fd, NULL))
		die("run in the kernel");
	last = newest();
	n = read_log(link, numbers);
	if (n != SLOTS)
		printf("%zu events at rest, not %d\n", n, SLOTS);
	for (size_t i = 0; i < n; i++)
		if (numbers[i] + SLOTS <= last || numbers[i] > last) {
			printf("number %llu, the newest is %llu\n", (unsigned long long)numbers[i],
			       (unsigned long long)last);
			n = 0;
		}
	return n == SLOTS;
}

int main(int argc, char **argv)
{
	uint64_t numbers[SLOTS];
	pthread_t t[WRITERS];
	struct bpf_link *link;
	time_t end;
	int rest;

	if (argc != 2) {
		fprintf(stderr, "usage: event_log PROGRAM.bpf.o\n");
		return 2;
	}
	load(argv[1]);
	link = attach();
	for (int i = 0; i < WRITERS; i++)
		if (pthread_create(&t[i], NULL, writer, NULL))
			die("thread");
	end = time(NULL) + SECONDS;
	while (time(NULL) < end)
		read_log(link, numbers);
	stop = 1;
	for (int i = 0; i < WRITERS; i++)
		pthread_join(t[i], NULL);
	rest = check_rest(link);
	printf("%llu events written; %llu reads: %llu whole, %llu overwritten meanwhile, %llu "
	       "mixed\n",
	       (unsigned long long)newest(), (unsigned long long)seen.reads,
	       (unsigned long long)seen.whole, (unsigned long long)seen.overwritten,
	       (unsigned long long)seen.mixed);
	bpf_link__destroy(link);
	bpf_object__close(object);
	return seen.mixed || !rest || seen.whole < 1000 || !seen.overwritten;
}
