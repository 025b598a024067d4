/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-attest.h"
#include "common-sign.h"
#include "verbs.h"
#include "../../lib/attest/gather.h"
#include "../../lib/attest/imalist.h"
#include "../../lib/attest/imapredict.h"
#include "../../lib/attest/imarecord.h"
#include "../../lib/attest/reference.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/output/json.h"

static const char *const usage[] = {
	"attest export --keylime [--ima LIST]",
	"attest export --tpm-policy --values FILE… [--pcr N]",
	"attest export --reference --values FILE… [--key KEY] [--cert CERT]",
	"attest export --cel|--pcrlock --log FILE",
	NULL,
};

static const struct cli_option options[] = {
	{'k', "keylime", NULL, "Keylime's runtime policy: keys and settings of this system"},
	{'t', "tpm-policy", NULL, "Keylime's TPM policy: good values of the register"},
	{'R', "reference", NULL, "Good values of registers, signed (DSSE)"},
	{'c', "cel", NULL, "TCG canonical event log, JSON, of an event log"},
	{'P', "pcrlock", NULL, "Component of systemd-pcrlock, of an event log"},
	{'v', "values", "FILE", "Good values of registers; may be repeated"},
	{'l', "log", "FILE", "Event log"},
	{'i', "ima", "LIST", "Take boot-aggregate from this IMA list"},
	{'p', "pcr", "N", "The register (default: 13)"},
	{'K', "key", "KEY", "Private key: PEM file or provider URI (default: key in [sign])"},
	{'C', "cert", "CERT", "Its certificate (default: cert in [sign])"},
	{'V', "provider", "NAME", "OpenSSL provider of the key (default: provider in [sign])"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {"The answer is JSON of its own kind, with or without --json.",
				   NULL};

#define MEASURED PLACES_RUN "/" IMARECORD_DIR "/"

struct export
{
	struct cli *c;
	int what;
	struct attest_values values;
	const char *log, *ima;
	struct sign_args sign;
	unsigned pcr;
};

static int put_keyring(struct jsonw *j, const struct cert_set *set, const char *name, struct err *e)
{
	int r = 0;
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += cert_has_der(set->certs[i]);
	if (!n)
		return 0; /* an empty list is malformed there */
	jsonw_array(j, name);
	for (size_t i = 0; !r && i < set->n; i++) {
		uint8_t digest[DIGEST_SIZE_MAX];

		if (!cert_has_der(set->certs[i]))
			continue;
		r = digest_buffer(DIGEST_SHA256, set->certs[i]->der, set->certs[i]->der_len, digest,
				  e);
		jsonw_hex(j, "", digest, 32);
	}
	jsonw_end(j);
	return r;
}

/* What Keylime's verifier asks a policy of version 1 to have, even if it is empty. */
static void put_keylime_rest(struct jsonw *j)
{
	jsonw_object(j, "ima");
	jsonw_array(j, "ignored_keyrings");
	jsonw_end(j);
	jsonw_str(j, "log_hash_alg", "sha1");
	jsonw_str(j, "dm_policy", NULL);
	jsonw_end(j);
	jsonw_object(j, "ima-buf");
	jsonw_end(j);
	jsonw_str(j, "verification-keys", "");
}

/* What the machine measures about itself, without keys and lists. */
static int put_settings(struct export *x, struct jsonw *j, struct err *e)
{
	struct statement state = STATEMENT_INIT(STATEMENT_STATE);
	struct buf settings = BUF_INIT;
	uint8_t digest[DIGEST_SIZE_MAX];
	int r = gather_settings(&state, &x->c->config, e);

	r = r ?: gather_programs(&state, x->c->places.root, e);
	r = r ?: statement_text(&state, &settings, e);
	settings.len = 0;
	r = r ?: imarecord_settings(&state, &settings, e);
	r = r ?: digest_buffer(DIGEST_SHA256, settings.data, settings.len, digest, e);
	if (!r) {
		jsonw_array(j, MEASURED IMARECORD_SETTINGS);
		jsonw_hex(j, "", digest, 32);
		jsonw_end(j);
	}
	buf_free(&settings);
	statement_done(&state);
	return r;
}

/* The first entry of a list: Keylime knows it from a measured boot, or from here. */
static int put_aggregate(const struct ima_entry *entry, void *arg)
{
	struct jsonw *j = arg;

	if (entry->name_len != 14 || memcmp(entry->name, "boot_aggregate", 14) != 0)
		return -EBADMSG;
	jsonw_array(j, "boot_aggregate");
	jsonw_hex(j, "", entry->digest, entry->digest_len);
	jsonw_end(j);
	return 1;
}

static int put_digests(struct export *x, struct jsonw *j, struct err *e)
{
	struct buf list = BUF_INIT;
	int r = put_settings(x, j, e);

	if (!r && x->ima) {
		r = io_read_stream(x->ima, IMALIST_MAX, &list, e);
		r = r ?: imalist_walk(list.data, list.len, put_aggregate, j, e);
		r = r > 0 ? 0 : err_set(e, r ?: -EBADMSG, "%s: no IMA list of a machine", x->ima);
	}
	buf_free(&list);
	return r;
}

/*
 * Keys and settings: lists that these keys signed are as good as they are, and these programs with
 * these settings take no others, so packages may come and go. What state and changes say besides is
 * passed over; records of unknown files, and that something is not known, are in no policy.
 */
static int put_keylime(struct export *x, struct jsonw *j, struct err *e)
{
	struct keys keys = {0};
	int r = keys_read(&keys, &x->c->places, e);

	jsonw_object(j, "meta");
	jsonw_num(j, "version", 1);
	jsonw_num(j, "generator", 0);
	jsonw_end(j);
	jsonw_num(j, "release", 0);
	jsonw_object(j, "digests");
	r = r ?: put_digests(x, j, e);
	jsonw_end(j);
	jsonw_array(j, "excludes");
	jsonw_str(j, "", "^" MEASURED "[0-9]{6,}-(state|change)$");
	jsonw_end(j);
	jsonw_object(j, "keyrings");
	for (int kind = 0; !r && kind < KEYS_KINDS; kind++)
		r = put_keyring(j, &keys.set[kind], imapredict_keyring((enum keys_kind)kind), e);
	jsonw_end(j);
	put_keylime_rest(j);
	keys_done(&keys);
	return r;
}

static int put_tpm_policy(struct export *x, struct jsonw *j, struct err *e)
{
	struct pcrs *p = malloc(sizeof(*p));
	char key[8];
	int r;

	if (!p)
		return err_set(e, -ENOMEM, "out of memory");
	r = attest_values_read(&x->values, true, p, e);
	if (!r && !p->n[x->pcr])
		r = err_set(e, -ENODATA, "no value of register %u", x->pcr);
	snprintf(key, sizeof(key), "%u", x->pcr);
	jsonw_array(j, key);
	for (size_t i = 0; !r && i < p->n[x->pcr]; i++)
		jsonw_hex(j, "", p->value[x->pcr][i], bank_size(p->bank));
	jsonw_end(j);
	free(p);
	return r;
}

static void put_register(struct jsonw *j, const struct pcrs *p, unsigned pcr)
{
	char key[8];

	snprintf(key, sizeof(key), "%u", pcr);
	jsonw_array(j, key);
	for (size_t i = 0; i < p->n[pcr]; i++)
		jsonw_hex(j, "", p->value[pcr][i], bank_size(p->bank));
	jsonw_end(j);
}

/* The values of all files, as 'verify' reads them. */
static int put_values(struct export *x, struct buf *ret, struct err *e)
{
	struct pcrs *p = malloc(sizeof(*p));
	struct jsonw *j = p ? jsonw_new(false) : NULL;
	char *json = NULL;
	int r = j ? attest_values_read(&x->values, true, p, e) : -ENOMEM;

	if (!r) {
		jsonw_object(j, "pcrs");
		jsonw_object(j, bank_name(p->bank));
		for (unsigned i = 0; i < PCRS_N; i++)
			if (p->n[i])
				put_register(j, p, i);
		jsonw_end(j);
		jsonw_end(j);
		json = jsonw_text(j, false);
		r = json ? 0 : -ENOMEM;
	}
	if (!r)
		buf_add(ret, json, strlen(json));
	jsonw_free(j);
	free(json);
	free(p);
	return r == -ENOMEM ? err_set(e, r, "out of memory") : r;
}

static int put_reference(struct export *x, struct buf *ret, struct err *e)
{
	struct signer *signer = NULL;
	struct buf values = BUF_INIT;
	int r = put_values(x, &values, e);

	r = r ?: sign_open_key(x->c, &x->sign, &signer, e);
	r = r ?: reference_sign(signer, &values, ret, e);
	signer_close(signer);
	buf_free(&values);
	return r;
}

/* Canonical event log: as ours, but numbered, and an array. */
static void put_cel(struct jsonw *j, size_t number, const struct measure_record *r)
{
	jsonw_object(j, NULL);
	jsonw_num(j, "recnum", number);
	jsonw_num(j, "pcr", r->pcr);
	measure_put_digests(j, r);
	jsonw_str(j, "content_type", r->ours ? MEASURELOG_TYPE : "other");
	jsonw_object(j, "content");
	if (r->ours) {
		jsonw_str(j, "eventType", statement_kind_name(r->kind));
		jsonw_str(j, "string", r->text);
	}
	jsonw_end(j);
	jsonw_end(j);
}

/* A component of pcrlock: the records in their order, without what they are about. */
static void put_pcrlock(struct jsonw *j, const struct measure_record *r)
{
	jsonw_object(j, NULL);
	jsonw_num(j, "pcr", r->pcr);
	measure_put_digests(j, r);
	jsonw_end(j);
}

static int put_log(struct export *x, struct jsonw *j, struct err *e)
{
	struct measure_log log;
	int r = attest_read_log(x->log, &log, e);

	if (r)
		return r;
	if (x->what == 'P')
		jsonw_array(j, "records");
	for (size_t i = 0; i < log.n; i++) {
		if (x->what == 'P')
			put_pcrlock(j, &log.records[i]);
		else
			put_cel(j, i, &log.records[i]);
	}
	if (x->what == 'P')
		jsonw_end(j);
	measure_log_done(&log);
	return 0;
}

static int export(struct export *x, struct err *e)
{
	struct jsonw *j = jsonw_new(x->what == 'c');
	char *answer;
	int r;

	if (!j)
		return err_set(e, -ENOMEM, "out of memory");
	r = x->what == 'k'   ? put_keylime(x, j, e)
	    : x->what == 't' ? put_tpm_policy(x, j, e)
			     : put_log(x, j, e);
	answer = r ? NULL : jsonw_text(j, true);
	jsonw_free(j);
	if (!r && !answer)
		r = err_set(e, -ENOMEM, "out of memory");
	if (!r && (puts(answer) < 0 || fflush(stdout)))
		r = err_set(e, -EIO, "cannot write the answer");
	x->c->answered = !r;
	free(answer);
	return r;
}

static int write_reference(struct export *x, struct err *e)
{
	struct buf text_of = BUF_INIT;
	int r = put_reference(x, &text_of, e);

	if (!r && (fwrite(text_of.data, 1, text_of.len, stdout) != text_of.len || fflush(stdout)))
		r = err_set(e, -EIO, "cannot write the answer");
	x->c->answered = !r;
	buf_free(&text_of);
	return r;
}

static int take_option(struct export *x, int id, struct err *e)
{
	switch (id) {
	case 'K':
		x->sign.key = optarg;
		return 0;
	case 'C':
		x->sign.cert = optarg;
		return 0;
	case 'V':
		x->sign.provider = optarg;
		return 0;
	case 'v':
		return attest_values_add(&x->values, optarg, e);
	case 'l':
		x->log = optarg;
		return 0;
	case 'i':
		x->ima = optarg;
		return 0;
	case 'p':
		return attest_pcr_parse(optarg, &x->pcr, e);
	default:
		if (x->what)
			return err_set(e, -EINVAL, "one kind at a time");
		x->what = id;
		return 0;
	}
}

static int export_run(struct cli *c, int argc, char **argv)
{
	struct export x = {.c = c, .pcr = ATTEST_PCR_DEFAULT};
	struct err e = {0};
	int id;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&x, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (!x.what || optind != argc)
		return cli_usage(
			c, "one of --keylime, --tpm-policy, --reference, --cel and --pcrlock");
	if ((x.what == 't' || x.what == 'R') != (x.values.n != 0) ||
	    (x.what == 'c' || x.what == 'P') != !!x.log)
		return cli_usage(c, "--values goes with --tpm-policy and --reference, --log with "
				    "--cel and --pcrlock");
	if (x.ima && x.what != 'k')
		return cli_usage(c, "--ima goes with --keylime");
	if (x.what == 'k' || x.what == 'R' ? cli_begin_configured(c) : cli_begin(c))
		return EXIT_TROUBLE;
	return (x.what == 'R' ? write_reference(&x, &e) : export(&x, &e)) ? cli_fail(c, &e)
									  : EXIT_YES;
}

const struct cli_verb verb_attest_export = {
	.name = "export",
	.summary = "Write policies and logs in the form of other verifiers",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = export_run,
};
