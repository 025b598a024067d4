/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Vendor keys follow rpm's keyring; the name of a file tells which of them are ours to remove. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-cert.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/base/io.h"
#include "../../lib/pkgdb/rpmdb.h"

#define MARK ".rpm"

static const char *const usage[] = {"key sync [--dbpath DIR] [--yes]", NULL};

static const struct cli_option options[] = {
	{'b', "dbpath", "DIR", "Where rpm's database is, below --root"},
	{'y', "yes", NULL, "Do not ask"},
	{0, NULL, NULL, NULL},
};

struct job {
	struct cli *c;
	struct keys keys;
	struct cert_set seen; /* all that rpm trusts, to tell what it does not any more */
	const char *dbpath;
	bool yes;
	size_t added, removed, declined, useless;
	struct err *e;
};

static size_t count_usable(const struct cert_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += cert_has_der(set->certs[i]);
	return n;
}

static bool is_marked(const char *path)
{
	size_t len = strlen(path);

	return len > strlen(MARK) && !strcmp(path + len - strlen(MARK), MARK);
}

static bool has(const struct cert_set *set, const struct cert *c)
{
	return cert_set_by_fingerprint(set, c->fingerprint, c->fingerprint_len);
}

/* A vendor renews a key by a later expiry: the copy that is trusted is the older one then. */
static bool is_renewed(const struct cert *old, const struct cert *c)
{
	if (old->state != c->state)
		return c->state == CERT_USABLE;
	return old->expires && (!c->expires || c->expires > old->expires);
}

/* Are all usable keys of @set trusted as vendor keys already, or asked about? */
static bool is_known(const struct job *j, const struct cert_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct cert *c = set->certs[i], *old;

		if (!cert_has_der(c) || has(&j->seen, c))
			continue;
		old = cert_set_by_fingerprint(&j->keys.set[KEYS_VENDOR], c->fingerprint,
					      c->fingerprint_len);
		if (!old || is_renewed(old, c))
			return false;
	}
	return true;
}

static void show(struct job *j, const struct cert_set *set, const char *from, const char *change)
{
	for (size_t i = 0; i < set->n; i++) {
		out_object(j->c->out, NULL, NULL);
		cert_show(j->c->out, set->certs[i], KEYS_VENDOR, from);
		out_str(j->c->out, "change", NULL, change);
		out_end(j->c->out);
		out_blank(j->c->out);
	}
}

/* 1 yes, 0 no (counted), negative: nobody to ask. */
static int ask(struct job *j, const char *question)
{
	int r;

	fflush(stdout);
	r = cli_confirm(j->c, j->yes, question);
	if (r < 0)
		return err_set(j->e, -ENOTTY, "%s", "the question was not answered");
	j->declined += !r;
	return r;
}

static int add(struct job *j, const struct cert_set *set, const void *data, size_t len,
	       const char *from)
{
	const struct io_part part = {data, len};
	char path[PATH_MAX];
	size_t used;
	int r;

	if (!out_is_json(j->c->out))
		show(j, set, from, NULL);
	r = ask(j, "rpm trusts this key. Trust every RPM package signed by it, too?");
	if (r <= 0) {
		if (!r && out_is_json(j->c->out))
			show(j, set, from, "declined");
		return r;
	}
	r = keys_file_path(path, &j->c->places, KEYS_VENDOR, set, j->e);
	used = strlen(path);
	if (!r && (size_t)snprintf(path + used, PATH_MAX - used, MARK) >= PATH_MAX - used)
		r = err_set(j->e, -ENAMETOOLONG, "%s: name too long", path);
	if (!r)
		r = places_make_dir(j->c->places.vendor_keys, j->e);
	if (!r)
		r = io_write_atomic(path, &part, 1, 0644, j->e);
	if (r)
		return r;
	j->added++;
	if (out_is_json(j->c->out))
		show(j, set, path, "added");
	out_line(j->c->out, OUT_GOOD, NULL, "Added as %s", path);
	return 0;
}

static int take_seen(struct job *j, struct cert_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		int r = cert_set_take(&j->seen, set->certs[i], j->e);

		set->certs[i] = NULL;
		if (r)
			return r;
	}
	set->n = 0;
	return 0;
}

