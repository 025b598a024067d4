/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "alter ORDER WAY FILE EVIL": changes what an executable mapping of FILE holds. EVIL is a file of
 * the same size with other content.
 *   old     the descriptor is opened for writing before FILE is mapped executable, and stays open
 *   closed  as before, but closed before the mapping: something else still reaches the pages
 *   new     opened when FILE is mapped already
 * "alter watch COMMAND FILE EVIL": what a command of the shell does to it meanwhile.
 * Prints "ran" if the mapping shows other content, "unchanged" if it does not, "refused ERRNO STEP"
 * or "skipped WHY".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

static char before[1 << 20];
static size_t size;
static int evil;
static char *shared;

static int end(const char *what)
{
	puts(what);
	fflush(stdout);
	_exit(0);
}

static int refused(const char *step)
{
	printf("refused %s %s\n", strerrorname_np(errno), step);
	return end("");
}

/* For ways that this kernel or file system may lack. */
static int failed(const char *step)
{
	if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL || errno == ENOTTY) {
		printf("skipped %s: %s\n", step, strerrorname_np(errno));
		return end("");
	}
	return refused(step);
}

/* The page behind the mapping went away: changed, if anything. */
static void on_bus(int sig)
{
	(void)sig;
	end("ran");
}

static int by_write(int fd)
{
	char c;

	if (pread(evil, &c, 1, 1) != 1)
		return -1;
	for (size_t i = 0; i < size; i++)
		if (pread(evil, &c, 1, (off_t)i) != 1 ||
		    (c != before[i] && pwrite(fd, &c, 1, (off_t)i) != 1))
			return -1;
	return 0;
}

static int by_truncate(int fd)
{
	return ftruncate(fd, 0) ? -1 : by_write(fd);
}

static int by_punch(int fd)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)size);
}

static int by_zero(int fd)
{
	return fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, (off_t)size);
}

static int by_collapse(int fd)
{
	return fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE);
}

static int by_insert(int fd)
{
	return fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, PAGE);
}

static int by_copy_range(int fd)
{
	loff_t in = 0, out = 0;

	return copy_file_range(evil, &in, fd, &out, size, 0) > 0 ? 0 : -1;
}

static int by_sendfile(int fd)
{
	off_t in = 0;

	lseek(fd, 0, SEEK_SET);
	return sendfile(fd, evil, &in, size) > 0 ? 0 : -1;
}

static int by_splice(int fd)
{
	loff_t in = 0, out = 0;
	int p[2];
	ssize_t n;

	if (pipe(p))
		return -1;
	while ((n = splice(evil, &in, p[1], NULL, PAGE, 0)) > 0)
		if (splice(p[0], NULL, fd, &out, (size_t)n, 0) != n)
			return -1;
	return (int)n;
}

static int by_vmsplice(int fd)
{
	struct iovec v = {.iov_base = aligned_alloc(PAGE, PAGE), .iov_len = PAGE};
	int p[2];
	loff_t out = 0;

	if (!v.iov_base || pipe(p))
		return -1;
	memset(v.iov_base, 0x90, PAGE);
	if (vmsplice(p[1], &v, 1, SPLICE_F_GIFT) != PAGE)
		return -1;
	return splice(p[0], NULL, fd, &out, PAGE, SPLICE_F_MOVE) == PAGE ? 0 : -1;
}

static int by_clone(int fd)
{
	return ioctl(fd, FICLONE, evil);
}

/* Through a shared mapping that was made while the descriptor was open. */
static int by_mapping(int fd)
{
	char c;

	(void)fd;
	for (size_t i = 0; i < size; i++)
		if (pread(evil, &c, 1, (off_t)i) == 1 && c != before[i])
			shared[i] = c;
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(int fd);
} ways[] = {
	{"write", by_write},	       {"truncate", by_truncate},
	{"punch", by_punch},	       {"zero", by_zero},
	{"collapse", by_collapse},     {"insert", by_insert},
	{"copy-range", by_copy_range}, {"sendfile", by_sendfile},
	{"splice", by_splice},	       {"vmsplice", by_vmsplice},
	{"clone", by_clone},	       {"mapping", by_mapping},
};

static int (*way_of(const char *name))(int)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].name, name))
			return ways[i].fn;
	return NULL;
}

static int open_to_write(const char *path, bool map)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return refused("open for writing");
	if (map)
		shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		return refused("mmap shared");
	return fd;
}

static volatile char *map_exec(const char *path)
{
	int fd = open(path, O_RDONLY);
	char *p;

	if (fd < 0)
		refused("open");
	p = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		refused("mmap");
	close(fd);
	return p;
}

static void read_before(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, before, sizeof(before));

	if (n <= 0)
		refused("open");
	size = (size_t)n;
	close(fd);
}

static void alter(const char *order, int (*fn)(int), const char *path)
{
	bool first = strcmp(order, "new") != 0;
	volatile char *exec;
	int fd = -1;

	if (first)
		fd = open_to_write(path, fn == by_mapping);
	if (!strcmp(order, "closed"))
		close(fd);
	exec = map_exec(path);
	if (!first)
		fd = open_to_write(path, fn == by_mapping);
	if (fn(fd))
		failed("alter");
	for (size_t i = 0; i < size; i++)
		if (exec[i] != before[i])
			end("ran");
	end("unchanged");
}

/* The command's end is no answer: pages may be forgotten a little later. */
static void watch(const char *command, const char *path)
{
	volatile char *exec = map_exec(path);
	bool done;

	for (size_t i = 0; i < size; i += PAGE)
		(void)exec[i];
	done = system(command) == 0;
	for (int n = 0; n < (done ? 20 : 1); n++) {
		for (size_t i = 0; i < size; i++)
			if (exec[i] != before[i])
				end("ran");
		usleep(100000);
	}
	end(done ? "unchanged" : "refused command");
}

int main(int argc, char **argv)
{
	int (*fn)(int) = argc == 5 ? way_of(argv[2]) : NULL;

	if (!fn && (argc != 5 || strcmp(argv[1], "watch"))) {
		fputs("usage: alter old|closed|new WAY FILE EVIL\n"
		      "       alter watch COMMAND FILE EVIL\n",
		      stderr);
		return 2;
	}
	signal(SIGBUS, on_bus);
	read_before(argv[3]);
	evil = open(argv[4], O_RDONLY);
	if (evil < 0)
		refused("open evil");
	if (fn)
		alter(argv[1], fn, argv[3]);
	watch(argv[2], argv[3]);
}
