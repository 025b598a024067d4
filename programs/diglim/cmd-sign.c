/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-sign.h"
#include "verbs.h"
#include "../../abi/use.h"
#include "../../lib/crypto/verity.h"

static const char *const usage[] = {
	"sign PATH… [--key KEY] [--cert CERT] [--name NAME] [--output FILE]",
	"sign --digest [verity:sha256:]HEX:PATH… --name NAME [--key KEY] [--cert CERT]",
	"sign --from FILE… --name NAME [--key KEY] [--cert CERT]", NULL};

enum { DIGESTS_MAX = 1024, SUMS_FILES_MAX = 64 };

static const struct cli_option options[] = {
	SIGN_OPTIONS,
	{'o', "output", "FILE", "Where the list goes (default: generated lists, tlv-NAME)"},
	{'V', "fsverity", NULL, "Of files, the fs-verity digest as well"},
	{'q', "quiet", NULL, "Say only what went wrong"},
	{'f', "from", "FILE", "Digests from a file of 'diglim scan --propose' or sha256sum"},
	{'d', "digest", "HEX:PATH", "A SHA-256 digest and the path it stands for; may be repeated"},
	{0, NULL, NULL, NULL},
};

struct args {
	struct sign_args sign;
	const char *output;
	const char *digests[DIGESTS_MAX];
	size_t n_digests;
	const char *sums[SUMS_FILES_MAX];
	size_t n_sums;
};

static int parse(struct cli *c, int argc, char **argv, struct args *a)
{
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0) {
		r = sign_take_option(c, &a->sign, id, optarg);
		if (r < 0)
			return r;
		if (!r)
			continue;
		if (id == 'o') {
			a->output = optarg;
		} else if (id == 'V') {
			a->sign.verity = true;
		} else if (id == 'q') {
			a->sign.quiet = true;
		} else if (id == 'f' && a->n_sums < SUMS_FILES_MAX) {
			a->sums[a->n_sums++] = optarg;
		} else if (id == 'f') {
			cli_usage(c, "more than %d times --from", SUMS_FILES_MAX);
			return -E2BIG;
		} else if (a->n_digests < DIGESTS_MAX) {
			a->digests[a->n_digests++] = optarg;
		} else {
			cli_usage(c, "more than %d times --digest", DIGESTS_MAX);
			return -E2BIG;
		}
	}
	if (id < 0)
		return id;
	if (a->sign.verity && !verity_computes()) {
		cli_usage(c, "--fsverity: this program was built without libfsverity");
		return -EOPNOTSUPP;
	}
	if (optind == argc && !a->n_digests && !a->n_sums) {
		cli_usage(c, "name files or directories, or give --digest or --from");
		return -EINVAL;
	}
	if (optind == argc && !a->sign.name) {
		cli_usage(c, "%s needs --name", a->n_sums ? "--from" : "--digest");
		return -EINVAL;
	}
	return 0;
}

/* DIGEST:PATH; the path may be left out, with or without its colon. */
static int add_digest(struct sign_job *j, const char *text, struct err *e)
{
	struct digestname digest;
	size_t skip = strncmp(text, DIGESTNAME_VERITY, strlen(DIGESTNAME_VERITY))
			      ? 0
			      : strlen(DIGESTNAME_VERITY);
	size_t len = skip + strcspn(text + skip, ":");
	const char *path = text[len] && text[len + 1] ? text + len + 1 : NULL;
	uint32_t use = j->args->use ? j->args->use : DIGLIM_USE_EXEC;
	int r;

	if (digestname_parse(text, len, &digest))
		return err_set(e, -EINVAL, "--digest %s: not a SHA-256 digest, 64 digits", text);
	r = tlvwrite_add_name(j->list, &digest, path, use, e);
	j->count.added += !r;
	return r;
}

static int sign_all(struct cli *c, const struct args *a, int argc, char **argv, struct sign_job *j,
		    struct err *e)
{
	char path[PATH_MAX], what[SIGN_WHAT_MAX] = "";
	int r;

	for (int i = optind; i < argc; i++)
		sign_what_add(c, argv[i], what);
	r = sign_begin(j, c, &a->sign, *what ? what : NULL, e);
	for (size_t i = 0; !r && i < a->n_digests; i++)
		r = add_digest(j, a->digests[i], e);
	for (size_t i = 0; !r && i < a->n_sums; i++)
		r = sign_add_sums(j, a->sums[i], e);
	for (int i = optind; !r && i < argc; i++)
		r = sign_add_path(j, argv[i], e);
	if (!r)
		r = sign_finish(j, NULL, a->output, path, e);
	if (!r && (c->json || !a->sign.quiet))
		sign_show(j, path);
	return r;
}

static int sign_run(struct cli *c, int argc, char **argv)
{
	struct sign_job j = {0};
	struct args a = {0};
	struct err e = {0};
	int status;

	if (parse(c, argc, argv, &a) || cli_begin_configured(c))
		return EXIT_TROUBLE;
	if (sign_all(c, &a, argc, argv, &j, &e))
		status = cli_fail(c, &e);
	else
		status = j.count.failed ? EXIT_NO : EXIT_YES;
	sign_done(&j);
	return status;
}

const struct cli_verb verb_sign = {
	.name = "sign",
	.summary = "Vouch for files with an owner's key",
	.usage = usage,
	.options = options,
	.root = true,
	.run = sign_run,
};
