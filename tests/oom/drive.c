/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive SHIM WORK OUT COMMAND...: runs COMMAND once undisturbed, then again and again with its
 * first, second, ... allocation failing, until there is none left to fail.
 *
 * Each run either does what the undisturbed one did, with the same answer, or ends with status 2, a
 * message and no answer that looks complete. OUT, a file that the command writes ("-": none), is
 * then absent or whole; nothing else is left beside it. WORK is a folder for the answers.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX (1 << 20)

/* A run that takes longer hangs. */
#define SECONDS_MAX 60

struct text {
	char *data;
	size_t len;
};

struct run {
	int status; /* as waitpid(2) gives it */
	bool failed_one;
	struct text out, err, file;
	bool has_file;
	int beside; /* files next to OUT */
};

static char *path_out, *path_err, *path_told;
static const char *shim, *written;
static int bad;

static struct text text_read(const char *path)
{
	struct text t = {.data = malloc(ANSWER_MAX)};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (!t.data)
		exit(2);
	while (fd >= 0 && t.len < ANSWER_MAX &&
	       (n = read(fd, t.data + t.len, ANSWER_MAX - t.len)) > 0)
		t.len += (size_t)n;
	if (fd >= 0)
		close(fd);
	return t;
}

static bool text_same(const struct text *a, const struct text *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static int count_beside(void)
{
	char *copy = strdup(written), *slash = strrchr(copy, '/');
	struct dirent *e;
	int n = 0;
	DIR *d;

	*slash = '\0';
	d = opendir(copy);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
	if (d)
		closedir(d);
	free(copy);
	return n;
}

static void child(char **argv, long n, bool rest)
{
	char number[32];

	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(open(path_out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
	dup2(open(path_err, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
	if (n) {
		snprintf(number, sizeof(number), "%ld", n);
		setenv("OOM_FAIL", number, 1);
		setenv("OOM_TOLD", path_told, 1);
		setenv("LD_PRELOAD", shim, 1);
		/* Freed and fresh memory is no zeros. */
		setenv("MALLOC_PERTURB_", "165", 1);
		if (rest)
			setenv("OOM_REST", "1", 1);
	}
	alarm(SECONDS_MAX);
	execv(argv[0], argv);
	_exit(127);
}

static struct run run_once(char **argv, long n, bool rest)
{
	struct run r = {0};
	pid_t pid;

	unlink(path_told);
	if (*written != '-')
		unlink(written);
	pid = fork();
	if (pid == 0)
		child(argv, n, rest);
	if (pid < 0 || waitpid(pid, &r.status, 0) != pid)
		exit(2);
	r.failed_one = !access(path_told, F_OK);
	r.out = text_read(path_out);
	r.err = text_read(path_err);
	if (*written != '-') {
		r.has_file = !access(written, F_OK);
		r.file = text_read(written);
		r.beside = count_beside() - r.has_file;
	}
	return r;
}

static void run_done(struct run *r)
{
	free(r->out.data);
	free(r->err.data);
	free(r->file.data);
}

/* NULL, or what is wrong. */
static const char *judge(const struct run *r, const struct run *good)
{
	bool done = r->status == good->status;

	if (WIFSIGNALED(r->status))
		return WTERMSIG(r->status) == SIGALRM ? "hangs" : "is killed by a signal";
	if (!done && WEXITSTATUS(r->status) != 2)
		return "ends with a status that means something else";
	if (!done && !r->err.len)
		return "says nothing";
	if (done && !text_same(&r->out, &good->out))
		return "gives another answer and says that all is well";
	if (done && r->has_file != good->has_file)
		return "writes no file and says that all is well";
	if (r->has_file &&
	    (r->file.len != good->file.len || !good->file.len ||
	     memcmp(r->file.data + r->file.len - 28, good->file.data + good->file.len - 28, 28)))
		return "leaves part of a file";
	if (*written != '-' && r->beside != good->beside)
		return "leaves a file behind";
	return NULL;
}

static void show(const struct run *r, long n, const char *why)
{
	if (bad++ > 10)
		return;
	printf("allocation %ld: %s (status %#x): %.*s%.*s\n", n, why, (unsigned)r->status,
	       (int)(r->out.len < 300 ? r->out.len : 300), r->out.data,
	       (int)(r->err.len < 300 ? r->err.len : 300), r->err.data);
}

static void all(char **argv, bool rest, long step, const struct run *good)
{
	long n, refused = 0;
	bool more = true;

	for (n = 1 + step / 2; more; n += step) {
		struct run r = run_once(argv, n, rest);
		const char *why = judge(&r, good);

		more = r.failed_one;
		if (why)
			show(&r, n, why);
		refused += r.status != good->status;
		run_done(&r);
	}
	printf("%ld allocations, of which every %ld. failed%s: %ld ended with trouble\n", n - step,
	       step, rest ? " with all after it" : "", refused);
	if (!refused) {
		puts("no run noticed that its memory was gone");
		bad++;
	}
}

int main(int argc, char **argv)
{
	const char *step = getenv("OOM_STEP");
	struct run good;

	if (argc < 5) {
		fputs("usage: drive SHIM WORK OUT COMMAND...\n", stderr);
		return 2;
	}
	setlinebuf(stdout);
	shim = argv[1];
	written = argv[3];
	if (asprintf(&path_out, "%s/out", argv[2]) < 0 ||
	    asprintf(&path_err, "%s/err", argv[2]) < 0 ||
	    asprintf(&path_told, "%s/told", argv[2]) < 0)
		return 2;
	good = run_once(argv + 4, 0, false);
	if (WIFSIGNALED(good.status) || WEXITSTATUS(good.status) > 1 ||
	    (*written != '-' && !good.has_file)) {
		show(&good, 0, "the undisturbed run failed");
		return 1;
	}
	all(argv + 4, false, step ? atol(step) : 1, &good);
	all(argv + 4, true, step ? atol(step) : 1, &good);
	run_done(&good);
	return bad ? 1 : 0;
}
