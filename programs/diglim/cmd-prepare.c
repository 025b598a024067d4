/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-cert.h"
#include "verbs.h"
#include "../../lib/base/io.h"
#include "../../lib/format/listfile.h"

static const char *const usage[] = {"prepare [--output DIR] [--hook]", NULL};

static const struct cli_option options[] = {
	{'o', "output", "DIR", "Write there, for an initramfs, with the lists if it needs them"},
	{'k', "hook", NULL, "Write nothing, with status 1, if [boot] start is no"},
	{0, NULL, NULL, NULL},
};

#define CONF_MAX (1U << 20)

struct prepare {
	struct cli *c;
	const char *output; /* NULL: the place on this system */
	char dir[PATH_MAX];
	bool hook;
	size_t keys, lists;
};

/* What is in a directory of ours and was not written now goes. */
struct kept {
	char **names;
	size_t n;
};

static bool is_kept(const struct kept *k, const char *name)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->names[i], name) == 0)
			return true;
	return false;
}

static void kept_done(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->names[i]);
	free(k->names);
}

static int remove_others(const char *dir, const struct kept *k, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	int r = 0;

	if (!d)
		return err_set(e, -errno, "%s: %s", dir, strerror(errno));
	while (!r && (ent = readdir(d)))
		if (ent->d_name[0] != '.' && !is_kept(k, ent->d_name) &&
		    unlinkat(dirfd(d), ent->d_name, 0))
			r = err_set(e, -errno, "%s/%s: %s", dir, ent->d_name, strerror(errno));
	closedir(d);
	return r;
}

/* Writes @dir/@name and remembers that it belongs there. */
static int put(struct kept *k, const char *dir, const char *name, const void *data, size_t len,
	       struct err *e)
{
	char path[PATH_MAX + NAME_MAX + 2];
	const struct io_part part = {data, len};
	char **names = realloc(k->names, (k->n + 1) * sizeof(*names)), *copy = strdup(name);

	if (names)
		k->names = names;
	if (!names || !copy) {
		free(copy);
		return err_set(e, -ENOMEM, "no memory");
	}
	k->names[k->n++] = copy;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return io_write_later(path, &part, 1, 0644, e);
}

static int put_keys(struct prepare *p, const struct keys *keys, int kind, struct err *e)
{
	char dir[PATH_MAX + 16], name[CERT_HEX_MAX + 8], fpr[CERT_HEX_MAX];
	const struct cert_set *set = &keys->set[kind];
	struct kept k = {0};
	int r;

	snprintf(dir, sizeof(dir), "%s/%s", p->dir, keys_kind_name((enum keys_kind)kind));
	r = places_make_dir(dir, e);
	for (size_t i = 0; !r && i < set->n; i++) {
		const struct cert *c = set->certs[i];

		if (!cert_has_der(c))
			continue;
		snprintf(name, sizeof(name), "%s.der", cert_fingerprint(c, fpr));
		r = put(&k, dir, name, c->der, c->der_len, e);
		p->keys += !r;
	}
	if (!r)
		r = remove_others(dir, &k, e);
	kept_done(&k);
	return r;
}

static int put_config(struct prepare *p, struct err *e)
{
	struct buf text = BUF_INIT;
	struct kept k = {0};
	int r = io_read_file(p->c->places.conf, CONF_MAX, &text, e);

	if (!r || r == -ENOENT)
		r = put(&k, p->dir, "diglim.conf", text.data, text.len, e);
	kept_done(&k);
	buf_free(&text);
	return r;
}

/* Not there when the initramfs has mounted root and /usr. */
static bool is_elsewhere(const struct places *places, const char *dir)
{
	struct stat root, own;
	char usr[PATH_MAX];
	bool elsewhere;

	snprintf(usr, sizeof(usr), "%s/usr", places->root);
	if (stat(dir, &own) || stat(*places->root ? places->root : "/", &root))
		return false;
	elsewhere = own.st_dev != root.st_dev;
	return elsewhere && (stat(usr, &root) || own.st_dev != root.st_dev);
}

static int put_list(struct prepare *p, struct kept *k, const char *dir, const char *path,
		    struct err *e)
{
	struct buf list = BUF_INIT;
	char name[32];
	int r = io_read_file(path, LISTFILE_MAX, &list, e);

	/* Lists of one name may lie in several directories. */
	snprintf(name, sizeof(name), "%06zu", p->lists);
	if (!r)
		r = put(k, dir, name, list.data, list.len, e);
	p->lists += !r;
	buf_free(&list);
	return r;
}

/* Only into an initramfs: the early stage has no root to read them from. */
static int put_lists(struct prepare *p, struct err *e)
{
	bool early = p->c->config.start == CONFIG_START_EARLY;
	char dir[PATH_MAX + 16];
	struct kept k = {0};
	int r;

	snprintf(dir, sizeof(dir), "%s/lists", p->dir);
	r = places_make_dir(dir, e);
	for (int i = 0; !r && i < PLACES_LIST_DIRS; i++) {
		const char *from = p->c->places.lists[i];
		struct lists l = {0};

		if (!early && !is_elsewhere(&p->c->places, from))
			continue;
		r = lists_add(&l, from, e);
		if (r == -ENOENT)
			r = 0;
		for (size_t n = 0; !r && n < l.n; n++)
			r = put_list(p, &k, dir, l.paths[n], e);
		lists_done(&l);
	}
	if (!r)
		r = remove_others(dir, &k, e);
	kept_done(&k);
	return r;
}

static int prepare_all(struct prepare *p, struct err *e)
{
	struct keys keys = {0};
	int r = keys_read(&keys, &p->c->places, e);

	if (!r)
		r = places_make_dir(p->dir, e);
	if (!r)
		r = put_config(p, e);
	for (int kind = 0; !r && kind < KEYS_KINDS; kind++)
		r = put_keys(p, &keys, kind, e);
	if (!r && p->output)
		r = put_lists(p, e);
	keys_done(&keys);
	return r ? r : io_flush(p->dir, e);
}

static int parse(struct cli *c, int argc, char **argv, struct prepare *p)
{
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'o')
			p->output = optarg;
		else
			p->hook = true;
	}
	if (id < 0)
		return id;
	return optind < argc ? cli_usage(c, "too many arguments") : 0;
}

static int prepare_run(struct cli *c, int argc, char **argv)
{
	struct prepare p = {.c = c};
	struct err e = {0};

	if (parse(c, argc, argv, &p) || cli_begin_configured(c))
		return EXIT_TROUBLE;
	if (p.hook && c->config.start == CONFIG_START_NO) {
		out_bool(c->out, "prepared", NULL, false);
		return EXIT_NO;
	}
	snprintf(p.dir, sizeof(p.dir), "%s", p.output ? p.output : c->places.boot);
	if (prepare_all(&p, &e))
		return cli_fail(c, &e);
	/* Who waits for an initramfs that takes it along (setup, confirm) need not any more. */
	if (p.hook)
		(void)unlink(c->places.wanted);
	out_bool(c->out, "prepared", NULL, true);
	out_str(c->out, "directory", "Directory", p.dir);
	out_num(c->out, "keys", "Keys", p.keys);
	out_num(c->out, "lists", "Lists", p.lists);
	if (!p.keys)
		cli_say("no keys: 'diglim key add FILE' adds the one of your distribution");
	return EXIT_YES;
}

const struct cli_verb verb_prepare = {
	.name = "prepare",
	.summary = "Write what diglim-init needs before the first program",
	.usage = usage,
	.options = options,
	.root = true,
	.run = prepare_run,
};
