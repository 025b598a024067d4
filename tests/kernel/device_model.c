/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device_model OBJECT: what bpf/device.bpf.c says of the device below the working directory, in the
 * host's kernel: in use from the first check on; not steady just after it was opened for writing.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device_model.h"

#define SKIP 77

static struct bpf_object *object;
static int failures;

static int run(const char *name, struct device_answer *a)
{
	struct bpf_program *p = bpf_object__find_program_by_name(object, name);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = a, .ctx_size_in = sizeof(*a));

	return p ? bpf_prog_test_run_opts(bpf_program__fd(p), &opts) : -ENOENT;
}

static void expect(const char *what, unsigned long long want, unsigned long long got)
{
	if (want == got)
		return;
	printf("%s: %llu, not %llu\n", what, got, want);
	failures++;
}

int main(int argc, char **argv)
{
	struct device_answer a = {};
	struct bpf_map *m;

	object = argc == 2 ? bpf_object__open(argv[1]) : NULL;
	if (!object)
		return 2;
	/* Storage of inodes and processes is for LSM programs only. */
	bpf_object__for_each_map(m, object)
		if (bpf_map__type(m) == BPF_MAP_TYPE_INODE_STORAGE ||
		    bpf_map__type(m) == BPF_MAP_TYPE_TASK_STORAGE)
			bpf_map__set_autocreate(m, false);
	if (bpf_object__load(object)) {
		printf("SKIP: BPF programs cannot be loaded: %s\n", strerror(errno));
		return errno == EPERM || errno == EACCES ? SKIP : 1;
	}
	if (run("run_check", &a))
		return 1;
	if (!a.dev) {
		puts("SKIP: the working directory is on no block device");
		return SKIP;
	}
	expect("in use before anybody asked", 0, a.used_before);
	expect("steady", 1, a.steady);
	expect("in use", 1, a.used);
	if (run("run_open", &a) || run("run_check", &a))
		return 1;
	expect("steady just after it was opened for writing", 0, a.steady);
	expect("still in use", 1, a.used);
	sleep(6);
	if (run("run_check", &a))
		return 1;
	expect("steady when nobody kept it open", 1, a.steady);
	printf("%d passed, %d failed, 0 skipped\n", 6 - failures, failures);
	return failures ? 1 : 0;
}
