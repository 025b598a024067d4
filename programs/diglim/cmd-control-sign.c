/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "common-rules.h"
#include "verbs.h"
#include "../../abi/error.h"
#include "../../lib/base/io.h"
#include "../../lib/format/listfile.h"
#include "../../lib/format/payload.h"

static const char *const usage[] = {"control sign FILE [--key KEY] [--cert CERT]", NULL};

static const struct cli_option options[] = {
	{'k', "key", "KEY", "Private key: PEM file or provider URI (default: key in [sign])"},
	{'c', "cert", "CERT", "Its certificate (default: cert in [sign])"},
	{'p', "provider", "NAME", "OpenSSL provider of the key (default: provider in [sign])"},
	{'o', "output", "FILE", "Where the signed order goes (default: in place)"},
	{0, NULL, NULL, NULL},
};

/* Shows what is signed before it is: the order may come from another machine. */
static int sign_order(struct cli *c, const struct rules_args *a, const char *path, struct err *e)
{
	struct payload_info info = {0};
	struct buf payload = BUF_INIT;
	int r = io_read_file(path, LISTFILE_MAX, &payload, e);

	if (!r)
		r = payload_walk(payload.data, payload.len, path, &info, NULL, NULL, e);
	if (!r && info.type != DIGLIM_LIST_CONTROL)
		r = err_set(e, -DIGLIM_E_VALUE, "%s: not an order of 'diglim control new'", path);
	if (!r) {
		out_num(c->out, "counter", "Counter", info.counter);
		r = rules_show(c->out, payload.data, payload.len, path, e);
	}
	if (!r)
		r = rules_sign(c, a, &payload, a->output ? a->output : path, e);
	if (!r)
		out_str(c->out, "file", "Signed", a->output ? a->output : path);
	buf_free(&payload);
	return r;
}

static int control_sign_run(struct cli *c, int argc, char **argv)
{
	struct rules_args a = {0};
	struct err e = {0};
	int id;

	while ((id = cli_option(c, argc, argv)) > 0)
		rules_take_option(&a, id, optarg);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name one order");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	return sign_order(c, &a, argv[optind], &e) ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_control_sign = {
	.name = "sign",
	.summary = "Sign an order, on this machine or another",
	.usage = usage,
	.options = options,
	.run = control_sign_run,
};
