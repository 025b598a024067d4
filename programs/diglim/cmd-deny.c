/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-rules.h"
#include "verbs.h"
#include "../../lib/base/hex.h"
#include "../../lib/crypto/digest.h"

static const char *const usage[] = {
	"deny FILE|DIGEST… [--key-of CERT|FINGERPRINT] [--name NAME] [--output FILE]",
	"deny --key-of CERT|FINGERPRINT [--name NAME] [--output FILE]", NULL};

enum { KEYS_OF_MAX = 64 };

static const struct cli_option options[] = {
	{'K', "key-of", "CERT", "Take back a key: its file, fingerprint or id; may be repeated"},
	RULES_OPTIONS,
	{0, NULL, NULL, NULL},
};

struct args {
	struct rules_args rules;
	const char *keys[KEYS_OF_MAX];
	size_t n_keys;
};

static int add_file(struct rulewrite *w, const char *path, struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char real[PATH_MAX];
	int r;

	if (!realpath(path, real))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	r = digest_file(AT_FDCWD, real, digest, NULL, e);
	if (r)
		return r;
	rulewrite_digest(w, digest, real);
	return 0;
}

static int add_any(struct rulewrite *w, const char *what, struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];

	if (hex_decode(what, strlen(what), digest, sizeof(digest)))
		return add_file(w, what, e);
	rulewrite_digest(w, digest, NULL);
	return 0;
}

static int deny(struct cli *c, const struct args *a, int argc, char **argv, struct rulewrite *w,
		struct err *e)
{
	char name[DIGLIM_NAME_MAX];
	const char *first = a->n_keys ? a->keys[0] : argv[optind];
	const char *slash = strrchr(first, '/');
	int r = 0;

	for (int i = optind; !r && i < argc; i++)
		r = add_any(w, argv[i], e);
	for (size_t i = 0; !r && i < a->n_keys; i++) {
		struct rules_signer signer;

		r = rules_signer_of(c, a->keys[i], &signer, e);
		if (!r)
			rulewrite_key(w, signer.id, signer.len);
	}
	if (r)
		return r;
	snprintf(name, sizeof(name), "deny %.100s", slash && slash[1] ? slash + 1 : first);
	return rules_publish(c, &a->rules, DIGLIM_LIST_DENY, name, w, e);
}

static int deny_run(struct cli *c, int argc, char **argv)
{
	struct rulewrite w = {0};
	struct args a = {0};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (rules_take_option(&a.rules, id, optarg))
			continue;
		if (a.n_keys == KEYS_OF_MAX)
			return cli_usage(c, "more than %d times --key-of", KEYS_OF_MAX);
		a.keys[a.n_keys++] = optarg;
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind == argc && !a.n_keys)
		return cli_usage(c, "name files, digests, or a key with --key-of");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = deny(c, &a, argc, argv, &w, &e);
	rulewrite_done(&w);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

static const char *const text[] = {
	"A digest is denied for every use, whoever vouches for it. Of a denied key, no new",
	"list is taken, and those that are loaded go at once.",
	NULL,
};

const struct cli_verb verb_deny = {
	.name = "deny",
	.summary = "Take back files, digests and keys, at once",
	.usage = usage,
	.text = text,
	.options = options,
	.run = deny_run,
};
