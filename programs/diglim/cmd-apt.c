/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-apt.h"
#include "verbs.h"
#include "../../lib/sync/shipped.h"

static const char *const usage[] = {
	"apt --prepare [FILE.deb…] [--process PID] [--key KEY] [--cert CERT]",
	"apt --sync [--key KEY] [--cert CERT]", NULL};

enum { OPT_PREPARE = 3000, OPT_SYNC, OPT_PROCESS };

static const struct cli_option options[] = {
	{OPT_PREPARE, "prepare", NULL, "Before unpacking: make and load lists of the packages"},
	{OPT_SYNC, "sync", NULL, "Afterwards: take away the lists of what is gone"},
	{OPT_PROCESS, "process", "PID", "The packages that this dpkg was told to install"},
	{SOURCES_OPT_KEY, "archive-key", "FILE",
	 "Key of archives, instead of those that apt trusts"},
	{'k', "key", "KEY", "Private key: PEM file or provider URI (default: key in [sign])"},
	{'c', "cert", "CERT", "Its certificate (default: cert in [sign])"},
	{'p', "provider", "NAME", "OpenSSL provider of the key (default: provider in [sign])"},
	{'q', "quiet", NULL, "Only what could not be vouched for"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"For the hooks of apt and dpkg. Without packages and --process, --prepare reads what apt",
	"hands to DPkg::Pre-Install-Pkgs. Exit status 1: the packages should not be installed.",
	NULL};

struct args {
	bool prepare, sync;
	const char *process;
	struct sources sources; /* of these the archive keys */
};

static int parse(struct cli *c, int argc, char **argv, struct apt_job *j, struct args *a)
{
	int id, r = 0;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == OPT_PREPARE)
			a->prepare = true;
		else if (id == OPT_SYNC)
			a->sync = true;
		else if (id == OPT_PROCESS)
			a->process = optarg;
		else if (id == 'q')
			j->maker.quiet = true;
		else if (id == SOURCES_OPT_KEY)
			r = sources_take_option(c, &a->sources, id, optarg);
		else
			r = sign_take_option(c, &j->sign, id, optarg);
		if (r < 0)
			return r;
	}
	if (id < 0)
		return id;
	if (a->prepare == a->sync || (a->sync && (optind < argc || a->process))) {
		cli_usage(c, "either --prepare, with or without packages, or --sync alone");
		return -EINVAL;
	}
	return 0;
}

static int collect(struct apt_job *j, const struct args *a, int argc, char **argv, struct err *e)
{
	int r = 0;

	if (a->process)
		r = apt_add_process(j, a->process, e);
	for (int i = optind; !r && i < argc; i++)
		r = apt_add_deb(j, argv[i], e);
	if (!a->process && optind == argc)
		r = apt_add_input(j, e);
	return r;
}

static void summarise(struct apt_job *j)
{
	struct out *o = j->c->out;

	out_num(o, "lists", NULL, j->maker.lists);
	out_num(o, "loaded", NULL, j->loaded);
	out_num(o, "unloaded", NULL, j->unloaded);
	out_num(o, "untraced", NULL, j->untraced);
	out_num(o, "tampered", NULL, j->tampered);
}

static int run(struct apt_job *j, const struct args *a, int argc, char **argv, struct err *e)
{
	int r = a->prepare ? collect(j, a, argc, argv, e) : 0;

	if (!r && a->prepare)
		r = apt_mark(j, e);
	if (!r)
		r = apt_open_kernel(j, e);
	/* Before dpkg takes lists away that a package had brought. */
	if (!r && j->engine && a->prepare)
		r = shipped_note(&j->c->places, false, e);
	if (r || (a->prepare && !j->n))
		return r;
	out_array(j->c->out, "packages", NULL);
	r = a->prepare ? apt_prepare(j, e) : apt_sync(j, e);
	out_end(j->c->out);
	if (r >= 0 && a->sync)
		r = apt_report_made(j, e) ?: r;
	summarise(j);
	return r;
}

static int apt_run(struct cli *c, int argc, char **argv)
{
	struct apt_job j = {.c = c};
	struct args a = {0};
	struct err e = {0};
	int r;

	j.maker.c = c;
	j.maker.args = &j.sign;
	if (parse(c, argc, argv, &j, &a) || cli_begin_configured(c))
		return EXIT_TROUBLE;
	j.keys = a.sources.archive_keys;
	j.n_keys = a.sources.n_keys;
	r = run(&j, &a, argc, argv, &e);
	if (r < 0)
		r = cli_fail(c, &e);
	apt_done(&j);
	return r;
}

const struct cli_verb verb_apt = {
	.name = "apt",
	.summary = "Follow what apt and dpkg install and remove",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = apt_run,
};