static int see_key(const char *name, const void *data, size_t len, const char *broken, void *arg)
{
	struct job *j = arg;
	struct cert_set set = {0};
	struct err why = {0};
	int r;

	if (!data) {
		cli_say("%s: %s", name, broken);
		j->useless++;
		return 0;
	}
	r = cert_set_read(&set, data, len, name, 0, &why);
	if (r == -ENOMEM)
		return err_set(j->e, r, "out of memory");
	if (r >= 0)
		r = keys_revoke(&j->keys, &set);
	if (r < 0) {
		cli_say("%s", why.text[0] ? why.text : name);
		j->useless++;
		cert_set_done(&set);
		return 0;
	}
	if (!count_usable(&set)) {
		show(j, &set, name, "useless");
		cli_say("%s: no key in it is of use: left out%s", name,
			r ? "; it revokes one that is trusted: 'diglim key add' takes that" : "");
		j->useless++;
		r = 0;
	} else {
		r = is_known(j, &set) ? 0 : add(j, &set, data, len, name);
	}
	if (r >= 0)
		r = take_seen(j, &set);
	cert_set_done(&set);
	return r;
}

/* Does rpm still trust any key of the file? */
static bool is_trusted_by_rpm(const struct job *j, const struct keys_file *f)
{
	for (size_t i = 0; i < f->certs.n; i++)
		if (has(&j->seen, f->certs.certs[i]))
			return true;
	return false;
}

static int remove_gone(struct job *j)
{
	for (size_t i = 0; i < j->keys.n_files; i++) {
		const struct keys_file *f = &j->keys.files[i];
		int r;

		if (f->kind != KEYS_VENDOR || !is_marked(f->path) || is_trusted_by_rpm(j, f))
			continue;
		if (!out_is_json(j->c->out))
			show(j, &f->certs, f->path, NULL);
		r = ask(j, "rpm does not trust this key any more. Stop trusting it?");
		if (r < 0)
			return r;
		if (r && unlink(f->path))
			return err_set(j->e, -errno, "cannot remove %s: %s", f->path,
				       strerror(errno));
		if (out_is_json(j->c->out))
			show(j, &f->certs, f->path, r ? "removed" : "declined");
		j->removed += (size_t)r;
		if (r)
			out_line(j->c->out, OUT_GOOD, NULL, "Removed %s", f->path);
	}
	return 0;
}

static int follow(struct job *j)
{
	const char *root = j->c->places.root[0] ? j->c->places.root : NULL;
	int r = keys_read(&j->keys, &j->c->places, j->e);

	out_array(j->c->out, "keys", NULL);
	if (!r)
		r = rpmdb_keys(root, j->dbpath, see_key, j, j->e);
	if (!r)
		r = remove_gone(j);
	out_end(j->c->out);
	return r;
}

static int summarise(struct job *j)
{
	struct out *o = j->c->out;
	int told = j->added || j->removed ? kernel_refill_rings(j->c, j->e) : 0;

	if (told < 0)
		return cli_fail(j->c, j->e);
	out_num(o, "added", NULL, j->added);
	out_num(o, "removed", NULL, j->removed);
	out_num(o, "declined", NULL, j->declined);
	out_num(o, "useless", NULL, j->useless);
	out_bool(o, "in_kernel", NULL, told);
	out_line(o, OUT_BOLD, NULL, "%zu keys added, %zu removed%s%s", j->added, j->removed,
		 told ? ", in the kernel, too" : "",
		 j->added || j->removed ? ": 'diglim sync' makes the lists follow" : "");
	return j->declined ? EXIT_NO : EXIT_YES;
}

static int key_sync_run(struct cli *c, int argc, char **argv)
{
	struct err e = {0};
	struct job j = {.c = c, .e = &e};
	int id, status;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'y')
			j.yes = true;
		else
			j.dbpath = optarg;
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	status = follow(&j) ? cli_fail(c, &e) : summarise(&j);
	cert_set_done(&j.seen);
	keys_done(&j.keys);
	return status;
}

const struct cli_verb verb_key_sync = {
	.name = "sync",
	.summary = "Let vendor keys follow rpm's keyring",
	.usage = usage,
	.options = options,
	.root = true,
	.run = key_sync_run,
};
