// SPDX-License-Identifier: GPL-2.0-only
/*
 * make-code WAY FILE: runs code that it made itself, in one of many ways, and says what came of the
 * call in question: ran | refused ERRNO | not-attempted WHY. FILE is somebody's program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "outcome.h"

#define SIZE 4096
#define RW   (PROT_READ | PROT_WRITE)
#define RX   (PROT_READ | PROT_EXEC)

#if defined(__x86_64__)
static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* return 42 */
#elif defined(__aarch64__)
static const unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#endif

static int run(void *p)
{
	int (*fn)(void);

	__builtin___clear_cache((char *)p, (char *)p + sizeof(code));
	memcpy(&fn, &p, sizeof(fn));
	puts(fn() == 42 ? "ran" : "not-attempted: other code ran");
	return 0;
}

static int write_and_run(void *p, int executable)
{
	if (p == MAP_FAILED)
		return executable ? refused(errno) : not_attempted("mmap");
	memcpy(p, code, sizeof(code));
	if (!executable && mprotect(p, SIZE, RX))
		return refused(errno);
	return run(p);
}

/* An open file with the code in it. */
static int with_code(int fd)
{
	char page[SIZE] = "";

	memcpy(page, code, sizeof(code));
	return fd >= 0 && write(fd, page, SIZE) == SIZE ? fd : -1;
}

static int run_file(int fd, int flags)
{
	void *p;

	if (fd < 0)
		return not_attempted("file");
	p = mmap(NULL, SIZE, RX, flags, fd, 0);
	return p == MAP_FAILED ? refused(errno) : run(p);
}

static int private_writable(int fd)
{
	void *p = mmap(NULL, SIZE, RX, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return not_attempted("mmap");
	if (mprotect(p, SIZE, RW | PROT_EXEC))
		return refused(errno);
	memcpy(p, code, sizeof(code));
	return run(p);
}

static int of_stack(void)
{
	char room[3 * SIZE];
	char *p = (char *)(((unsigned long)room + SIZE - 1) & ~(SIZE - 1UL));

	memcpy(p, code, sizeof(code));
	if (mprotect(p, SIZE, RW | PROT_EXEC))
		return refused(errno);
	return run(p);
}

static int of_heap(void)
{
	void *p;

	if (posix_memalign(&p, SIZE, SIZE))
		return not_attempted("memory");
	memcpy(p, code, sizeof(code));
	if (mprotect(p, SIZE, RW | PROT_EXEC))
		return refused(errno);
	return run(p);
}

/* Fills a page of a private executable mapping, which no fault has filled yet, with the code. */
static int of_fault(void)
{
	struct uffdio_register reg = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_copy copy = {.len = SIZE};
	int uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC), fd;
	char page[SIZE] = "";
	void *p;

	if (uffd < 0)
		return errno == EPERM || errno == EACCES ? refused(errno)
							 : not_attempted("userfaultfd");
	memcpy(page, code, sizeof(code));
	/* Files of tmpfs only: the vouched program, copied there. */
	fd = open("/tmp/vouched-file", O_RDONLY);
	p = mmap(NULL, SIZE, RX, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return not_attempted("mmap");
	reg.range.start = copy.dst = (uintptr_t)p;
	reg.range.len = SIZE;
	copy.src = (uintptr_t)page;
	if (ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &reg) ||
	    ioctl(uffd, UFFDIO_COPY, &copy))
		return not_attempted("UFFDIO_COPY");
	return run(p);
}

static int of_file(const char *way, const char *path)
{
	int fd = open(path, O_RDONLY);
	void *p;

	if (fd < 0)
		return not_attempted(path);
	if (!strcmp(way, "private-written"))
		return write_and_run(mmap(NULL, SIZE, RW, MAP_PRIVATE, fd, 0), 0);
	if (!strcmp(way, "private-both"))
		return write_and_run(mmap(NULL, SIZE, RW | PROT_EXEC, MAP_PRIVATE, fd, 0), 1);
	if (!strcmp(way, "private-writable"))
		return private_writable(fd);
	p = mmap(NULL, SIZE, RX, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return refused(errno);
	puts("ran");
	return 0;
}

int main(int argc, char **argv)
{
	const char *way = argc == 3 ? argv[1] : "";
	const int anon = MAP_ANONYMOUS | MAP_PRIVATE, shared = MAP_ANONYMOUS | MAP_SHARED;

	if (!strcmp(way, "mmap"))
		return write_and_run(mmap(NULL, SIZE, RW | PROT_EXEC, anon, -1, 0), 1);
	if (!strcmp(way, "mmap-shared"))
		return write_and_run(mmap(NULL, SIZE, RW | PROT_EXEC, shared, -1, 0), 1);
	if (!strcmp(way, "mprotect"))
		return write_and_run(mmap(NULL, SIZE, RW, anon, -1, 0), 0);
	if (!strcmp(way, "stack"))
		return of_stack();
	if (!strcmp(way, "heap"))
		return of_heap();
	if (!strcmp(way, "fault"))
		return of_fault();
	if (!strcmp(way, "memfd"))
		return run_file(with_code(memfd_create("code", 0)), MAP_PRIVATE);
	if (!strcmp(way, "memfd-shared"))
		return run_file(with_code(memfd_create("code", 0)), MAP_SHARED);
	if (!strcmp(way, "tmpfile"))
		return run_file(with_code(open("/mnt", O_TMPFILE | O_RDWR, 0700)), MAP_PRIVATE);
	if (!strncmp(way, "private-", 8) || !strcmp(way, "file"))
		return of_file(way, argv[2]);
	fprintf(stderr, "usage: make-code WAY FILE\n");
	return 3;
}
