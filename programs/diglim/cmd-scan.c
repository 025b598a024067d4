/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common-modules.h"
#include "common-running.h"
#include "common-scan.h"
#include "verbs.h"
#include "../../lib/base/work.h"
#include "../../lib/output/progress.h"

static const char *const usage[] = {"scan [PATH…] [--propose FILE] [--summary]", NULL};

static const struct cli_option options[] = {
	{'p', "propose", "FILE", "Write what was found to FILE, to prune and sign"},
	{'s', "summary", NULL, "Directories only, without their files"},
	{'x', "all-file-systems", NULL, "Also what is mounted below the paths"},
	{'t', "threads", "N", "Threads that read and hash (default: one a processor)"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {"Lists every program, library, script, kernel module and "
				   "firmware image below PATH (default:",
				   "/) that no installed or loaded list vouches for. Exit status "
				   "0: there is none, 1: there is.",
				   NULL};

struct job {
	struct scan scan;
	struct vouch vouch;
	struct running_set running;
	struct modules modules; /* loaded */
	struct progress progress;
	const char *propose;
	bool cross;
	unsigned int threads;
	int failed; /* what the kernel said when it was asked */
	struct err *e;
};

static struct scan_file *grow(struct scan *s)
{
	struct scan_file *files;

	if (s->n == s->size) {
		files = reallocarray(s->files, s->size ? 2 * s->size : 256, sizeof(*files));
		if (!files)
			return NULL;
		s->files = files;
		s->size = s->size ? 2 * s->size : 256;
	}
	return &s->files[s->n];
}

static void mark_running(struct job *j, const struct walk_file *f, struct scan_file *to)
{
	const struct running_entry *running = running_set_find(&j->running, &f->st);

	if (running) {
		to->pid = running->pid;
		memcpy(to->comm, running->comm, sizeof(to->comm));
	} else if (f->kind == FILE_KIND_MODULE && modules_has(&j->modules, f->path)) {
		to->pid = -1;
		strcpy(to->comm, "the kernel");
	}
	j->scan.running += to->pid != 0;
}

static void keep(struct job *j, const struct walk_file *f, enum diglim_reason reason)
{
	struct scan_file *to = grow(&j->scan);
	char *path = to ? strdup(f->path) : NULL;

	if (!path) {
		j->scan.no_memory = true;
		return;
	}
	*to = (struct scan_file){.path = path,
				 .kind = f->kind,
				 .use = f->use,
				 .reason = reason,
				 .size = (uint64_t)f->st.st_size,
				 .uid = f->st.st_uid,
				 .gid = f->st.st_gid};
	memcpy(to->digest, f->digest, sizeof(to->digest));
	mark_running(j, f, to);
	j->scan.n++;
}

static void file(const struct walk_file *f, void *arg)
{
	struct job *j = arg;
	struct vouch_answer a;
	enum diglim_reason reason;

	if (j->failed)
		return;
	j->failed = vouch_ask_file(&j->vouch, j->scan.c, f->path, f->digest, &a, j->e);
	reason = vouch_reason(a.installed | a.loaded, vouch_use_of(f->kind));
	if (reason == DIGLIM_REASON_VOUCHED)
		j->scan.covered++;
	else
		keep(j, f, reason);
}

static void trouble(enum walk_trouble what, const char *path, const struct err *e, void *arg)
{
	struct scan *s = &((struct job *)arg)->scan;
	struct scan_trouble *t = reallocarray(s->troubles, s->n_troubles + 1, sizeof(*s->troubles));

	if (!t) {
		s->no_memory = true;
		return;
	}
	s->troubles = t;
	t = &s->troubles[s->n_troubles++];
	t->what = what;
	t->path = strdup(path);
	t->why = e ? strdup(e->text) : NULL;
	s->no_memory |= !t->path || (e && !t->why);
}

static void tick(uint64_t files, uint64_t bytes, void *arg)
{
	(void)bytes;
	progress_step(&((struct job *)arg)->progress, files, NULL);
}

static int walk(struct job *j, int argc, char **argv, struct err *e)
{
	static const char *const whole[] = {"/"};
	struct walk_options opt = {
		.root = j->scan.c->places.root[0] ? j->scan.c->places.root : NULL,
		.cross = j->cross,
		.threads = j->threads,
		.file = file,
		.trouble = trouble,
		.tick = tick,
		.arg = j,
	};
	bool named = optind < argc;
	int r;

	j->e = e;
	progress_start(&j->progress, "Scanning files", 0);
	r = walk_paths(named ? (const char *const *)argv + optind : whole,
		       named ? (size_t)(argc - optind) : 1, &opt, &j->scan.count, e);
	progress_clear(&j->progress);
	if (!r && j->scan.no_memory)
		r = err_set(e, -ENOMEM, "no memory");
	return r ? r : j->failed;
}

static int propose(struct job *j, struct err *e)
{
	struct out *o = j->scan.c->out;
	int r;

	if (!j->propose)
		return 0;
	if (!j->scan.n) {
		cli_say("nothing to propose: %s is not written", j->propose);
		return 0;
	}
	r = scan_propose(&j->scan, j->propose, e);
	if (r)
		return r;
	out_str(o, "proposed", NULL, j->propose);
	out_line(o, OUT_PLAIN, NULL,
		 "Written to %s: prune it, then diglim sign --from %s --name NAME", j->propose,
		 j->propose);
	return 0;
}

static void unseen(pid_t pid, const struct err *why, void *arg)
{
	(void)pid;
	(void)why;
	++*(size_t *)arg;
}

static int read_running(struct job *j, struct err *e)
{
	size_t n = 0;
	int r = running_set_read(&j->running, unseen, &n, e);

	if (!r)
		r = modules_loaded(&j->modules, e);
	if (n)
		cli_say("not allowed to see all that processes run: what runs now is not marked "
			"completely");
	return r;
}

static int parse(struct cli *c, int argc, char **argv, struct job *j)
{
	char *end;
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'p')
			j->propose = optarg;
		else if (id == 's')
			j->scan.summary = true;
		else if (id == 'x')
			j->cross = true;
		else {
			unsigned long n = strtoul(optarg, &end, 10);

			if (*end || !n || n > WORK_THREADS_MAX) {
				cli_usage(c, "--threads %s: must be 1 to %d", optarg,
					  WORK_THREADS_MAX);
				return -EINVAL;
			}
			j->threads = (unsigned int)n;
		}
	}
	return id;
}

static int scan_run(struct cli *c, int argc, char **argv)
{
	struct job j = {.scan.c = c};
	struct err e = {0};
	int status = EXIT_TROUBLE, r;

	if (parse(c, argc, argv, &j) || cli_begin(c))
		return EXIT_TROUBLE;
	r = vouch_open(&j.vouch, c, true, &e);
	if (!r && !c->places.root[0])
		r = read_running(&j, &e);
	if (!r)
		r = walk(&j, argc, argv, &e);
	if (!r) {
		status = scan_show(&j.scan, &j.vouch);
		r = propose(&j, &e);
	}
	if (r)
		status = cli_fail(c, &e);
	modules_done(&j.modules);
	running_set_done(&j.running);
	vouch_done(&j.vouch);
	scan_done(&j.scan);
	return status;
}

const struct cli_verb verb_scan = {
	.name = "scan",
	.summary = "Find what nobody vouches for",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = scan_run,
};
