/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded: of all allocations of a process the one with the number $OOM_FAIL fails, with
 * $OOM_REST set all after it as well. The file $OOM_TOLD is created when that happens. $OOM_SKIP
 * names places in the program, "FROM-TO FROM-TO" in hexadecimal as nm(1) gives them, whose
 * allocations do not count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* glibc's own, which nobody interposes. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static long fail_at = -1, count;
static bool rest;
static uintptr_t skip[2][2];

static void start(void)
{
	const char *at = getenv("OOM_FAIL"), *places = getenv("OOM_SKIP");
	/* The program's first page: its headers lie behind the ELF header. */
	uintptr_t base = getauxval(AT_PHDR) & ~(uintptr_t)4095;

	if (places && sscanf(places, "%lx-%lx %lx-%lx", &skip[0][0], &skip[0][1], &skip[1][0],
			     &skip[1][1]) == 4)
		for (int i = 0; i < 4; i++)
			skip[i / 2][i % 2] += base;

	fail_at = at ? strtol(at, NULL, 10) : 0;
	rest = getenv("OOM_REST") != NULL;
}

static bool fails(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;
	const char *told;
	long n;
	int fd;

	if (fail_at < 0)
		start();
	if ((at > skip[0][0] && at < skip[0][1]) || (at > skip[1][0] && at < skip[1][1]))
		return false;
	n = __sync_add_and_fetch(&count, 1);
	if (!fail_at || n < fail_at || (n > fail_at && !rest))
		return false;
	if (n == fail_at) {
		told = getenv("OOM_TOLD");
		fd = told ? open(told, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
		if (fd >= 0)
			close(fd);
	}
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	void *p = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, size);

	if (!p)
		return ENOMEM;
	*ret = p;
	return 0;
}
