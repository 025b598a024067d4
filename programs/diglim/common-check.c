/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-check.h"
#include "common-check-needs.h"
#include "../../abi/use.h"
#include "../../lib/base/root.h"
#include "../../lib/base/work.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/output/names.h"

#define BATCH 32 /* files of one work item */

static struct check_item *add(struct check *k, enum check_source source, const char *path,
			      const char *who)
{
	struct check_item *items, *to;

	if (k->n == k->size) {
		items = reallocarray(k->items, k->size ? 2 * k->size : 1024, sizeof(*items));
		k->no_memory |= !items;
		if (!items)
			return NULL;
		k->items = items;
		k->size = k->size ? 2 * k->size : 1024;
	}
	to = &k->items[k->n];
	*to = (struct check_item){.source = source, .reason = DIGLIM_REASON_VOUCHED};
	to->path = strdup(path);
	to->who = who ? strdup(who) : NULL;
	if (!to->path || (who && !to->who)) {
		k->no_memory = true;
		free(to->path);
		free(to->who);
		return NULL;
	}
	k->n++;
	return to;
}

void check_add(struct check *k, enum check_source source, const char *path, const char *who,
	       bool always, uint32_t use)
{
	struct check_item *to = add(k, source, path, who);

	if (!to)
		return;
	to->always = always;
	to->use = use;
}

void check_add_digest(struct check *k, enum check_source source, const char *path, const char *who,
		      const uint8_t digest[DIGLIM_DIGEST_SIZE], uint32_t use)
{
	struct check_item *to = add(k, source, path, who);

	if (!to)
		return;
	to->always = true;
	to->use = use;
	to->has_digest = true;
	memcpy(to->digest, digest, sizeof(to->digest));
}

void check_add_failed(struct check *k, enum check_source source, const char *path,
		      const struct err *why)
{
	struct check_item *to = add(k, source, path, NULL);

	if (to)
		to->failed = *why;
}

/* Some of the items, for one thread. */
struct batch {
	struct work_item link;
	size_t from, to;
};

struct hashing {
	struct check *k;
	struct digester *digesters[WORK_THREADS_MAX];
	atomic_size_t done;
};

static void hash_open(struct check_item *it, int fd, const struct stat *st, struct digester *d)
{
	char interpreter[FILE_INTERPRETER_MAX];
	const uint8_t *head;
	enum file_kind kind;
	uint32_t use;
	size_t len;

	it->dev = st->st_dev;
	it->ino = st->st_ino;
	if (digester_begin(d, fd, st, it->path, &head, &len, &it->failed))
		return;
	kind = file_kind(it->path, st->st_mode, head, len, &use);
	if (!it->always && kind == FILE_KIND_NONE)
		return;
	if (!it->use)
		it->use = vouch_use_of(kind);
	file_interpreter(head, len, interpreter);
	it->interpreter = interpreter[0] == '/' ? strdup(interpreter) : NULL;
	if (interpreter[0] == '/' && !it->interpreter)
		err_set(&it->failed, -ENOMEM, "%s: out of memory", it->path);
	it->has_digest = !digester_end(d, it->digest, NULL, &it->failed);
}

/* What is not there, or is no file, cannot be broken by a refusal. */
static void hash(struct hashing *h, struct check_item *it, struct digester *d)
{
	struct stat st;
	int fd;

	if (it->has_digest || it->failed.code)
		return;
	fd = root_open_regular(h->k->c->places.root, it->path, &st, &it->failed);
	if (fd < 0) {
		if (fd != -EACCES && fd != -EPERM && fd != -EIO)
			it->failed = (struct err){0};
		return;
	}
	hash_open(it, fd, &st, d);
	close(fd);
}

static void do_batch(struct work *w, struct work_item *link, unsigned int worker, void *arg)
{
	struct batch *b = (struct batch *)link;
	struct hashing *h = arg;

	(void)w;
	for (size_t i = b->from; i < b->to; i++)
		hash(h, &h->k->items[i], h->digesters[worker]);
	atomic_fetch_add(&h->done, b->to - b->from);
}

static void tick(void *arg)
{
	struct hashing *h = arg;

	progress_step(&h->k->progress, atomic_load(&h->done), NULL);
}

/* Those from @first on. */
static int hash_all(struct check *k, size_t first, struct err *e)
{
	struct hashing h = {.k = k};
	unsigned int threads = work_threads();
	size_t n = (k->n - first + BATCH - 1) / BATCH;
	struct batch *batches = calloc(n ? n : 1, sizeof(*batches));
	int r = batches ? 0 : -ENOMEM;

	for (unsigned int i = 0; !r && i < threads; i++)
		r = (h.digesters[i] = digester_new(false)) ? 0 : -ENOMEM;
	for (size_t i = 0; !r && i < n; i++) {
		batches[i].from = first + i * BATCH;
		batches[i].to = batches[i].from + BATCH < k->n ? batches[i].from + BATCH : k->n;
		batches[i].link.next = i + 1 < n ? &batches[i + 1].link : NULL;
	}
	progress_start(&k->progress, "Hashing files", k->n - first);
	if (!r && n)
		r = work_run(threads, &batches[0].link, do_batch, tick, &h, e);
	else if (r)
		err_set(e, r, "no memory");
	progress_clear(&k->progress);
	for (unsigned int i = 0; i < threads; i++)
		digester_free(h.digesters[i]);
	free(batches);
	return r;
}

