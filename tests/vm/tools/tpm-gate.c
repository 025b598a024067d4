/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every way to a TPM that a process has. Each line of standard input is an attempt; the answer is a
 * line: "answered CODE", "refused ERRNO NAME", or "not-attempted WHY".
 *
 *   write      write(2), wait for the answer
 *   nonblock   the same with O_NONBLOCK, as tpm2-tss does it
 *   writev     two commands in one call: the second finds the answer to the first
 *   splice     out of a pipe
 *   uring      io_uring
 *   held       write(2) to a descriptor that is open since the start
 *   passed     a child gets that descriptor over a socket
 *   slow PATH  commands that take long, with O_NONBLOCK, and meanwhile a program:
 *              "ran" or "refused"
 *   wait       for the answers to those
 *   park [WAY [WHAT [PATH]]]
 *              one of the first five, of memory that is not there, or of a file whose page may
 *              not be: "parked". WHAT: "read", or "quote", whose answer has what it is of, too
 *   unpark     that memory comes; the answer
 *   flood N    so many attempts: "refused" with how many were
 *   pose N     a request that is diglimd's alone: "answered" with what the kernel says
 *   page PATH  writes a page with a command to a file: "written"
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tpm-command.h"
#include "tpm-ways.h"
#include "../../../abi/request.h"

#define PAGE	  4096
#define ANSWER_MS 60000
#define QUEUED	  6

static int held = -1, queued[QUEUED];

static int try_way(int fd, const struct way *way)
{
	const ssize_t len = sizeof(tpm_pcr_read);

	return way->send(fd, tpm_pcr_read, sizeof(tpm_pcr_read)) == len ? answer(fd) : said_errno();
}

static int try_opened(const struct way *way)
{
	int fd = open(TPM_DEVICE, O_RDWR | O_CLOEXEC | way->flags);

	if (fd < 0)
		return not_attempted("open");
	try_way(fd, way);
	close(fd);
	return 0;
}

static int try_held(void)
{
	return try_way(held, way_find("write"));
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
			try_way(fd, way_find("write"));
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

static int page(const char *path)
{
	uint8_t buf[PAGE] = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	memcpy(buf, tpm_pcr_read, sizeof(tpm_pcr_read));
	if (fd < 0 || write(fd, buf, sizeof(buf)) != sizeof(buf))
		return not_attempted("file");
	close(fd);
	return puts("written");
}

static void attempt(char *what)
{
	const struct way *way = way_find(what);

	if (way)
		try_opened(way);
	else if (!strncmp(what, "slow ", 5))
		slow(what + 5);
	else if (!strcmp(what, "wait"))
		slow_answers();
	else if (!strcmp(what, "held"))
		try_held();
	else if (!strcmp(what, "passed"))
		passed();
	else if (!strncmp(what, "park", 4))
		park(what + 4);
	else if (!strcmp(what, "unpark"))
		unpark();
	else if (!strncmp(what, "flood ", 6))
		flood(atoi(what + 6));
	else if (!strncmp(what, "pose ", 5))
		pose(what + 5);
	else if (!strncmp(what, "page ", 5))
		page(what + 5);
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
