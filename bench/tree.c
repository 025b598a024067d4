/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tree of programs for bench/run: FILES files of about BYTES bytes each, a hundred a directory,
 * all with an execute bit, no two alike.
 *
 * usage: bench-tree DIR FILES BYTES
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t state = 1;

/* xorshift64: only to have no two blocks alike */
static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int make(const char *path, uint64_t *block, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755), r;

	if (fd < 0)
		return -1;
	block[0] = next();
	block[size / sizeof(*block) / 2] = next();
	r = write(fd, block, size) == (ssize_t)size ? 0 : -1;
	return close(fd) ? -1 : r;
}

int main(int argc, char **argv)
{
	unsigned long files = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	size_t bytes = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	char path[4096];
	uint64_t *block;

	if (!files || bytes < 32 || bytes > 1U << 30) {
		fprintf(stderr, "usage: bench-tree DIR FILES BYTES\n");
		return 2;
	}
	block = malloc(2 * bytes + 8);
	if (!block)
		return 2;
	for (size_t i = 0; i < (2 * bytes + 8) / 8; i++)
		block[i] = next();
	for (unsigned long i = 0; i < files; i++) {
		snprintf(path, sizeof(path), "%s/d%lu", argv[1], i / 100);
		if (!(i % 100) && mkdir(path, 0755)) {
			perror(path);
			return 2;
		}
		snprintf(path, sizeof(path), "%s/d%lu/f%lu", argv[1], i / 100, i);
		/* Half to one and a half of the size. */
		if (make(path, block, (bytes / 2 + (size_t)(next() % bytes)) & ~(size_t)7)) {
			perror(path);
			return 2;
		}
	}
	free(block);
	return 0;
}
