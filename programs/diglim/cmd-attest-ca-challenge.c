/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <time.h>

#include "common-attest-ca.h"
#include "verbs.h"

static const char *const usage[] = {"attest ca challenge DIR --ek-ca FILE… --secret FILE", NULL};

static const struct cli_option options[] = {
	{'e', "ek-ca", "FILE", "Certificates of makers of TPMs, in PEM; may be repeated"},
	{'s', "secret", "FILE", "The CA's own secret; made if it is not there"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Checks a request and adds a challenge that only the machine's TPM opens. Nothing is kept",
	"here but the secret. No TPM is needed. Exit status 1: refused, with the reason.", NULL};

static int challenge(struct attest_ca *ca, struct err *e)
{
	struct buf ticket = BUF_INIT, credential = BUF_INIT;
	uint8_t secret[ENROL_SECRET_LEN];
	const struct tpmpub *ak = &ca->request.ak;
	int r = attest_ca_begin(ca, true, e);

	r = r ?: enrol_ticket((uint64_t)time(NULL), &ticket, e);
	r = r ?: enrol_secret(&ca->request, ca->secret, &ticket, secret, e);
	r = r
		    ?: ekcert_make_credential(&ca->request.ek, ak->name, ak->name_len, secret,
					      sizeof(secret), &credential, e);
	r = r ?: enrol_write_part(ca->dir, ENROL_TICKET, &ticket, e);
	r = r ?: enrol_write_part(ca->dir, ENROL_CREDENTIAL, &credential, e);
	buf_free(&ticket);
	buf_free(&credential);
	return r;
}

static int challenge_run(struct cli *c, int argc, char **argv)
{
	struct attest_ca ca = {0};
	struct err e = {0};
	int id, r = 0;

	while (!r && (id = cli_option(c, argc, argv)) > 0) {
		if (id == 'e')
			r = attest_ca_add_root(&ca, optarg, &e);
		else
			ca.secret_path = optarg;
	}
	if (r)
		return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !ca.n_roots || !ca.secret_path)
		return cli_usage(c, "name the directory of the request, --ek-ca and --secret");
	ca.dir = argv[optind];
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = challenge(&ca, &e);
	if (!r)
		out_str(c->out, "ek", "Endorsement key", ca.request.ek.owner);
	r = attest_ca_answer(c, &ca, r, &e);
	attest_ca_done(&ca);
	return r;
}

const struct cli_verb verb_attest_ca_challenge = {
	.name = "challenge",
	.summary = "Check a request, and ask its TPM to prove itself",
	.usage = usage,
	.text = text,
	.options = options,
	.run = challenge_run,
};
