/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>

#include "common-kernel.h"
#include "common-setup.h"
#include "verbs.h"
#include "../../lib/policy/trial.h"

static const char *const usage[] = {"confirm", NULL};

static const struct cli_option options[] = {
	{0, NULL, NULL, NULL},
};

/* 1: a trial is running, 0: it has ended, or there was none. */
static int on_trial(struct engine *g, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(g, &s, e);

	if (r)
		return r;
	return s.mode == DIGLIM_MODE_ENFORCE && s.control.window_end > s.now_ns &&
	       s.control.window_mode == DIGLIM_MODE_ENFORCE;
}

/* Later boots, then this one: what cannot last is not confirmed. */
static int confirm(struct cli *c, struct engine *g, struct err *e)
{
	int r = setup_conf(c, "mode", "default", "enforce", e);

	if (!r)
		r = engine_mode_set(g, DIGLIM_MODE_ENFORCE, 0, e);
	if (!r)
		r = trial_end(c->places.trial, e);
	return r;
}

/* It takes minutes, and the time of the trial does not run any more. */
static int refresh(struct cli *c, struct err *e)
{
	if (c->config.start == CONFIG_START_NO) {
		cli_say("[boot] start = no: this boot is enforced, and others are not judged");
		return 0;
	}
	out_line(c->out, OUT_PLAIN, NULL, "What diglim-init reads is made anew.");
	fflush(stdout);
	return setup_refresh(c, e);
}

static int confirm_run(struct cli *c, int argc, char **argv)
{
	struct engine *g = NULL;
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		;
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "confirm takes no arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = kernel_open(&g, &e);
	if (!r)
		r = on_trial(g, &e);
	if (r > 0)
		r = confirm(c, g, &e) ?: 1;
	engine_close(g);
	out_bool(c->out, "confirmed", NULL, r > 0);
	if (!r)
		cli_say("there is nothing to confirm: no trial is running ('diglim enforce "
			"--confirm-within TIME' begins one)");
	if (r > 0 && refresh(c, &e)) {
		cli_say("enforced until the next boot, which would be in audit mode: mend what is "
			"named here, then make the initramfs anew");
		r = e.code;
	}
	if (r < 0)
		return cli_fail(c, &e);
	if (r)
		out_line(c->out, OUT_GOOD, NULL, "Confirmed: enforce, now and after every boot%s.",
			 c->config.seal ? "; the next one is sealed" : "");
	return r ? EXIT_YES : EXIT_NO;
}

const struct cli_verb verb_confirm = {
	.name = "confirm",
	.summary = "Make an enforce on trial last",
	.usage = usage,
	.options = options,
	.run = confirm_run,
};
