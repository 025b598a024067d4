/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-explain.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/base/root.h"
#include "../../lib/output/names.h"
#include "../../lib/output/progress.h"

static const char *const usage[] = {"explain PATH|DIGEST|PID [--use USE]", NULL};

static const struct cli_option options[] = {
	{'u', "use", "USE", "For this use: exec, module, firmware, kexec or data"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"A number is a process, 64 hexadecimal digits are a digest, everything else is a path",
	"(write ./123 for a file with such a name). Exit status 0: vouched for, 1: not.", NULL};

static bool is_number(const char *arg)
{
	return *arg && !arg[strspn(arg, "0123456789")] && strlen(arg) < 10;
}

/* By the path as lists have it: absolute, without links, without the root directory. */
static int add_opened(struct explain *x, int fd, const char *name, uint32_t use, struct err *e)
{
	const char *root = x->c->places.root;
	char *path = root_path(fd, root, name), link[64];
	int r;

	if (!path)
		return err_set(e, -ENOMEM, "no memory");
	/* Opened again below a root, it could be another file. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	r = judge_add_path(&x->files, path, *root ? link : name, use, e);
	free(path);
	return r;
}

static int add_path(struct explain *x, const char *name, uint32_t use, struct err *e)
{
	struct stat st;
	int fd = root_open_regular(x->c->places.root, name, &st, e), r;

	if (fd < 0)
		return fd;
	r = add_opened(x, fd, name, use, e);
	close(fd);
	if (!r && x->files.files[0].failed.code) {
		*e = x->files.files[0].failed;
		r = e->code;
	}
	return r;
}

/* What #! names is judged as well; it may be a link. */
static int add_interpreter(struct explain *x, struct err *e)
{
	char name[sizeof(x->files.files[0].interpreter)];
	struct stat st;
	int fd, r;

	strcpy(name, x->files.files[0].interpreter);
	if (!*name)
		return 0;
	fd = root_open_regular(x->c->places.root, name, &st, e);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = add_opened(x, fd, name, DIGLIM_USE_EXEC, e);
	close(fd);
	return r;
}

static int collect(struct explain *x, const char *arg, uint32_t use, struct err *e)
{
	struct digestname digest;
	int r;

	if (is_number(arg)) {
		x->process = atoi(arg);
		return judge_add_process(&x->files, x->process, e);
	}
	if (!digestname_parse(arg, strlen(arg), &digest))
		return judge_add_digest(&x->files, &digest, use, e);
	r = add_path(x, arg, use, e);
	return r ? r : add_interpreter(x, e);
}

/* With --root it is about another system: only its lists count. */
static int ask_kernel(struct explain *x, struct err *e)
{
	struct engine_status s;
	int r;

	if (x->c->places.root[0])
		return 0;
	r = engine_is_attached(e);
	if (r == -EPERM || r == -EACCES)
		cli_say("not allowed to ask the kernel: judging by the lists on disk");
	if (r <= 0)
		return 0;
	r = engine_open(&x->engine, e);
	if (!r)
		r = engine_status_get(x->engine, &s, e);
	if (r)
		return r;
	x->mode = s.mode;
	return judge_ask(&x->files, x->engine, e);
}

static void step(size_t done, const char *path, void *arg)
{
	progress_step(arg, done, path);
}

/* One by the content of each file, and behind all of them one by its fs-verity digest. */
static int make_queries(struct explain *x, struct err *e)
{
	size_t n = x->files.n;

	x->queries = calloc(n ? 2 * n : 1, sizeof(*x->queries));
	if (!x->queries)
		return err_set(e, -ENOMEM, "no memory");
	for (size_t i = 0; i < n; i++) {
		const struct judge_file *f = &x->files.files[i];
		struct lists_query *content = &x->queries[i], *verity = &x->queries[n + i];

		memcpy(content->digest, f->digest, DIGLIM_DIGEST_SIZE);
		memcpy(verity->digest, f->verity, DIGLIM_DIGEST_SIZE);
		content->path = f->path;
		verity->path = f->has_verity ? f->path : NULL;
		verity->verity = true;
	}
	return 0;
}

static int search_lists(struct explain *x, struct err *e)
{
	struct lists lists = {0};
	struct progress p;
	int r = lists_add_places(&lists, &x->c->places, e);

	if (r)
		return r;
	r = make_queries(x, e);
	progress_start(&p, "Searching lists", lists.n);
	if (!r)
		r = lists_find(&lists, &x->keys, x->queries, 2 * x->files.n, &x->broken, step, &p,
			       e);
	for (size_t i = 0; x->queries && i < x->files.n; i++)
		lists_query_merge(&x->queries[i], &x->queries[x->files.n + i]);
	progress_clear(&p);
	lists_done(&lists);
	return r;
}

static int explain_all(struct explain *x, const char *arg, uint32_t use, struct err *e)
{
	int r = collect(x, arg, use, e);

	if (!r)
		r = keys_read(&x->keys, &x->c->places, e);
	if (!r)
		r = ask_kernel(x, e);
	if (!r)
		r = search_lists(x, e);
	return r ? r : explain_show(x);
}

static void done(struct explain *x)
{
	for (size_t i = 0; x->queries && i < x->files.n; i++)
		lists_query_done(&x->queries[i]);
	free(x->queries);
	judge_files_done(&x->files);
	keys_done(&x->keys);
	engine_close(x->engine);
}

static int explain_run(struct cli *c, int argc, char **argv)
{
	struct explain x = {.c = c};
	struct err e = {0};
	uint32_t use = 0;
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (names_use_parse(optarg, &use) || (use & (use - 1)))
			return cli_usage(c,
					 "--use %s: must be one of exec, module, firmware, "
					 "kexec, data",
					 optarg);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name one path, digest or process");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = explain_all(&x, argv[optind], use, &e);
	done(&x);
	return r < 0 ? cli_fail(c, &e) : r;
}

const struct cli_verb verb_explain = {
	.name = "explain",
	.summary = "Tell whether something would run, why, and who vouches for it",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = explain_run,
};
