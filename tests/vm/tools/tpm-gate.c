/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every way to a TPM that a process has. Each line of standard input is an attempt; the answer is a
 * line: "answered CODE", "refused ERRNO NAME", or "not-attempted WHY".
 *
 *   write      write(2), wait for the answer
 *   nonblock   the same with O_NONBLOCK, as tpm2-tss does it
 *   slow PATH  commands that take long, with O_NONBLOCK, and meanwhile a program:
 *              "ran" or "refused"
 *   wait       for the answers to those
 *   held       write(2) to a descriptor that is open since the start
 *   passed     a child gets that descriptor over a socket
 *   writev     in two parts, of which the driver refuses each
 *   splice     out of a pipe
 *   uring      io_uring
 *   park       write(2) of memory that is not there: "parked"
 *   unpark     that memory comes; the answer
 *   flood N    so many attempts: "refused" with how many were
 *   pose N     a request that is diglimd's alone: "answered" with what the kernel says
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tpm-command.h"
#include "../../../abi/request.h"

#define PAGE	   4096
#define ANSWER_MS  60000
#define URING_WANT 4
#define QUEUED	   6

static int held = -1, queued[QUEUED];

static int said_errno(void)
{
	printf("refused %d %s\n", errno, strerrorname_np(errno));
	return 0;
}

static int not_attempted(const char *why)
{
	printf("not-attempted %s: %s\n", why, strerror(errno));
	return 0;
}

/* Waits, reads and prints the code. */
static int answer(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t buf[TPM_ANSWER];
	ssize_t n;

	if (poll(&p, 1, ANSWER_MS) != 1)
		return not_attempted("answer");
	n = read(fd, buf, sizeof(buf));
	if (n < 10)
		return not_attempted("read");
	printf("answered %u\n", tpm_code(buf));
	return 0;
}

static int try_write(int fd, const void *command, size_t len)
{
	ssize_t n = write(fd, command, len);

	return n == (ssize_t)len ? answer(fd) : said_errno();
}