/* While attached, what is loaded decides; before, what could be loaded. */
static int ask(struct check *k, struct check_item *it, struct err *e)
{
	struct vouch_answer a;
	int r;

	if (!it->has_digest)
		return 0;
	r = vouch_ask_file(&k->vouch, k->c, it->path, it->digest, &a, e);
	if (r)
		return r;
	it->reason = vouch_reason(k->vouch.engine ? a.loaded : a.installed, it->use);
	it->not_loaded = k->vouch.engine && it->reason == DIGLIM_REASON_UNKNOWN &&
			 vouch_reason(a.installed, it->use) == DIGLIM_REASON_VOUCHED;
	k->looked_at[it->source]++;
	return 0;
}

static int by_place(const void *p, const void *q)
{
	const struct check_item *a = p, *b = q;
	int r = (a->source > b->source) - (a->source < b->source);

	return r ? r : strcmp(a->path, b->path);
}

/* Links lead to the same file, and units name the same program: once for each source. */
static int by_file(const void *p, const void *q)
{
	const struct check_item *a = p, *b = q;
	int r = (a->source > b->source) - (a->source < b->source);

	if (!r)
		r = (a->dev > b->dev) - (a->dev < b->dev);
	if (!r)
		r = (a->ino > b->ino) - (a->ino < b->ino);
	return r || a->ino ? r : strcmp(a->path, b->path);
}

static void mark_repeated(struct check *k)
{
	qsort(k->items, k->n, sizeof(*k->items), by_file);
	for (size_t i = 1; i < k->n; i++)
		k->items[i].repeated =
			!by_file(&k->items[i - 1], &k->items[i]) && k->items[i].has_digest;
	qsort(k->items, k->n, sizeof(*k->items), by_place);
}

/* There are few of them. */
static bool is_added(const struct check *k, size_t first, const struct check_item *script)
{
	for (size_t i = first; i < k->n; i++)
		if (k->items[i].source == script->source &&
		    !strcmp(k->items[i].path, script->interpreter))
			return true;
	return false;
}

/* A script runs only if what its first line names does. */
static int add_interpreters(struct check *k, struct err *e)
{
	size_t n = k->n;

	for (size_t i = 0; i < n; i++) {
		struct check_item it = k->items[i];

		if (it.interpreter && !is_added(k, n, &it))
			check_add(k, it.source, it.interpreter, it.path, true, DIGLIM_USE_EXEC);
	}
	return k->no_memory ? err_set(e, -ENOMEM, "no memory") : hash_all(k, n, e);
}

static const struct {
	const char *name, *heading;
} sources[CHECK_SOURCES] = {
	[CHECK_RUNNING] = {"running", "Running programs and their libraries:"},
	[CHECK_UNIT] = {"unit", "What units start:"},
	[CHECK_CRON] = {"cron", "What cron starts:"},
	[CHECK_PATH] = {"path", "Programs in PATH:"},
	[CHECK_MODULE] = {"module", "Kernel modules:"},
	[CHECK_INITRAMFS] = {"initramfs", "Initramfs (judged only if DIGLIM starts early):"},
};

static bool is_accepted(const struct check *k, const struct check_item *it)
{
	for (const char *const *name = k->accept; name && *name; name++)
		if (!strcmp(*name, it->path) || !strcmp(*name, sources[it->source].name))
			return true;
	return false;
}

static void count(struct check *k, struct check_item *it)
{
	bool refused = it->reason != DIGLIM_REASON_VOUCHED;

	it->accepted = (refused || it->failed.code) && is_accepted(k, it);
	k->failed += it->failed.code && !it->accepted;
	k->refused[it->source] += refused;
	k->accepted[it->source] += refused && it->accepted;
}

int check_judge(struct check *k, struct err *e)
{
	int r = hash_all(k, 0, e);
	size_t n;

	r = r ? r : add_interpreters(k, e);
	n = k->n;
	r = r ? r : check_add_needs(k, n, e);
	r = r ? r : hash_all(k, n, e);
	if (!r && k->n)
		mark_repeated(k);
	for (size_t i = 0; !r && i < k->n; i++) {
		struct check_item *it = &k->items[i];

		if (!it->repeated)
			r = ask(k, it, e);
		count(k, it);
	}
	return r;
}

