/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "common-rules.h"
#include "verbs.h"
#include "../../lib/output/names.h"

static const char *const usage[] = {
	"key limit CERT|FINGERPRINT [--use USE] [--name NAME] [--path DIR]", NULL};

static const struct cli_option options[] = {
	{'u', "use", "USE", "Only for these uses: exec, module, firmware, kexec, data"},
	{'N', "name", "NAME", "Only packages of this name; a star at its end stands for anything"},
	{'P', "path", "DIR", "Only files below this directory"},
	{'k', "key", "KEY", "Private key of the owner (default: key in [sign])"},
	{'c', "cert", "CERT", "Its certificate (default: cert in [sign])"},
	{'p', "provider", "NAME", "OpenSSL provider of the key (default: provider in [sign])"},
	{'o', "output", "FILE", "Write the list there and do not load it"},
	{0, NULL, NULL, NULL},
};

static int limit(struct cli *c, const struct rules_args *a, struct rulewrite_limit *l,
		 const char *key, struct rulewrite *w, struct err *e)
{
	struct rules_signer signer;
	char name[DIGLIM_NAME_MAX];
	int r = rules_signer_of(c, key, &signer, e), n;

	if (r)
		return r;
	l->signer = signer.id;
	l->signer_len = signer.len;
	rulewrite_limit(w, l);
	n = snprintf(name, sizeof(name), "limit ");
	for (size_t i = 0; i < signer.len; i++)
		n += snprintf(name + n, sizeof(name) - (size_t)n, "%02x", signer.id[i]);
	return rules_publish(c, a, DIGLIM_LIST_LIMITS, name, w, e);
}

static int key_limit_run(struct cli *c, int argc, char **argv)
{
	struct rulewrite_limit l = {0};
	struct rules_args a = {0};
	struct rulewrite w = {0};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'N')
			l.name = optarg;
		else if (id == 'P')
			l.path = optarg;
		else if (id == 'u' && names_use_parse(optarg, &l.use))
			return cli_usage(c,
					 "--use %s: must be of exec, module, firmware, kexec, data",
					 optarg);
		else if (id != 'u')
			rules_take_option(&a, id, optarg);
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1)
		return cli_usage(c, "name one key");
	if (!l.use && !l.name && !l.path)
		return cli_usage(c, "say what the limit is: --use, --name or --path");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = limit(c, &a, &l, argv[optind], &w, &e);
	rulewrite_done(&w);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_key_limit = {
	.name = "limit",
	.summary = "Say what a restricted key may vouch for",
	.usage = usage,
	.options = options,
	.run = key_limit_run,
};
