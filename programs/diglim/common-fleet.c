/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common-attest.h"
#include "common-fleet.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/base/work.h"

#define NONCE_MAX 64 /* bytes */

struct node {
	struct work_item link;
	char *name;
	enum fleet_state state;
	struct err why;
};

struct fleet_run {
	const struct fleet *f;
	struct node *nodes;
	size_t n;
	time_t now;
};

static const char *const state_names[FLEET_STATES] = {"attested", "refused", "unreachable"};

int fleet_read_ak(const char *path, struct buf *b, struct tpmpub *ret, struct err *e)
{
	struct keyfile k = {0};
	int r = io_read_file(path, KEYFILE_MAX, b, e);

	if (r)
		return r;
	if (b->len && *b->data == '-') {
		r = keyfile_parse(b->data, b->len, path, &k, e);
		b->len = 0;
		buf_add(b, k.public.data, k.public.len);
		keyfile_done(&k);
	}
	return r ?: tpmpub_parse(b->data, b->len, ret, e);
}

/* Hexadecimal, perhaps with a line feed; the file is as old as the question. */
static int read_nonce(const char *path, struct buf *ret, time_t *asked, struct err *e)
{
	uint8_t nonce[NONCE_MAX];
	struct buf text = BUF_INIT;
	struct stat st;
	int r = io_read_file(path, 2 * NONCE_MAX + 2, &text, e);

	if (!r && stat(path, &st))
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (!r && text.len &&
	       (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == ' '))
		text.len--;
	if (!r && (!text.len || text.len % 2 || text.len > 2 * sizeof(nonce) ||
		   hex_decode((char *)text.data, text.len, nonce, text.len / 2)))
		r = err_set(e, -EBADMSG, "%s: not up to 64 bytes in hexadecimal", path);
	if (!r) {
		buf_add(ret, nonce, text.len / 2);
		*asked = st.st_mtime;
		r = ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
	}
	buf_free(&text);
	return r;
}

static int path_of(const struct fleet_run *run, const struct node *n, const char *what,
		   char ret[PATH_MAX], struct err *e)
{
	int len = snprintf(ret, PATH_MAX, "%s/%s/%s", run->f->dir, n->name, what);

	return len < PATH_MAX ? 0 : err_set(e, -ENAMETOOLONG, "%s: name too long", n->name);
}

static int check(const struct fleet_run *run, struct node *n, struct evidence_wish *wish)
{
	struct buf nonce = BUF_INIT, ak = BUF_INIT;
	struct tpmpub pub = {0};
	char path[PATH_MAX];
	time_t asked = 0;
	int r = path_of(run, n, FLEET_NONCE, path, &n->why);

	r = r ?: read_nonce(path, &nonce, &asked, &n->why);
	r = r ?: path_of(run, n, FLEET_AK, path, &n->why);
	r = r ?: fleet_read_ak(path, &ak, &pub, &n->why);
	r = r ?: path_of(run, n, FLEET_EVIDENCE, path, &n->why);
	/* Whose key or nonce we have not got is a stranger, whatever he sent. */
	if (r)
		goto out;
	wish->nonce = &nonce;
	wish->ak = &pub;
	r = evidence_verify(path, wish, &n->why);
	n->state = !r ? FLEET_ATTESTED : r == -ENOENT ? FLEET_UNREACHABLE : FLEET_REFUSED;
	if (r == -ENOENT)
		err_set(&n->why, r, "no evidence");
	if (!r && (asked > run->now || (uint64_t)(run->now - asked) > run->f->max_age)) {
		n->state = FLEET_UNREACHABLE;
		err_set(&n->why, -ESTALE, "expired: it was asked %lld seconds ago",
			(long long)(run->now - asked));
	}
out:
	*wish = run->f->wish;
	tpmpub_done(&pub);
	buf_free(&ak);
	buf_free(&nonce);
	return r;
}

static void do_node(struct work *w, struct work_item *item, unsigned int worker, void *arg)
{
	const struct fleet_run *run = arg;
	struct evidence_wish wish = run->f->wish;

	(void)w;
	(void)worker;
	(void)check(run, (struct node *)item, &wish);
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int add_node(struct fleet_run *run, const char *name, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", run->f->dir, name) >= (int)sizeof(path) ||
	    stat(path, &st) || !S_ISDIR(st.st_mode))
		return 0;
	run->nodes[run->n] = (struct node){.name = strdup(name), .state = FLEET_REFUSED};
	return run->nodes[run->n++].name ? 0 : err_set(e, -ENOMEM, "out of memory");
}