static const char *reason_words(const struct check *k, const struct check_item *it)
{
	if (it->not_loaded)
		return "its list is installed, but not loaded";
	if (it->reason == DIGLIM_REASON_UNKNOWN && !k->vouch.engine)
		return "no list with a good signature holds its digest";
	return names_reason_text(it->reason);
}

static void show_item(const struct check *k, const struct check_item *it)
{
	struct out *o = k->c->out;
	char use[NAMES_USE_MAX];

	out_object(o, NULL, NULL);
	out_str(o, "path", NULL, it->path);
	if (it->who)
		out_str(o, "who", NULL, it->who);
	out_hex(o, "digest", NULL, it->digest, sizeof(it->digest));
	out_str(o, "use", NULL, names_use(use, it->use));
	out_str(o, "reason", NULL, names_reason(it->reason));
	out_bool(o, "installed", NULL, it->not_loaded);
	if (k->accept)
		out_bool(o, "accepted", NULL, it->accepted);
	out_line(o, it->accepted ? OUT_WARN : OUT_BAD, it->accepted ? "  [?]" : "  [-]",
		 "%s%s%s: %s", it->path, it->who ? ", " : "", it->who ? it->who : "",
		 reason_words(k, it));
	out_end(o);
}

static void show_source(struct check *k, enum check_source source)
{
	struct out *o = k->c->out;

	out_array(o, sources[source].name, k->refused[source] ? sources[source].heading : NULL);
	for (size_t i = 0; i < k->n; i++)
		if (k->items[i].source == source && k->items[i].reason != DIGLIM_REASON_VOUCHED)
			show_item(k, &k->items[i]);
	out_end(o);
}

static void show_failed(struct check *k)
{
	struct out *o = k->c->out;

	out_array(o, "not_looked_at", k->failed ? "Could not be looked at:" : NULL);
	for (size_t i = 0; i < k->n; i++) {
		if (!k->items[i].failed.code)
			continue;
		out_object(o, NULL, NULL);
		out_str(o, "source", NULL, sources[k->items[i].source].name);
		out_str(o, "path", NULL, k->items[i].path);
		out_str(o, "reason", NULL, k->items[i].failed.text);
		out_line(o, OUT_WARN, "  [?]", "%s", k->items[i].failed.text);
		out_end(o);
	}
	out_end(o);
}

/* No reason for a refusal: such a program does not start in any case, or is told where to look. */
static void show_unresolved(struct check *k)
{
	struct out *o = k->c->out;

	out_array(o, "unresolved",
		  k->n_unresolved ? "Libraries that were not found, and hence not looked at:"
				  : NULL);
	for (size_t i = 0; i < k->n_unresolved; i++) {
		out_object(o, NULL, NULL);
		out_str(o, "source", NULL, sources[k->unresolved[i].source].name);
		out_str(o, "path", NULL, k->unresolved[i].path);
		out_str(o, "reason", NULL, k->unresolved[i].why);
		out_line(o, OUT_WARN, "  [?]", "%s: %s", k->unresolved[i].path,
			 k->unresolved[i].why);
		out_end(o);
	}
	out_end(o);
}

int check_show(struct check *k)
{
	struct out *o = k->c->out;
	size_t counted = 0, all = 0;

	out_bool(o, "attached", NULL, k->vouch.engine != NULL);
	out_object(o, "refused", NULL);
	for (int i = 0; i < CHECK_SOURCES; i++)
		show_source(k, (enum check_source)i);
	out_end(o);
	show_failed(k);
	show_unresolved(k);
	out_object(o, "looked_at", NULL);
	for (int i = 0; i < CHECK_SOURCES; i++) {
		all += k->looked_at[i];
		if (i != CHECK_INITRAMFS || k->early)
			counted += k->refused[i] - k->accepted[i];
		out_num(o, sources[i].name, NULL, k->looked_at[i]);
	}
	out_end(o);
	out_num(o, "would_break", NULL, counted);
	if (counted)
		out_line(o, OUT_BOLD, NULL,
			 "%zu of %zu files that this system uses would be refused. 'diglim import' "
			 "makes lists for packages, 'diglim scan --propose' for the rest.",
			 counted, all);
	else if (k->failed)
		out_line(o, OUT_BOLD, NULL,
			 "Of %zu files none would be refused, but not all could be looked at.",
			 all);
	else
		out_line(o, OUT_BOLD, NULL, "None of %zu files would be refused.", all);
	return counted || k->failed ? EXIT_NO : EXIT_YES;
}

void check_done(struct check *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->items[i].path);
		free(k->items[i].who);
		free(k->items[i].interpreter);
	}
	for (size_t i = 0; i < k->n_unresolved; i++) {
		free(k->unresolved[i].path);
		free(k->unresolved[i].why);
	}
	free(k->unresolved);
	free(k->items);
	vouch_done(&k->vouch);
}
