/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common-check.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/output/text.h"
#include "../../lib/policy/trial.h"

static const char *const usage[] = {"enforce --confirm-within TIME [--accept NAME]...", NULL};

static const struct cli_option options[] = {
	{'w', "confirm-within", "TIME",
	 "Audit again after so long (10m, 2h) without 'diglim confirm'"},
	{'a', "accept", "NAME", "A file, or a kind such as module, may be refused after all"},
	{0, NULL, NULL, NULL},
};

#define ACCEPT_MAX 64

struct args {
	uint64_t seconds;
	const char *accept[ACCEPT_MAX + 1];
	size_t n;
};

/* What the trial would end in, now and after a reboot, has to be audit. */
static int refuse_pointless(struct cli *c, struct engine *g, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(g, &s, e);

	if (r)
		return r;
	if (s.control.flags & DIGLIM_CONTROL_SEALED)
		return engine_refuse_sealed(e);
	if (s.control.mode == DIGLIM_MODE_ENFORCE)
		return err_set(e, -EALREADY, "it is enforced already, until further notice");
	if (c->config.mode != DIGLIM_MODE_AUDIT)
		return err_set(e, -EINVAL,
			       "[mode] default in diglim.conf is not audit, so that a trial would "
			       "end at the next boot, whatever becomes of it");
	return 0;
}

/* Would everything go on? 1 yes, 0 no. */
static int check(struct cli *c, const struct args *a, struct err *e)
{
	struct check k = {
		.c = c,
		.early = c->config.start == CONFIG_START_EARLY,
		.accept = a->accept,
	};
	int r = vouch_open(&k.vouch, c, true, e);

	if (!r)
		r = check_collect(&k, e);
	if (!r)
		r = check_judge(&k, e);
	if (!r)
		r = check_show(&k) == EXIT_YES;
	check_done(&k);
	return r;
}

/* The record first: who cuts the power now finds a trial, and not one that nobody knows to end. */
static int begin(struct cli *c, struct engine *g, uint64_t seconds, struct err *e)
{
	struct trial t;
	int r = trial_begin(&t, seconds, e);

	if (!r)
		r = trial_write(c->places.trial, &t, e);
	if (r)
		return r;
	r = engine_mode_set(g, DIGLIM_MODE_AUDIT, 0, e);
	if (!r)
		r = engine_mode_set(g, DIGLIM_MODE_ENFORCE, seconds, e);
	if (r)
		(void)trial_end(c->places.trial, NULL);
	return r;
}

static int parse(struct cli *c, int argc, char **argv, struct args *a)
{
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'a' && a->n == ACCEPT_MAX)
			return cli_usage(c, "--accept: at most %d times", ACCEPT_MAX);
		if (id == 'a')
			a->accept[a->n++] = optarg;
		else if (config_span_parse(optarg, &a->seconds) || a->seconds > TRIAL_MAX_S)
			return cli_usage(c, "--confirm-within %s: must be like 90s, 15m, 2h or 1d",
					 optarg);
	}
	if (id < 0)
		return id;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	return a->seconds ? 0
			  : cli_usage(c, "say --confirm-within TIME; 'diglim mode enforce' does it "
					 "without a way back");
}

static void show(struct cli *c, uint64_t seconds)
{
	char span[TEXT_SPAN_MAX];

	out_bool(c->out, "enforcing", NULL, true);
	out_num(c->out, "seconds", NULL, seconds);
	out_line(c->out, OUT_GOOD, NULL,
		 "Enforcing for %s, also if the machine is started anew meanwhile; then audit "
		 "again.",
		 text_span(span, seconds));
	out_line(c->out, OUT_PLAIN, NULL,
		 "'diglim confirm' makes it last. Until then the machine is not sealed.");
}

static int enforce_run(struct cli *c, int argc, char **argv)
{
	struct engine *g = NULL;
	struct args a = {0};
	struct err e = {0};
	int r;

	if (parse(c, argc, argv, &a) || cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = kernel_open(&g, &e);
	if (!r)
		r = refuse_pointless(c, g, &e);
	if (!r)
		r = check(c, &a, &e);
	if (!r)
		cli_say("not enforcing: vouch for these files, or name with --accept what may be "
			"refused");
	else if (r > 0)
		r = begin(c, g, a.seconds, &e) ?: 1;
	engine_close(g);
	if (r < 0)
		return cli_fail(c, &e);
	if (!r) {
		out_bool(c->out, "enforcing", NULL, false);
		return EXIT_NO;
	}
	show(c, a.seconds);
	return EXIT_YES;
}

const struct cli_verb verb_enforce = {
	.name = "enforce",
	.summary = "Check, then refuse what nobody vouches for, on trial",
	.usage = usage,
	.options = options,
	.run = enforce_run,
};
