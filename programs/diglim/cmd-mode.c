/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "common-judge.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/output/names.h"

static const char *const usage[] = {"mode [off|audit|enforce] [--for TIME] [--force]", NULL};

static const struct cli_option options[] = {
	{'t', "for", "TIME", "Only for so long (90s, 15m, 2h, 1d), then as before again"},
	{'f', "force", NULL, "Enforce although this program itself is not vouched for"},
	{0, NULL, NULL, NULL},
};

struct args {
	uint64_t seconds;
	bool force;
};

static int show(struct cli *c, struct engine *g, struct err *e)
{
	char window[KERNEL_WINDOW_MAX];
	struct engine_status s;
	int r = engine_status_get(g, &s, e);

	if (r)
		return r;
	out_str(c->out, "mode", NULL, names_mode(s.mode));
	kernel_window(&s, window);
	out_line(c->out, OUT_PLAIN, NULL, "%s%s%s", names_mode(s.mode), *window ? " " : "", window);
	if (*window) {
		out_str(c->out, "then", NULL, names_mode(s.control.mode));
		out_num(c->out, "seconds_left", NULL,
			(s.control.window_end - s.now_ns) / 1000000000);
	}
	return 0;
}

static int change(struct engine *g, enum diglim_mode mode, const struct args *a, struct err *e)
{
	int r = 1;

	if (mode == DIGLIM_MODE_ENFORCE && !a->seconds && !a->force)
		r = judge_can_return(g, e);
	if (r < 0)
		return r;
	if (!r)
		return err_set(e, -ECANCELED,
			       "not enforcing: only a reboot could end it. Vouch for these files "
			       "first, try with --for 15m, or insist with --force");
	return engine_mode_set(g, mode, a->seconds, e);
}

static int parse(struct cli *c, int argc, char **argv, struct args *a)
{
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'f') {
			a->force = true;
		} else if (config_span_parse(optarg, &a->seconds)) {
			cli_usage(c, "--for %s: must be like 90s, 15m, 2h or 1d", optarg);
			return -EINVAL;
		}
	}
	return id;
}

static int mode_run(struct cli *c, int argc, char **argv)
{
	enum diglim_mode mode = DIGLIM_MODE_OFF;
	struct engine *g = NULL;
	struct args a = {0};
	struct err e = {0};
	int r;

	if (parse(c, argc, argv, &a) < 0)
		return EXIT_TROUBLE;
	if (argc - optind > 1)
		return cli_usage(c, "too many arguments");
	if (optind < argc && config_mode_parse(argv[optind], &mode))
		return cli_usage(c, "unknown mode '%s': off, audit or enforce", argv[optind]);
	if (optind == argc && (a.seconds || a.force))
		return cli_usage(c, "say which mode");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = kernel_open(&g, &e);
	if (!r && optind < argc)
		r = change(g, mode, &a, &e);
	if (!r)
		r = show(c, g, &e);
	engine_close(g);
	if (!r)
		return EXIT_YES;
	return cli_fail(c, &e) && r == -ECANCELED ? EXIT_NO : EXIT_TROUBLE;
}

const struct cli_verb verb_mode = {
	.name = "mode",
	.summary = "Show or set what happens to software nobody vouches for",
	.usage = usage,
	.options = options,
	.run = mode_run,
};
