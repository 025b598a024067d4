/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starts an unknown program and sends commands to the TPM at the same time, over and over.
 *
 * usage: tpm-race ROUNDS      one line: "ROUNDS rounds, N commands, R refused, K kept back, V
 * violations" tpm-race stamp FD    the unknown program: writes when it runs to FD
 *
 * Each round starts a new program, a copy of this one with other bytes at its end, while three
 * threads have the TPM sign what register 13 holds (TPM2_Quote): with and without O_NONBLOCK, and
 * through a descriptor that is open since the start. A violation is a command that was sent after a
 * program had run, and answered with a signature of what the register held before that program's
 * record. The key is at TPM_QUOTE_KEY.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tpm-command.h"

#define THREADS	   3
#define ROUNDS_MAX 10000
#define READS_MAX  200000 /* of a thread */
#define PROGRAM	   "/tmp/tpm-race.unknown"
#define WAIT_NS	   60000000000ULL

struct reading {
	uint64_t sent;
	uint8_t value[TPM_PCR_SIZE];
};

struct reader {
	pthread_t thread;
	int flags;
	bool keeps; /* one descriptor for all */
	unsigned seed;
	struct reading *reading;
	size_t n;
	size_t refused;
};

/* What the register held before the record of round i, and when its program ran. */
static uint8_t before[ROUNDS_MAX][TPM_PCR_SIZE];
static uint64_t ran[ROUNDS_MAX];
static volatile bool stop;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* 1: signed, @value is the digest of the register; 0: refused. */
static int quote(int fd, uint8_t value[TPM_PCR_SIZE])
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t buf[TPM_ANSWER];
	const uint8_t *v;
	ssize_t n = write(fd, tpm_quote, sizeof(tpm_quote));

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n != sizeof(tpm_quote) || poll(&p, 1, 60000) != 1)
		die("command");
	n = read(fd, buf, sizeof(buf));
	v = n > 0 ? tpm_quoted(buf, (size_t)n) : NULL;
	if (!v)
		die("answer");
	memcpy(value, v, TPM_PCR_SIZE);
	return 1;
}

static void pause_us(unsigned us)
{
	struct timespec t = {.tv_nsec = us * 1000L};

	nanosleep(&t, NULL);
}

static int tpm_open(int flags)
{
	int fd = open(TPM_DEVICE, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		die(TPM_DEVICE);
	return fd;
}

static void *read_on(void *arg)
{
	struct reader *r = arg;
	int fd = -1;

	while (!stop && r->n < READS_MAX) {
		struct reading *x = &r->reading[r->n];

		if (fd < 0)
			fd = tpm_open(r->flags);
		x->sent = now();
		if (quote(fd, x->value))
			r->n++;
		else
			r->refused++;
		if (!r->keeps) {
			close(fd);
			fd = -1;
		}
		/* Or nothing unknown would ever find the TPM idle. */
		pause_us(200 + (unsigned)rand_r(&r->seed) % 20000);
	}
	return NULL;
}

/* With bytes at its end that no other one has, of this start or another. */
static void make_program(void)
{
	const uint64_t mark = now();
	char buf[1 << 16];
	ssize_t n;
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(PROGRAM, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (in < 0 || out < 0)
		die(PROGRAM);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			die(PROGRAM);
	if (write(out, &mark, sizeof(mark)) != sizeof(mark))
		die(PROGRAM);
	close(in);
	close(out);
}

/* When the program ran; 0: it was refused. */
static uint64_t run_program(void)
{
	uint64_t at = 0;
	int pipes[2], status;
	char fd[16];
	pid_t child;

	if (pipe(pipes))
		die("pipe");
	snprintf(fd, sizeof(fd), "%d", pipes[1]);
	child = fork();
	if (!child) {
		execl(PROGRAM, PROGRAM, "stamp", fd, NULL);
		_exit(errno == EPERM ? 3 : 4);
	}
	close(pipes[1]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		die("child");
	if (WEXITSTATUS(status) == 4)
		die("execve");
	if (read(pipes[0], &at, sizeof(at)) != sizeof(at))
		at = 0;
	close(pipes[0]);
	return at;
}

/* Until the register holds something else than in @old. */
static void wait_for_record(int fd, const uint8_t old[TPM_PCR_SIZE], uint8_t ret[TPM_PCR_SIZE])
{
	uint64_t end = now() + WAIT_NS;

	while (!quote(fd, ret) || !memcmp(old, ret, TPM_PCR_SIZE)) {
		if (now() > end)
			errno = ETIME, die("no record");
		pause_us(5000);
	}
}

static size_t race(unsigned rounds)
{
	uint8_t value[TPM_PCR_SIZE];
	size_t kept_back = 0;
	int fd = tpm_open(0);

	while (!quote(fd, value))
		pause_us(5000);
	for (unsigned i = 0; i < rounds; i++) {
		memcpy(before[i], value, sizeof(value));
		unlink(PROGRAM);
		make_program();
		while (!(ran[i] = run_program())) {
			kept_back++;
			pause_us(1000);
		}
		wait_for_record(fd, before[i], value);
	}
	close(fd);
	return kept_back;
}

/* Commands sent after the program of some round had run that found the register as before it. */
static size_t violations(const struct reader *r, unsigned rounds)
{
	size_t found = 0;

	for (size_t k = 0; k < r->n; k++) {
		unsigned i = 0;

		/* Of the rounds whose program had run, the last: values of all before are
		 * violations, too. */
		while (i < rounds && ran[i] < r->reading[k].sent)
			i++;
		for (unsigned j = 0; j < i; j++) {
			if (!memcmp(before[j], r->reading[k].value, TPM_PCR_SIZE)) {
				found++;
				break;
			}
		}
	}
	return found;
}

int main(int argc, char **argv)
{
	static struct reader readers[THREADS] = {
		{.seed = 1}, {.flags = O_NONBLOCK, .seed = 2}, {.keeps = true, .seed = 3}};
	size_t commands = 0, refused = 0, found = 0, kept_back;
	uint64_t at = now();
	unsigned rounds;

	if (argc == 3 && !strcmp(argv[1], "stamp"))
		return write(atoi(argv[2]), &at, sizeof(at)) != sizeof(at);
	rounds = argc == 2 ? (unsigned)atoi(argv[1]) : 0;
	if (!rounds || rounds > ROUNDS_MAX)
		return fputs("usage: tpm-race ROUNDS\n", stderr), 2;
	for (int i = 0; i < THREADS; i++) {
		readers[i].reading = calloc(READS_MAX, sizeof(struct reading));
		if (!readers[i].reading ||
		    pthread_create(&readers[i].thread, NULL, read_on, &readers[i]))
			die("thread");
	}
	kept_back = race(rounds);
	stop = true;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(readers[i].thread, NULL);
		commands += readers[i].n;
		refused += readers[i].refused;
		found += violations(&readers[i], rounds);
	}
	printf("%u rounds, %zu commands, %zu refused, %zu kept back, %zu violations\n", rounds,
	       commands, refused, kept_back, found);
	return found ? 1 : 0;
}
