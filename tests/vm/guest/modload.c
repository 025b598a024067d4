// SPDX-License-Identifier: GPL-2.0-only
/*
 * modload FILE.ko[.xz|.zst]...: loads modules from files, in this order. A compressed one is
 * handed to the kernel as it is, so that the kernel reads the packaged file and can judge it:
 * kmod before version 31 unpacks it first and leaves the kernel nothing but memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE_INIT_COMPRESSED_FILE 4

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static int load(const char *path)
{
	int flags = ends_with(path, ".ko") ? 0 : MODULE_INIT_COMPRESSED_FILE;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long err;

	if (fd < 0) {
		fprintf(stderr, "modload: %s: %s\n", path, strerror(errno));
		return 1;
	}
	err = syscall(SYS_finit_module, fd, "", flags);
	if (err && errno != EEXIST) {
		fprintf(stderr, "modload: %s: %s\n", path, strerror(errno));
		close(fd);
		return 1;
	}
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: modload FILE.ko[.xz|.zst]...\n");
		return 2;
	}
	for (i = 1; i < argc; i++)
		if (load(argv[i]))
			return 1;
	return 0;
}
