/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/enrol.h"
#include "../../lib/attest/tpmek.h"

static const char *const usage[] = {"attest enrol answer DIR --ak FILE --key FILE", NULL};

static const struct cli_option options[] = {
	{'a', "ak", "FILE", "Key file of the attestation key"},
	{'k', "key", "FILE", "Key file of the key to be certified"},
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Opens the challenge of the CA, and has the attestation key certify the other one.",
	"Then: diglim attest ca check.", NULL};

struct answer {
	const char *dir, *ak, *key, *tcti;
	struct keyfile ak_file, key_file;
	struct buf credential, secret, nonce, certify, signature;
};

static int open_challenge(struct answer *a, struct tpm *tpm, struct err *e)
{
	struct ekcert ek = {0};
	struct buf b = BUF_INIT;
	int r = enrol_read_part(a->dir, ENROL_EK, &b, e);

	r = r ?: ekcert_parse(b.data, b.len, &ek, e);
	r = r ?: tpm_activate(tpm, ek.rsa, &a->ak_file, &a->credential, &a->secret, e);
	if (!r && a->secret.len != ENROL_SECRET_LEN)
		r = err_set(e, -EBADMSG, "%s: a secret of %zu bytes, not %d", ENROL_CREDENTIAL,
			    a->secret.len, ENROL_SECRET_LEN);
	r = r ?: enrol_nonce(a->secret.data, &a->nonce, e);
	ekcert_done(&ek);
	buf_free(&b);
	return r;
}

static int answer(struct cli *c, struct answer *a, struct err *e)
{
	struct tpm *tpm = NULL;
	int r = enrol_read_part(a->dir, ENROL_CREDENTIAL, &a->credential, e);

	r = r ?: attest_read_key(a->ak, &a->ak_file, e);
	r = r ?: attest_read_key(a->key, &a->key_file, e);
	r = r ?: tpm_open(a->tcti, &tpm, e);
	r = r ?: open_challenge(a, tpm, e);
	r = r
		    ?: tpm_certify(tpm, &a->ak_file, &a->key_file, &a->nonce, &a->certify,
				   &a->signature, e);
	tpm_close(tpm);
	r = r ?: enrol_write_part(a->dir, ENROL_CERTIFY, &a->certify, e);
	r = r ?: enrol_write_part(a->dir, ENROL_SIGNATURE, &a->signature, e);
	if (!r)
		out_str(c->out, "directory", "Answer", a->dir);
	return r;
}

static void answer_done(struct answer *a)
{
	keyfile_done(&a->ak_file);
	keyfile_done(&a->key_file);
	buf_free(&a->credential);
	buf_free(&a->secret);
	buf_free(&a->nonce);
	buf_free(&a->certify);
	buf_free(&a->signature);
}

static int answer_run(struct cli *c, int argc, char **argv)
{
	struct answer a = {0};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		*(id == 'a' ? &a.ak : id == 'k' ? &a.key : &a.tcti) = optarg;
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !a.ak || !a.key)
		return cli_usage(c, "name the directory of the request, --ak and --key");
	a.dir = argv[optind];
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = answer(c, &a, &e);
	answer_done(&a);
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_enrol_answer = {
	.name = "answer",
	.summary = "Open a CA's challenge, and certify the key in this TPM",
	.usage = usage,
	.text = text,
	.options = options,
	.run = answer_run,
};
