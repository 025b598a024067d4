/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-rules.h"
#include "verbs.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/crypto/verity.h"

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

/*
 * Who is vouched for by an fs-verity digest is not hashed, so that one must be denied as well: that
 * of the file as it is, and that of the same content where fs-verity is put on as usual.
 */
static int add_verity(struct rulewrite *w, int fd, const char *path, bool *content_only,
		      struct err *e)
{
	struct digestname measured = {.verity = true}, computed = {.verity = true};
	bool on = verity_measured(fd, measured.value);
	int r = verity_computed(fd, path, computed.value, e);

	if (on)
		rulewrite_digest(w, &measured, path);
	*content_only |= r == -EOPNOTSUPP && !on;
	if (r)
		return r == -EOPNOTSUPP ? 0 : r;
	if (!on || memcmp(measured.value, computed.value, sizeof(computed.value)) != 0)
		rulewrite_digest(w, &computed, path);
	return 0;
}

static int add_file(struct rulewrite *w, const char *path, bool *content_only, struct err *e)
{
	struct digestname digest = {0};
	char real[PATH_MAX];
	struct stat st;
	int fd, r;

	if (!realpath(path, real))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	fd = io_open_regular(AT_FDCWD, real, &st, e);
	if (fd < 0)
		return fd;
	r = digest_fd(fd, real, digest.value, NULL, e);
	if (!r) {
		rulewrite_digest(w, &digest, real);
		r = add_verity(w, fd, real, content_only, e);
	}
	close(fd);
	return r;
}

static int add_any(struct rulewrite *w, const char *what, bool *content_only, struct err *e)
{
	struct digestname digest;

	if (digestname_parse(what, strlen(what), &digest))
		return add_file(w, what, content_only, e);
	*content_only |= !digest.verity;
	rulewrite_digest(w, &digest, NULL);
	return 0;
}

static const char by_content[] =
	"By content only: a file that a list knows by its fs-verity digest is not hashed. To deny "
	"that, too, name the file (with libfsverity) or its digest as verity:sha256:HEX.";

static int deny(struct cli *c, const struct args *a, int argc, char **argv, struct rulewrite *w,
		struct err *e)
{
	char name[DIGLIM_NAME_MAX];
	const char *first = a->n_keys ? a->keys[0] : argv[optind];
	const char *slash = strrchr(first, '/');
	bool content_only = false;
	int r = 0;

	for (int i = optind; !r && i < argc; i++)
		r = add_any(w, argv[i], &content_only, e);
	for (size_t i = 0; !r && i < a->n_keys; i++) {
		struct rules_signer signer;

		r = rules_signer_of(c, a->keys[i], &signer, e);
		if (!r)
			rulewrite_key(w, signer.id, signer.len);
	}
	if (r)
		return r;
	snprintf(name, sizeof(name), "deny %.100s", slash && slash[1] ? slash + 1 : first);
	r = rules_publish(c, &a->rules, DIGLIM_LIST_DENY, name, w, e);
	if (!r && content_only)
		out_line(c->out, OUT_WARN, NULL, "%s", by_content);
	return r;
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
