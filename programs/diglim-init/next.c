/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Would the machine start? Asked of the kernel side itself by doing what the start does: mapping
 * programs to be executed, and letting the loader map their libraries.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"
#include "../../lib/base/root.h"

#define SEGMENTS_MAX 64

static bool may_map(int fd)
{
	void *p = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return errno != EPERM;
	munmap(p, 1);
	return true;
}

/* The loader that a program names; false if it names none. */
static bool loader_of(int fd, char ret[PATH_MAX])
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (unsigned i = 0; i < eh.e_phnum && i < SEGMENTS_MAX; i++) {
		off_t at = (off_t)(eh.e_phoff + (uint64_t)i * sizeof(ph));

		if (pread(fd, &ph, sizeof(ph), at) != sizeof(ph))
			return false;
		if (ph.p_type != PT_INTERP || !ph.p_filesz || ph.p_filesz > PATH_MAX)
			continue;
		memset(ret, 0, PATH_MAX);
		return pread(fd, ret, ph.p_filesz - 1, (off_t)ph.p_offset) > 0;
	}
	return false;
}

/* "ld.so --list PROGRAM" maps every library and runs nothing. Loaders of other kinds may refuse. */
static bool libraries_map(const char *root, const char *loader, const char *program)
{
	pid_t child = fork();
	int status = 0, null;

	if (child == 0) {
		if (chroot(root) || chdir("/"))
			_exit(0);
		null = open("/dev/null", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			null < 0 ? close(fd) : dup2(null, fd);
		execl(loader, loader, "--list", program, (char *)NULL);
		_exit(errno == EPERM ? 127 : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return true;
	return !WIFEXITED(status) || WEXITSTATUS(status) != 127;
}

static bool program_would_run(const char *root, const char *path, struct err *e)
{
	char loader[PATH_MAX];
	int fd = root_open(root, path, O_RDONLY | O_CLOEXEC, NULL);
	bool ok;

	/* What is not there is not refused: somebody else has something to say about it. */
	if (fd < 0)
		return true;
	ok = may_map(fd);
	if (!ok)
		err_set(e, -EPERM, "%s", path);
	else if (loader_of(fd, loader) && !libraries_map(root, loader, path))
		ok = !err_set(e, -EPERM, "%s: its loader or a library", path);
	close(fd);
	return ok;
}

bool next_would_run(const struct boot *b, struct err *e)
{
	for (size_t i = 0; i < b->checks; i++)
		if (!program_would_run("/", b->check[i], e))
			return false;
	return program_would_run(b->root, b->next, e);
}
