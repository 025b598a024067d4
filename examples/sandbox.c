/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Example: attaches sandbox.bpf.o and pins its program and link below a directory of a bpffs.
 * `diglim query DIRECTORY/program` then lets it ask; `rm -r DIRECTORY` takes it away.
 *
 * usage: sandbox OBJECT DIRECTORY
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int fail(const char *what, long error)
{
	fprintf(stderr, "sandbox: %s: %s\n", what, strerror((int)-error));
	return 1;
}

static int start(struct bpf_object *o, const char *dir)
{
	struct bpf_program *p = bpf_object__next_program(o, NULL);
	char path[4096];
	struct bpf_link *link;
	int r;

	r = bpf_object__load(o);
	if (r)
		return fail("loading", r);
	link = bpf_program__attach(p);
	if (!link)
		return fail("attaching", -errno);
	snprintf(path, sizeof(path), "%s/program", dir);
	r = bpf_program__pin(p, path);
	if (!r) {
		snprintf(path, sizeof(path), "%s/link", dir);
		r = bpf_link__pin(link, path);
	}
	bpf_link__destroy(link);
	return r ? fail(path, r) : 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *o;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: sandbox OBJECT DIRECTORY\n");
		return 2;
	}
	o = bpf_object__open_file(argv[1], NULL);
	if (!o)
		return fail(argv[1], -errno);
	if (mkdir(argv[2], 0700) && errno != EEXIST)
		return fail(argv[2], -errno);
	r = start(o, argv[2]);
	bpf_object__close(o);
	return r;
}
