/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "common-kernel.h"
#include "verbs.h"
#include "../../abi/error.h"
#include "../../lib/output/names.h"

static const char *const usage[] = {"seal [--yes]", NULL};

static const struct cli_option options[] = {
	{'y', "yes", NULL, "Do not ask"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Until the machine is started anew nobody, root included, can then detach or replace",
	"the programs, open their maps, remove their pins, change mode, keys or keyrings,",
	"write kernel.ftrace_enabled or kernel memory, debug processes (unless allow-ptrace),",
	"load BPF programs that decide instead (unless allow-bpf), or change tables of device",
	"mapper below a file system in use (unless allow-device-mapper). Signed lists can still",
	"be loaded, and unloaded unless they deny, limit keys or give lowest versions.",
	"",
	"The way out: a control list signed by an owner's key, or starting the machine anew.",
	NULL,
};

static void say_what(struct out *o, const struct engine_status *s)
{
	uint32_t flags = s->control.flags;

	for (size_t i = 0; text[i]; i++)
		out_line(o, OUT_PLAIN, NULL, "%s", text[i]);
	out_blank(o);
	out_str(o, "mode", "Mode", names_mode(s->mode));
	out_bool(o, "allow_ptrace", "Debuggers", flags & DIGLIM_CONTROL_ALLOW_PTRACE);
	out_bool(o, "allow_bpf", "BPF programs", flags & DIGLIM_CONTROL_ALLOW_BPF);
	out_bool(o, "allow_device_mapper", "Device mapper", flags & DIGLIM_CONTROL_ALLOW_MAPPER);
	if (s->mode != DIGLIM_MODE_ENFORCE)
		cli_say("the mode will stay %s", names_mode(s->mode));
}

/* What the seal would make permanent, looked at before asking. */
static int prepare(struct cli *c, struct kernel_rings *rings, struct err *e)
{
	struct engine_status s = {0};
	struct engine *g = NULL;
	int r = kernel_open(&g, e);

	if (!r)
		r = engine_status_get(g, &s, e);
	if (!r)
		r = kernel_rings(g, rings, e);
	engine_close(g);
	if (!r && s.control.window_end > s.now_ns)
		r = err_set(e, -EBUSY, "mode %s ends by itself: 'diglim mode' sets one that stays",
			    names_mode(s.mode));
	/* Maps are frozen for good, and the self-test would have to write to them. */
	if (!r && s.control.flags & DIGLIM_CONTROL_UNSEALED)
		r = err_set(e, -EBUSY,
			    "it was sealed before: 'diglim detach' and 'diglim attach', then seal");
	if (!r)
		say_what(c->out, &s);
	return r;
}

static int seal_run(struct cli *c, int argc, char **argv)
{
	struct kernel_rings rings;
	struct err e = {0};
	bool yes = false;
	int id, answer;

	while ((id = cli_option(c, argc, argv)) > 0)
		yes = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	if (engine_is_sealed(NULL) == 1) {
		out_bool(c->out, "sealed", NULL, true);
		cli_say("DIGLIM is sealed already");
		return EXIT_NO;
	}
	if (prepare(c, &rings, &e))
		return cli_fail(c, &e);
	answer = cli_confirm(c, yes, "Seal this machine?");
	if (answer <= 0)
		return answer ? EXIT_TROUBLE : EXIT_NO;
	if (engine_seal(rings.serial, KEYS_KINDS, DIGLIM_SEAL_SET, &e))
		return cli_fail(c, &e);
	out_bool(c->out, "sealed", NULL, true);
	out_line(c->out, OUT_GOOD, NULL, "Sealed");
	return EXIT_YES;
}

const struct cli_verb verb_seal = {
	.name = "seal",
	.summary = "Let nobody take the protection away any more",
	.usage = usage,
	.text = text,
	.options = options,
	.run = seal_run,
};
