/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tpm-command.h"
#include "tpm-ways.h"

#define ANSWER_MS  60000
#define URING_WANT 4

int said_errno(void)
{
	printf("refused %d %s\n", errno, strerrorname_np(errno));
	return 0;
}

int not_attempted(const char *why)
{
	printf("not-attempted %s: %s\n", why, strerror(errno));
	return 0;
}

int answer(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t buf[TPM_ANSWER];
	const uint8_t *quoted;
	ssize_t n;

	if (poll(&p, 1, ANSWER_MS) != 1)
		return not_attempted("answer");
	n = read(fd, buf, sizeof(buf));
	if (n < 10)
		return not_attempted("read");
	quoted = tpm_quoted(buf, (size_t)n);
	printf("answered %u%s", tpm_code(buf), quoted ? " " : "");
	for (size_t i = 0; quoted && i < TPM_PCR_SIZE; i++)
		printf("%02x", quoted[i]);
	puts("");
	return 0;
}

static ssize_t send_writev(int fd, const void *command, size_t len)
{
	/* The second one finds the answer to the first. */
	struct iovec part[] = {{(void *)(uintptr_t)command, len},
			       {(void *)(uintptr_t)command, len}};

	return writev(fd, part, 2);
}

static ssize_t send_splice(int fd, const void *command, size_t len)
{
	ssize_t n = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	if (write(ends[1], command, len) == (ssize_t)len)
		n = splice(ends[0], NULL, fd, NULL, len, 0);
	close(ends[0]);
	close(ends[1]);
	return n;
}

/* A ring, its submission queue mapped, and its entries. */
struct uring {
	int fd;
	uint8_t *sq, *cq;
	struct io_uring_sqe *sqe;
	struct io_uring_params p;
};

static int uring_make(struct uring *u)
{
	u->fd = (int)syscall(SYS_io_uring_setup, URING_WANT, &u->p);
	if (u->fd < 0)
		return -1;
	u->sq = mmap(NULL, u->p.sq_off.array + URING_WANT * 4, PROT_READ | PROT_WRITE, MAP_SHARED,
		     u->fd, IORING_OFF_SQ_RING);
	u->cq = mmap(NULL, u->p.cq_off.cqes + u->p.cq_entries * sizeof(struct io_uring_cqe),
		     PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_CQ_RING);
	u->sqe = mmap(NULL, URING_WANT * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
		      MAP_SHARED, u->fd, IORING_OFF_SQES);
	return u->sq == MAP_FAILED || u->cq == MAP_FAILED || u->sqe == MAP_FAILED ? -1 : 0;
}

struct uring_job {
	int fd, error;
	const void *command;
	size_t len;
	ssize_t n;
};

static void *uring_thread(void *arg)
{
	struct uring_job *job = arg;
	struct uring u = {0};
	struct io_uring_cqe *c;

	job->n = -1;
	if (uring_make(&u)) {
		job->error = errno;
		return NULL;
	}
	u.sqe[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.fd = job->fd,
		.addr = (uintptr_t)job->command,
		.len = (uint32_t)job->len,
	};
	*(uint32_t *)(u.sq + u.p.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(u.sq + u.p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, u.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
		job->error = errno;
	} else {
		c = (struct io_uring_cqe *)(u.cq + u.p.cq_off.cqes);
		job->n = c->res;
		job->error = c->res < 0 ? -c->res : 0;
	}
	close(u.fd);
	return NULL;
}

/* In a thread of its own: what one did with a ring stays with it. */
static ssize_t send_uring(int fd, const void *command, size_t len)
{
	struct uring_job job = {.fd = fd, .command = command, .len = len};
	pthread_t t;

	if (pthread_create(&t, NULL, uring_thread, &job))
		return -1;
	pthread_join(t, NULL);
	errno = job.error;
	return job.n;
}

const struct way *way_find(const char *name)
{
	static const struct way ways[] = {
		{"write", 0, write},
		/* as tpm2-tss does it */
		{"nonblock", O_NONBLOCK, write},
		{"writev", 0, send_writev},
		{"splice", 0, send_splice},
		{"uring", 0, send_uring},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	return NULL;
}
