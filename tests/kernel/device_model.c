/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device_model OBJECT: what bpf/device.bpf.c says of the device below the working directory, in the
 * host's kernel: in use from the first check on; not steady while somebody has it open for writing.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device_model.h"

#define SKIP 77

static struct bpf_object *object;
static int failures, skipped;

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

/* A node of our own for the device @dev of the kernel's, open for writing. Nothing is written. */
static int open_device(unsigned long long dev)
{
	const char *node = "device_model.node";
	int fd;

	unlink(node);
	if (mknod(node, S_IFBLK | 0600, makedev(dev >> 20, dev & 0xfffff)))
		return -1;
	fd = open(node, O_RDWR | O_CLOEXEC);
	unlink(node);
	return fd;
}

static int check_writer(struct device_answer *a)
{
	int fd = open_device(a->dev);

	if (fd < 0) {
		printf("skip - the device cannot be opened for writing: %s\n", strerror(errno));
		skipped = 3;
		return 0;
	}
	a->fd = (unsigned long long)fd;
	if (run("run_open", a) || run("run_check", a))
		return 1;
	expect("steady while it is open for writing", 0, a->steady);
	expect("still in use", 1, a->used);
	close(fd);
	/* The kernel's count of what is open goes down behind close(2). */
	for (int i = 0; i < 100 && !a->steady; i++) {
		usleep(10000);
		if (run("run_check", a))
			return 1;
	}
	expect("steady when nobody has it open any more", 1, a->steady);
	return 0;
}

int main(int argc, char **argv)
{
	struct device_answer a = {};
	struct bpf_program *p;
	struct bpf_map *m;
	int r;

	object = argc == 2 ? bpf_object__open(argv[1]) : NULL;
	if (!object)
		return 2;
	/* Those on LSM hooks need a kernel that starts with them. */
	bpf_object__for_each_program(p, object)
		bpf_program__set_autoload(p, bpf_program__type(p) == BPF_PROG_TYPE_SYSCALL);
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
	r = check_writer(&a);
	if (r)
		return r;
	printf("%d passed, %d failed, %d skipped\n", 6 - skipped - failures, failures, skipped);
	return failures ? 1 : 0;
}