/* Each directory that is there, sorted by its name. */
static int find_nodes(struct fleet_run *run, struct err *e)
{
	struct dirent **names = NULL;
	int n = scandir(run->f->dir, &names, is_visible, alphasort), r = 0;

	if (n < 0)
		return err_set(e, -errno, "%s: %s", run->f->dir, strerror(errno));
	run->nodes = calloc((size_t)n + 1, sizeof(*run->nodes));
	if (!run->nodes)
		r = err_set(e, -ENOMEM, "out of memory");
	for (int i = 0; i < n; i++) {
		if (!r && run->nodes)
			r = add_node(run, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	for (size_t i = 1; i < run->n; i++)
		run->nodes[i - 1].link.next = &run->nodes[i].link;
	return r ?: run->n ? 0 : err_set(e, -ENOENT, "%s: no machine in it", run->f->dir);
}

static void show(const struct fleet_run *run, const struct node *n)
{
	static const char *const signs[FLEET_STATES] = {"[+]", "[-]", "[!]"};
	static const enum out_colour styles[FLEET_STATES] = {OUT_GOOD, OUT_BAD, OUT_WARN};
	struct out *o = run->f->c->out;

	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, n->name);
	out_str(o, "state", NULL, state_names[n->state]);
	out_str(o, "reason", NULL, n->why.text);
	out_line(o, styles[n->state], signs[n->state], "%s: %s%s%s", n->name, state_names[n->state],
		 *n->why.text ? ": " : "", n->why.text);
	out_end(o);
}

static void show_all(const struct fleet_run *run, const size_t count[FLEET_STATES])
{
	struct out *o = run->f->c->out;

	out_array(o, "machines", NULL);
	for (size_t i = 0; i < run->n; i++)
		show(run, &run->nodes[i]);
	out_end(o);
	for (int s = 0; s < FLEET_STATES; s++)
		out_num(o, state_names[s], NULL, count[s]);
	out_line(o, OUT_BOLD, NULL, "%zu attested, %zu refused, %zu unreachable",
		 count[FLEET_ATTESTED], count[FLEET_REFUSED], count[FLEET_UNREACHABLE]);
}

/* A label's value: backslash, quotation mark and line feed are escaped. */
static void put_label(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			putchar('\\');
		if (*text == '\n')
			fputs("\\n", stdout);
		else
			putchar(*text);
	}
}

/* Prometheus's exposition formats, text 0.0.4: a state set, 1 for the state that it is. */
static int put_metrics(const struct fleet_run *run, struct err *e)
{
	puts("# HELP diglim_attest_machine State of a machine's evidence.\n"
	     "# TYPE diglim_attest_machine gauge");
	for (size_t i = 0; i < run->n; i++)
		for (int s = 0; s < FLEET_STATES; s++) {
			fputs("diglim_attest_machine{machine=\"", stdout);
			put_label(run->nodes[i].name);
			printf("\",state=\"%s\"} %d\n", state_names[s],
			       run->nodes[i].state == (enum fleet_state)s);
		}
	printf("# HELP diglim_attest_checked_seconds When it was checked, seconds since 1970.\n"
	       "# TYPE diglim_attest_checked_seconds gauge\n"
	       "diglim_attest_checked_seconds %lld\n",
	       (long long)run->now);
	run->f->c->answered = true;
	return fflush(stdout) || ferror(stdout) ? err_set(e, -EIO, "cannot write the answer") : 0;
}

int fleet_verify(struct fleet *f, size_t count[FLEET_STATES], struct err *e)
{
	struct fleet_run run = {.f = f, .now = time(NULL)};
	int r = find_nodes(&run, e);

	r = r ?: work_run(work_threads(), &run.nodes[0].link, do_node, NULL, &run, e);
	memset(count, 0, FLEET_STATES * sizeof(*count));
	for (size_t i = 0; i < run.n; i++)
		count[run.nodes[i].state]++;
	if (!r && f->prometheus)
		r = put_metrics(&run, e);
	else if (!r)
		show_all(&run, count);
	for (size_t i = 0; i < run.n; i++)
		free(run.nodes[i].name);
	free(run.nodes);
	return r;
}
