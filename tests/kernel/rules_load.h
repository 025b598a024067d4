/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads bpf/take.h with its runner into the host's kernel and gives it lists. Included once. */
#ifndef DIGLIM_TESTS_KERNEL_RULES_LOAD_H
#define DIGLIM_TESTS_KERNEL_RULES_LOAD_H

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
#include "../data/build.h"
#include "rules_model.h"

#define SKIP	       77
#define RULES_SLOTS    4096
#define RULES_VERSIONS 64

static struct bpf_object *object;
static struct rules_work *work;
static int run_fd;
static unsigned int claims, wrong;
static struct build o;

#define CLAIM(condition)                                                                           \
	do {                                                                                       \
		claims++;                                                                          \
		if (!(condition)) {                                                                \
			wrong++;                                                                   \
			printf("%s:%d: %s\n", __func__, __LINE__, #condition);                     \
		}                                                                                  \
	} while (0)

#define GIVES(want, call)                                                                          \
	do {                                                                                       \
		int got_ = (call), want_ = (want);                                                 \
                                                                                                   \
		claims++;                                                                          \
		if (got_ != want_) {                                                               \
			wrong++;                                                                   \
			printf("%s:%d: %s gave %d, not %d\n", __func__, __LINE__, #call, got_,     \
			       want_);                                                             \
		}                                                                                  \
	} while (0)

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* The constants of bpf/maps.bpf.c in their order, the sizes of the maps. */
static void size_object(void)
{
	static const struct {
		const char *map;
		uint32_t n;
	} sizes[] = {
		{"store", RULES_SLOTS},	      {"links", RULES_SLOTS / DIGLIM_LINKS_ROW + 1},
		{"chunks", RULES_SLOTS},      {"lists", RULES_SLOTS},
		{"versions", RULES_VERSIONS},
	};
	struct bpf_map *m = bpf_object__find_map_by_name(object, ".rodata");
	size_t size;
	uint32_t *p = m ? (uint32_t *)bpf_map__initial_value(m, &size) : NULL;

	if (!p || size < 16)
		die(".rodata");
	p[0] = DIGLIM_SIG_MAX + RULES_PAYLOAD_MAX;
	p[1] = p[2] = p[3] = RULES_SLOTS;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (bpf_map__set_max_entries(bpf_object__find_map_by_name(object, sizes[i].map),
					     sizes[i].n))
			die(sizes[i].map);
	m = bpf_object__find_map_by_name(object, "ingest_buffers");
	if (bpf_map__set_value_size(m, DIGLIM_SIG_MAX + RULES_PAYLOAD_MAX))
		die("ingest_buffers");
}

static void update(const char *name, const void *value)
{
	uint32_t zero = 0;

	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, name), &zero, value,
				BPF_ANY))
		die(name);
}

/* A sealed machine that enforces. */
static void load(const char *path, const char *boot)
{
	struct diglim_control c = {.mode = DIGLIM_MODE_ENFORCE, .flags = DIGLIM_CONTROL_SEALED};
	struct diglim_status st = {.generation = 1};

	object = bpf_object__open(path);
	if (!object)
		die(path);
	size_object();
	if (bpf_object__load(object)) {
		if (errno == EPERM) {
			printf("SKIP: may not load BPF programs here\n");
			exit(SKIP);
		}
		die("load");
	}
	memcpy(st.boot, boot, sizeof(st.boot));
	update("control", &c);
	update("status", &st);
	work = mmap(NULL, sizeof(*work), PROT_READ | PROT_WRITE, MAP_SHARED,
		    bpf_object__find_map_fd_by_name(object, "work"), 0);
	if (work == MAP_FAILED)
		die("work");
	run_fd = bpf_program__fd(bpf_object__find_program_by_name(object, "run_rules"));
}

static void unload(void)
{
	munmap(work, sizeof(*work));
	bpf_object__close(object);
}

static int run(uint32_t op)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	work->op = op;
	if (bpf_prog_test_run_opts(run_fd, &opts) || opts.retval)
		die("run in the kernel");
	return work->result;
}

/* The list in `o`, as if its signature were good. */
static int add(const char *signer, uint32_t restricted)
{
	memset(work->signer, 0, sizeof(work->signer));
	work->signer_len = (uint32_t)strlen(signer);
	memcpy(work->signer, signer, work->signer_len);
	work->restricted = restricted;
	work->len = (uint32_t)o.len;
	memcpy(work->payload, o.b, o.len);
	return run(RULES_ADD);
}

static int list_remove(const uint8_t *id)
{
	memmove(work->id, id, sizeof(work->id));
	return run(RULES_REMOVE);
}

static int look_up(unsigned int digest)
{
	memset(work->digest, (int)(0x10 + digest), sizeof(work->digest));
	return run(RULES_LOOKUP);
}

static int look_up_signer(const char *signer)
{
	memset(work->digest, 0, sizeof(work->digest));
	memcpy(work->digest, signer, strlen(signer));
	work->digest[sizeof(work->digest) - 1] = (uint8_t)strlen(signer);
	return run(RULES_LOOKUP);
}

#endif
