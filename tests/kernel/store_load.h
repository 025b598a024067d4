/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads the store and its runner into the host's kernel, with sizes of the test's choice. Included
 * once by each program.
 */
#ifndef DIGLIM_TESTS_KERNEL_STORE_LOAD_H
#define DIGLIM_TESTS_KERNEL_STORE_LOAD_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../abi/error.h"
#include "../../abi/listfile.h"
#include "../../abi/use.h"
#include "store_model.h"

#define SKIP	   77
#define NO_FAILURE 0xffffffff

static struct bpf_object *object;
static struct store_work *work;
static int write_fd;

static uint32_t slots;
static uint64_t step;
static uint64_t random_state = 0x6469676c696d;

static uint64_t rnd64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x9e3779b97f4a7c15ULL;
}

static uint32_t rnd(uint32_t below)
{
	return (uint32_t)(rnd64() >> 32) % below;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

#define MUST(condition, ...)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("operation %llu (store of %u): ", (unsigned long long)step, slots); \
			printf(__VA_ARGS__);                                                       \
			printf("\n");                                                              \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static void set_constant(const char *section, size_t nth, uint32_t value)
{
	struct bpf_map *m = bpf_object__find_map_by_name(object, section);
	size_t size;
	uint32_t *p = m ? (uint32_t *)bpf_map__initial_value(m, &size) : NULL;

	if (!p || (nth + 1) * sizeof(*p) > size)
		die(section);
	p[nth] = value;
}

static void *map_memory(const char *name, size_t size)
{
	int fd = bpf_object__find_map_fd_by_name(object, name);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die(name);
	return p;
}

static void set_entries(const char *name, uint32_t n)
{
	struct bpf_map *m = bpf_object__find_map_by_name(object, name);

	if (!m || bpf_map__set_max_entries(m, n))
		die(name);
}

static void load(const char *path, uint32_t size, uint32_t limit, uint32_t nchunks)
{
	struct bpf_map *m;

	object = bpf_object__open(path);
	if (!object)
		die(path);
	/* The constants of bpf/maps.bpf.c in their order. */
	set_constant(".rodata", 1, size);
	set_constant(".rodata", 2, limit);
	set_entries("store", size);
	set_entries("links", size / DIGLIM_LINKS_ROW + 1);
	set_entries("chunks", nchunks);
	m = bpf_object__find_map_by_name(object, "inodes");
	if (m)
		bpf_map__set_autocreate(m, false);
	if (bpf_object__load(object)) {
		if (errno == EPERM) {
			printf("SKIP: may not load BPF programs here\n");
			exit(SKIP);
		}
		die("load");
	}
	work = map_memory("work", sizeof(*work));
	write_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "run_write"));
}

static void unload(void)
{
	munmap(work, sizeof(*work));
	bpf_object__close(object);
}

static void run(int fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(fd, &opts) || opts.retval)
		die("run in the kernel");
}

#endif
