/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ways to change the content of a file under a verdict, each as "content-race WAY FILE".
 * Prints "refused ERRNO" when a step was refused, "ran" when changed content was executed or mapped
 * executable, "unchanged" when the steps went through without effect.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

static int refused(const char *step)
{
	printf("refused %s %s\n", strerrorname_np(errno), step);
	return 1;
}

static int map_exec(const char *path)
{
	int fd = open(path, O_RDONLY);
	void *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	puts("ran");
	return 0;
}

/* Opened before the file is judged, written while it stays open. */
static int old_descriptor(const char *path)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return refused("open");
	if (pwrite(fd, "x", 1, 100) != 1)
		return refused("write");
	return map_exec(path);
}

/* A shared mapping that outlives its descriptor. */
static int shared_mapping(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return refused("mmap shared");
	p[100] ^= 1;
	return map_exec(path);
}

/* The same, unmapped before the file is used: the inode stays tainted. */
static int after_shared_mapping(const char *path)
{
	int fd = open(path, O_RDWR);
	char *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap shared");
	munmap(p, PAGE);
	close(fd);
	return map_exec(path);
}

/* A private copy that is changed and then made executable. */
static int private_written(const char *path)
{
	int fd = open(path, O_RDONLY);
	char *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	p[100] ^= 1;
	if (mprotect(p, PAGE, PROT_READ | PROT_EXEC))
		return refused("mprotect");
	puts("ran");
	return 0;
}

/* Mapped executable first; then somebody wants to write. */
static int write_mapped(const char *path)
{
	int fd = open(path, O_RDONLY), wr;
	void *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	wr = open(path, O_WRONLY);
	if (wr < 0)
		return refused("open for writing");
	puts("ran");
	return 0;
}

static int truncate_mapped(const char *path)
{
	int fd = open(path, O_RDONLY);
	void *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	if (truncate(path, 0))
		return refused("truncate");
	puts("ran");
	return 0;
}

static int shared_exec(const char *path)
{
	int fd = open(path, O_RDWR);
	void *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	puts("ran");
	return 0;
}

/* Opening for reading may ask for truncation. */
static int truncate_on_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	void *p;

	if (fd < 0)
		return refused("open");
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	if (open(path, O_RDONLY | O_TRUNC) < 0)
		return refused("open with O_TRUNC");
	puts("ran");
	return 0;
}

/* By its path, as no opening for writing would: the last bytes become zeroes. */
/* To half of its size. */
static int cut(const char *path)
{
	struct stat st;

	if (stat(path, &st) || truncate(path, st.st_size / 2))
		return refused("truncate");
	return 0;
}

static int truncate_tail(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return refused("stat");
	if (truncate(path, st.st_size - 64) || truncate(path, st.st_size))
		return refused("truncate");
	puts("unchanged");
	return 0;
}

/* The descriptor of a memfd writes without being counted as a writer. @seals close it. */
static int memfd_copy(const char *path, int seals)
{
	int from = open(path, O_RDONLY), fd;
	void *p;

	fd = memfd_create("content-race", MFD_ALLOW_SEALING);
	if (from < 0 || fd < 0)
		return refused("open");
	while (sendfile(fd, from, NULL, 1 << 20) > 0)
		continue;
	if (seals && fcntl(fd, F_ADD_SEALS, seals))
		return refused("seal");
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused("mmap");
	if (!seals && pwrite(fd, "x", 1, 100) != 1)
		return refused("write");
	puts("ran");
	return 0;
}

static int memfd_written(const char *path)
{
	return memfd_copy(path, 0);
}

static int memfd_sealed(const char *path)
{
	return memfd_copy(path, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
}

static const struct {
	const char *name;
	int (*fn)(const char *path);
} ways[] = {
	{"old-descriptor", old_descriptor},
	{"shared-mapping", shared_mapping},
	{"after-shared-mapping", after_shared_mapping},
	{"private-written", private_written},
	{"write-mapped", write_mapped},
	{"truncate-mapped", truncate_mapped},
	{"shared-exec", shared_exec},
	{"truncate-on-read", truncate_on_read},
	{"truncate-tail", truncate_tail},
	{"cut", cut},
	{"memfd-written", memfd_written},
	{"memfd-sealed", memfd_sealed},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(argv[1], ways[i].name))
			return ways[i].fn(argv[2]);
	fputs("usage: content-race WAY FILE\n", stderr);
	return 2;
}
