/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-cert.h"
#include "common-kernel.h"
#include "verbs.h"

static const char *const usage[] = {"key remove FINGERPRINT|KEYID… [--yes]", NULL};

static const struct cli_option options[] = {
	{'y', "yes", NULL, "Do not ask"},
	{0, NULL, NULL, NULL},
};

struct tail {
	const struct cert_set *set;
	size_t n;
};

/* Does the record's key id belong to one of the keys? */
static int count_list(const uint8_t id[DIGLIM_LIST_ID_SIZE], const struct diglim_list_record *rec,
		      void *arg)
{
	struct tail *t = arg;
	size_t len = rec->key_id_len;

	(void)id;
	for (size_t i = 0; i < t->set->n; i++) {
		const struct cert *c = t->set->certs[i];

		if (len && len <= c->serial_len && len <= sizeof(rec->key_id) &&
		    memcmp(c->serial + c->serial_len - len, rec->key_id, len) == 0) {
			t->n++;
			break;
		}
	}
	return 0;
}

static void warn_about_lists(const struct cert_set *set)
{
	struct tail t = {.set = set};
	struct engine *g = NULL;

	if (engine_open(&g, NULL))
		return;
	if (!engine_lists(g, count_list, &t, NULL) && t.n)
		cli_say("%zu lists signed by this key stay loaded: 'diglim unload' takes them out",
			t.n);
	engine_close(g);
}

static int remove_file(struct cli *c, bool yes, const struct keys_file *f)
{
	struct err e = {0};
	int r;

	out_str(c->out, "file", NULL, f->path);
	out_array(c->out, "keys", NULL);
	for (size_t i = 0; i < f->certs.n; i++) {
		out_object(c->out, NULL, NULL);
		cert_show(c->out, f->certs.certs[i], f->kind, f->path);
		out_end(c->out);
		out_blank(c->out);
	}
	out_end(c->out);
	fflush(stdout);
	r = cli_confirm(c, yes,
			f->certs.n > 1 ? "Stop trusting all these keys (they are in one file)?"
				       : "Stop trusting this key?");
	if (r <= 0)
		return r ? EXIT_TROUBLE : EXIT_NO;
	if (unlink(f->path)) {
		cli_say("cannot remove %s: %s", f->path, strerror(errno));
		return EXIT_TROUBLE;
	}
	/* Lists that are loaded stay: the owner decides about them one by one. */
	r = kernel_refill_rings(c, &e);
	if (r < 0)
		cli_say("%s is removed, the kernel's keyring is not up to date: %s", f->path,
			e.text);
	if (r > 0)
		warn_about_lists(&f->certs);
	out_bool(c->out, "removed", NULL, true);
	out_line(c->out, OUT_GOOD, NULL, "Removed %s%s", f->path,
		 r > 0 ? " and from the kernel" : "");
	return r < 0 ? EXIT_TROUBLE : EXIT_YES;
}

/*
 * A file that holds the key. Those with a revocation come last: the key must not be trusted again
 * because somebody says no halfway.
 */
static const struct keys_file *find(const struct keys *keys, const char *text)
{
	const struct keys_file *ret = NULL;

	for (size_t i = 0; i < keys->n_files; i++) {
		const struct cert *cert = cert_set_by_text(&keys->files[i].certs, text);

		if (cert && (cert->state != CERT_REVOKED || cert->withdrawn))
			return &keys->files[i];
		if (cert && !ret)
			ret = &keys->files[i];
	}
	return ret;
}

static int remove_or_say(struct cli *c, bool yes, const char *text, const struct keys_file *f)
{
	int status = EXIT_NO;

	out_object(c->out, NULL, NULL);
	out_str(c->out, "asked", NULL, text);
	if (f)
		status = remove_file(c, yes, f);
	else
		cli_say("there is no key %s: 'diglim key list' shows those that there are", text);
	out_end(c->out);
	return status;
}

/* Until no file holds it: one that is left would keep the key trusted. */
static int remove_key(struct cli *c, bool yes, const char *text)
{
	int status = EXIT_YES;
	bool more = true;

	for (size_t n = 0; more; n++) {
		const struct keys_file *f = NULL;
		struct keys keys = {0};
		struct err e = {0};
		int one = EXIT_YES;

		if (keys_read(&keys, &c->places, &e)) {
			cli_say("%s", e.text);
			one = EXIT_TROUBLE;
		} else if ((f = find(&keys, text)) || !n) {
			one = remove_or_say(c, yes, text, f);
		}
		more = f && access(f->path, F_OK);
		if (f && !more && n)
			cli_say("%s still holds key %s", f->path, text);
		status = one > status ? one : status;
		keys_done(&keys);
	}
	return status;
}

static int key_remove_run(struct cli *c, int argc, char **argv)
{
	int id, worst = EXIT_YES;
	bool yes = false;

	while ((id = cli_option(c, argc, argv)) > 0)
		yes = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name the keys by fingerprint or key id");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	out_array(c->out, "removed", NULL);
	for (; optind < argc; optind++) {
		int status = remove_key(c, yes, argv[optind]);

		worst = status > worst ? status : worst;
	}
	out_end(c->out);
	return worst;
}

const struct cli_verb verb_key_remove = {
	.name = "remove",
	.summary = "Stop trusting a key",
	.usage = usage,
	.options = options,
	.root = true,
	.run = key_remove_run,
};
