/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common-kernel.h"
#include "common-rules.h"
#include "verbs.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"control new [--mode MODE [--for TIME]] [--unseal] [--remove ID] --output FILE", NULL};

static const struct cli_option options[] = {
	{'m', "mode", "MODE", "Set the mode: off, audit or enforce"},
	{'t', "for", "TIME", "Only for so long (90s, 15m, 2h, 1d), then as before again"},
	{'u', "unseal", NULL, "Take the seal away"},
	{'r', "remove", "ID", "Unload the list with this identity; may be repeated"},
	{'o', "output", "FILE", "Where the order goes, to be signed"},
	{0, NULL, NULL, NULL},
};

struct args {
	enum diglim_mode mode;
	bool has_mode;
	bool unseal;
	uint64_t seconds;
	const char *output;
	struct rulewrite w;
};

static int take_option(struct cli *c, struct args *a, int id)
{
	uint8_t list[DIGLIM_LIST_ID_SIZE];

	switch (id) {
	case 'm':
		a->has_mode = true;
		return config_mode_parse(optarg, &a->mode)
			       ? cli_usage(c, "unknown mode '%s': off, audit or enforce", optarg)
			       : 0;
	case 't':
		return config_span_parse(optarg, &a->seconds) || a->seconds > UINT32_MAX
			       ? cli_usage(c, "--for %s: must be like 90s, 15m, 2h or 1d", optarg)
			       : 0;
	case 'u':
		a->unseal = true;
		return 0;
	case 'r':
		if (hex_decode(optarg, strlen(optarg), list, sizeof(list)))
			return cli_usage(c, "--remove %s: not the identity of a list", optarg);
		rulewrite_remove(&a->w, list);
		return 0;
	}
	a->output = optarg;
	return 0;
}

/* For this attachment, and above the last order that was obeyed. */
static int write_order(struct cli *c, struct args *a, struct err *e)
{
	struct rulewrite_head head = {.type = DIGLIM_LIST_CONTROL, .time = (uint64_t)time(NULL)};
	char name[DIGLIM_NAME_MAX];
	struct engine_status s = {0};
	struct buf payload = BUF_INIT;
	struct engine *g = NULL;
	struct io_part part;
	int r = kernel_open(&g, e);

	if (!r)
		r = engine_status_get(g, &s, e);
	engine_close(g);
	if (r)
		return r;
	head.boot = s.state.boot;
	head.counter = s.state.control_counter + 1;
	snprintf(name, sizeof(name), "order %llu", (unsigned long long)head.counter);
	head.name = name;
	if (a->has_mode)
		rulewrite_mode(&a->w, a->mode, (uint32_t)a->seconds);
	if (a->unseal)
		rulewrite_unseal(&a->w);
	r = rulewrite_finish(&a->w, &head, &payload, e);
	part = (struct io_part){payload.data, payload.len};
	if (!r)
		r = io_write_atomic(a->output, &part, 1, 0644, e);
	if (!r) {
		out_str(c->out, "file", "Order", a->output);
		out_num(c->out, "counter", "Counter", head.counter);
		r = rules_show(c->out, payload.data, payload.len, a->output, e);
	}
	buf_free(&payload);
	return r;
}

static int control_new_run(struct cli *c, int argc, char **argv)
{
	struct args a = {0};
	struct err e = {0};
	int id, r = 0;

	while (!r && (id = cli_option(c, argc, argv)) > 0)
		r = take_option(c, &a, id);
	if (!r && id < 0)
		r = EXIT_TROUBLE;
	if (!r && optind < argc)
		r = cli_usage(c, "too many arguments");
	if (!r && (!a.output || (!a.has_mode && !a.unseal && !a.w.n)))
		r = cli_usage(c, "--output and at least one of --mode, --unseal and --remove");
	if (!r && a.seconds && !a.has_mode)
		r = cli_usage(c, "--for needs --mode");
	if (!r && cli_begin(c))
		r = EXIT_TROUBLE;
	if (!r && write_order(c, &a, &e))
		r = cli_fail(c, &e);
	rulewrite_done(&a.w);
	return r ? EXIT_TROUBLE : EXIT_YES;
}

const struct cli_verb verb_control_new = {
	.name = "new",
	.summary = "Write an order for this machine and this boot, to be signed",
	.usage = usage,
	.options = options,
	.run = control_new_run,
};
