/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/enrol.h"
#include "../../lib/attest/tpmek.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest enrol request DIR --ak FILE --key FILE [--ek-cert FILE]", NULL};

static const struct cli_option options[] = {
	{'a', "ak", "FILE", "Key file of the attestation key"},
	{'k', "key", "FILE", "Key file of the key to be certified"},
	{'e', "ek-cert", "FILE", "Certificate of the endorsement key (default: that in the TPM)"},
	{'t', "tcti", "TCTI", "How tpm2-tss reaches the TPM"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Writes what the CA needs to begin; no secret is in it. Then: diglim attest ca challenge.",
	NULL};

struct request {
	const char *dir, *ak, *key, *ek_cert, *tcti;
};

static int put_ek(const struct request *q, struct ekcert *ek, struct err *e)
{
	struct buf b = BUF_INIT;
	struct tpm *tpm = NULL;
	int r;

	if (q->ek_cert) {
		r = io_read_file(q->ek_cert, EKCERT_MAX, &b, e);
	} else {
		r = tpm_open(q->tcti, &tpm, e);
		r = r ?: tpm_ek_cert(tpm, &b, e);
		tpm_close(tpm);
	}
	if (!r && ekcert_parse(b.data, b.len, ek, e))
		r = err_prefix(e, "%s", q->ek_cert ? q->ek_cert : "certificate in the TPM");
	r = r ?: enrol_write_part(q->dir, ENROL_EK, &ek->der, e);
	buf_free(&b);
	return r;
}

static int put_public(const struct request *q, const char *path, const char *name, struct err *e)
{
	struct keyfile k = {0};
	int r = attest_read_key(path, &k, e);

	r = r ?: enrol_write_part(q->dir, name, &k.public, e);
	keyfile_done(&k);
	return r;
}

static int request(struct cli *c, const struct request *q, struct err *e)
{
	struct ekcert ek = {0};
	int r = places_make_dir(q->dir, e);

	r = r ?: put_ek(q, &ek, e);
	r = r ?: put_public(q, q->ak, ENROL_AK, e);
	r = r ?: put_public(q, q->key, ENROL_KEY, e);
	if (!r) {
		out_str(c->out, "directory", "Request", q->dir);
		out_str(c->out, "ek", "Endorsement key", ek.owner);
	}
	ekcert_done(&ek);
	return r;
}

static int request_run(struct cli *c, int argc, char **argv)
{
	struct request q = {0};
	struct err e = {0};
	int id;

	while ((id = cli_option(c, argc, argv)) > 0)
		*(id == 'a'   ? &q.ak
		  : id == 'k' ? &q.key
		  : id == 'e' ? &q.ek_cert
			      : &q.tcti) = optarg;
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !q.ak || !q.key)
		return cli_usage(c, "name a directory for the request, --ak and --key");
	q.dir = argv[optind];
	if (cli_begin(c))
		return EXIT_TROUBLE;
	return request(c, &q, &e) ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_enrol_request = {
	.name = "request",
	.summary = "Write what a CA needs to know of this TPM and a key",
	.usage = usage,
	.text = text,
	.options = options,
	.run = request_run,
};
