/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "ring ORDER FILE EVIL": as alter, writing through io_uring with a registered buffer.
 *   registered  a registered file, whose descriptor is closed before FILE is mapped executable
 *   new         FILE is opened for writing by the ring (IORING_OP_OPENAT) when it is mapped already
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ENTRIES 4

static struct {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
} ring;

static int end(const char *what, const char *step)
{
	if (step)
		printf("%s %s %s\n", what, strerrorname_np(errno), step);
	else
		puts(what);
	fflush(stdout);
	_exit(0);
}

static void ring_open(void)
{
	ring.fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring.p);
	if (ring.fd < 0)
		end("skipped", "io_uring_setup");
	ring.sq = mmap(NULL, ring.p.sq_off.array + ENTRIES * sizeof(uint32_t),
		       PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	ring.cq = mmap(NULL, ring.p.cq_off.cqes + ring.p.cq_entries * sizeof(struct io_uring_cqe),
		       PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_CQ_RING);
	ring.sqes = mmap(NULL, ENTRIES * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			 MAP_SHARED, ring.fd, IORING_OFF_SQES);
	if (ring.sq == MAP_FAILED || ring.cq == MAP_FAILED || ring.sqes == MAP_FAILED)
		end("skipped", "mmap of the ring");
}

/* One request, its result; errno is set if that is negative. */
static int ring_do(const struct io_uring_sqe *sqe)
{
	uint32_t *tail = (uint32_t *)(ring.sq + ring.p.sq_off.tail);
	uint32_t *array = (uint32_t *)(ring.sq + ring.p.sq_off.array);
	uint32_t *head = (uint32_t *)(ring.cq + ring.p.cq_off.head);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(ring.cq + ring.p.cq_off.cqes);
	uint32_t at = *tail & (ring.p.sq_entries - 1);
	int res;

	ring.sqes[at] = *sqe;
	array[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		end("skipped", "io_uring_enter");
	res = cqes[*head & (ring.p.cq_entries - 1)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (res < 0)
		errno = -res;
	return res;
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		end("refused", "open");
	return fd;
}

static char *map_exec(const char *path, size_t size)
{
	char *p =
		mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, open_file(path, O_RDONLY), 0);

	if (p == MAP_FAILED)
		end("refused", "mmap");
	return p;
}

int main(int argc, char **argv)
{
	static char evil[1 << 20], before[1 << 20];
	struct io_uring_sqe write_sqe = {.opcode = IORING_OP_WRITE_FIXED};
	struct io_uring_sqe open_sqe = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD};
	struct iovec v = {.iov_base = evil};
	ssize_t n;
	char *exec;
	int fd;

	if (argc != 4) {
		fputs("usage: ring registered|new FILE EVIL\n", stderr);
		return 2;
	}
	n = read(open_file(argv[3], O_RDONLY), evil, sizeof(evil));
	if (n <= 0 || read(open_file(argv[2], O_RDONLY), before, (size_t)n) != n)
		return end("skipped", "read");
	v.iov_len = (size_t)n;
	ring_open();
	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &v, 1))
		return end("skipped", "register the buffer");
	if (!strcmp(argv[1], "registered")) {
		fd = open_file(argv[2], O_RDWR);
		if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &fd, 1))
			return end("skipped", "register the file");
		close(fd);
		write_sqe.flags = IOSQE_FIXED_FILE;
		exec = map_exec(argv[2], (size_t)n);
	} else {
		exec = map_exec(argv[2], (size_t)n);
		open_sqe.addr = (uintptr_t)argv[2];
		open_sqe.open_flags = O_RDWR;
		fd = ring_do(&open_sqe);
		if (fd < 0)
			return end("refused", "open by the ring");
		write_sqe.fd = fd;
	}
	write_sqe.addr = (uintptr_t)evil;
	write_sqe.len = (uint32_t)n;
	if (ring_do(&write_sqe) < 0)
		return end("refused", "write by the ring");
	return end(memcmp(exec, before, (size_t)n) ? "ran" : "unchanged", NULL);
}