static int opened(int flags, int (*use)(int fd))
{
	int fd = open(TPM_DEVICE, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		return not_attempted("open");
	use(fd);
	close(fd);
	return 0;
}

static int use_write(int fd)
{
	return try_write(fd, tpm_pcr_read, sizeof(tpm_pcr_read));
}

static int use_splice(int fd)
{
	const ssize_t len = sizeof(tpm_pcr_read);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return not_attempted("pipe");
	if (write(ends[1], tpm_pcr_read, len) != len)
		not_attempted("write to the pipe");
	else if (splice(ends[0], NULL, fd, NULL, len, 0) == len)
		answer(fd);
	else
		said_errno();
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* Starts @path: what became of it. */
static int run(char *path)
{
	char *argv[] = {path, NULL};
	int status = -1;
	pid_t child = vfork();

	if (!child) {
		execv(path, argv);
		_exit(errno == EPERM ? 126 : 127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return not_attempted("child");
	puts(status == 0		  ? "ran"
	     : WEXITSTATUS(status) == 126 ? "refused"
					  : "not-attempted program");
	return 0;
}

/* A TPM does one after the other. */
static int slow(char *path)
{
	for (int i = 0; i < QUEUED; i++) {
		if (!queued[i])
			queued[i] = open(TPM_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (queued[i] < 0)
			return not_attempted("open");
		if (write(queued[i], tpm_create_primary, sizeof(tpm_create_primary)) < 0)
			return said_errno();
	}
	return run(path);
}

/* The last answer is the one that counts. */
static int slow_answers(void)
{
	uint8_t buf[TPM_ANSWER];

	for (int i = 0; i < QUEUED - 1; i++) {
		struct pollfd p = {.fd = queued[i], .events = POLLIN};

		if (poll(&p, 1, ANSWER_MS) != 1 || read(queued[i], buf, sizeof(buf)) < 10)
			return not_attempted("answer");
	}
	return answer(queued[QUEUED - 1]);
}

static int use_writev(int fd)
{
	struct iovec part[] = {{(void *)(uintptr_t)tpm_pcr_read, sizeof(tpm_pcr_read)},
			       {(void *)(uintptr_t)tpm_pcr_read, sizeof(tpm_pcr_read)}};

	/* The second one finds the answer to the first. */
	return writev(fd, part, 2) == sizeof(tpm_pcr_read) ? answer(fd) : said_errno();
}

static int send_fd(int sock, int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec one = {&byte, 1};
	struct msghdr m = {.msg_iov = &one,
			   .msg_iovlen = 1,
			   .msg_control = room,
			   .msg_controllen = sizeof(room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &m, 0) == 1 ? 0 : -1;
}

static int receive_fd(int sock)
{
	char byte, room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec one = {&byte, 1};
	struct msghdr m = {.msg_iov = &one,
			   .msg_iovlen = 1,
			   .msg_control = room,
			   .msg_controllen = sizeof(room)};
	int fd = -1;

	if (recvmsg(sock, &m, 0) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static int passed(void)
{
	int sock[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sock))
		return not_attempted("socket");
	fflush(stdout);
	child = fork();
	if (!child) {
		int fd;

		close(held);
		fd = receive_fd(sock[1]);
		if (fd < 0)
			not_attempted("descriptor");
		else
			use_write(fd);
		fflush(stdout);
		_exit(0);
	}
	if (send_fd(sock[0], held))
		not_attempted("sending");
	waitpid(child, NULL, 0);
	close(sock[0]);
	close(sock[1]);
	return 0;
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

static void *uring_thread(void *arg)
{
	int fd = *(int *)arg;
	struct uring u = {0};
	struct io_uring_cqe *c;

	if (uring_make(&u)) {
		not_attempted("io_uring");
		return NULL;
	}
	u.sqe[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.fd = fd,
		.addr = (uintptr_t)tpm_pcr_read,
		.len = sizeof(tpm_pcr_read),
	};
	*(uint32_t *)(u.sq + u.p.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(u.sq + u.p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, u.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
		not_attempted("io_uring_enter");
		return NULL;
	}
	c = (struct io_uring_cqe *)(u.cq + u.p.cq_off.cqes);
	if (c->res == (int)sizeof(tpm_pcr_read)) {
		answer(fd);
	} else {
		errno = -c->res;
		said_errno();
	}
	close(u.fd);
	return NULL;
}

/* A thread of its own: what one did with a ring stays with it. */
static int use_uring(int fd)
{
	pthread_t t;

	if (pthread_create(&t, NULL, uring_thread, &fd))
		return not_attempted("thread");
	return pthread_join(t, NULL);
}

static struct {
	int uffd, fd;
	uint8_t *page;
	pthread_t thread;
	ssize_t n;
	int error;
} parked = {.uffd = -1, .fd = -1};

static void *park_thread(void *arg)
{
	(void)arg;
	parked.n = write(parked.fd, parked.page, sizeof(tpm_pcr_read));
	parked.error = errno;
	return NULL;
}

static int park(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	struct uffd_msg msg;

	parked.uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	parked.fd = open(TPM_DEVICE, O_RDWR | O_CLOEXEC);
	parked.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (uintptr_t)parked.page;
	reg.range.len = PAGE;
	if (parked.uffd < 0 || parked.fd < 0 || ioctl(parked.uffd, UFFDIO_API, &api) ||
	    ioctl(parked.uffd, UFFDIO_REGISTER, &reg) ||
	    pthread_create(&parked.thread, NULL, park_thread, NULL))
		return not_attempted("userfaultfd");
	/* Or the thread is refused, and there is no fault. */
	for (;;) {
		struct pollfd p = {.fd = parked.uffd, .events = POLLIN};

		if (poll(&p, 1, 100) == 1)
			break;
		if (!pthread_tryjoin_np(parked.thread, NULL)) {
			errno = parked.error;
			return said_errno();
		}
	}
	puts(read(parked.uffd, &msg, sizeof(msg)) == sizeof(msg) ? "parked"
								 : "not-attempted fault");
	return 0;
}

static int unpark(void)
{
	static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {
		.dst = (uintptr_t)parked.page, .src = (uintptr_t)page, .len = PAGE};

	memcpy(page, tpm_pcr_read, sizeof(tpm_pcr_read));
	if (ioctl(parked.uffd, UFFDIO_COPY, &copy))
		return not_attempted("page");
	pthread_join(parked.thread, NULL);
	if (parked.n == sizeof(tpm_pcr_read)) {
		answer(parked.fd);
	} else {
		errno = parked.error;
		said_errno();
	}
	close(parked.fd);
	close(parked.uffd);
	return 0;
}

static void pose(const char *what)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_GATE,
		.mode = (uint32_t)atoi(what),
		.payload = 1,
	};

	syscall(SYS_bpf, DIGLIM_BPF_CMD, &rq, sizeof(rq));
	printf("answered %d\n", errno);
}

static void flood(int n)
{
	int refused = 0;

	for (int i = 0; i < n; i++)
		refused += write(held, tpm_pcr_read, sizeof(tpm_pcr_read)) < 0;
	printf("refused %d\n", refused);
}

static void attempt(char *what)
{
	if (!strcmp(what, "write"))
		opened(0, use_write);
	else if (!strcmp(what, "nonblock"))
		opened(O_NONBLOCK, use_write);
	else if (!strncmp(what, "slow ", 5))
		slow(what + 5);
	else if (!strcmp(what, "wait"))
		slow_answers();
	else if (!strcmp(what, "held"))
		use_write(held);
	else if (!strcmp(what, "passed"))
		passed();
	else if (!strcmp(what, "writev"))
		opened(0, use_writev);
	else if (!strcmp(what, "splice"))
		opened(0, use_splice);
	else if (!strcmp(what, "uring"))
		opened(0, use_uring);
	else if (!strcmp(what, "park"))
		park();
	else if (!strcmp(what, "unpark"))
		unpark();
	else if (!strncmp(what, "flood ", 6))
		flood(atoi(what + 6));
	else if (!strncmp(what, "pose ", 5))
		pose(what + 5);
	else
		puts("not-attempted what?");
}

int main(void)
{
	char line[128];

	held = open(TPM_DEVICE, O_RDWR | O_CLOEXEC);
	if (held < 0)
		return perror(TPM_DEVICE), 2;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		attempt(line);
		fflush(stdout);
	}
	return 0;
}
