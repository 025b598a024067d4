/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common-attest.h"
#include "common-fleet.h"
#include "verbs.h"
#include "../../lib/attest/evidence.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"

static const char *const usage[] = {
	"attest verify DIR --ak FILE --nonce HEX --values FILE… [--pcrs LIST]",
	"attest verify DIR --fleet --values FILE… [--max-age SPAN] [--prometheus]", NULL};

static const struct cli_option options[] = {
	{'a', "ak", "FILE",
	 "The attestation key: its key file, or its public part as the TPM has it"},
	{'n', "nonce", "HEX", "What the quote was asked with"},
	{'v', "values", "FILE", "Good values of registers; may be repeated"},
	{'s', "signer", "CERT", "Each FILE of values must be signed by this certificate's key"},
	{'r', "pcrs", "LIST", "Registers that must be quoted (default: 0-9,12 and that of --pcr)"},
	{'p', "pcr", "N", "The register of the event log (default: 13)"},
	{'f', "fleet", NULL, "DIR has a directory for each of many machines"},
	{'m', "max-age", "SPAN", "How old its nonce may be (default: 1h)"},
	{'P', "prometheus", NULL, "Answer as metrics for a monitoring system"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"No TPM and no privilege is needed. Exit status 0: attested, 1: refused, with the reason.",
	NULL};

struct verify {
	const char *ak, *nonce;
	struct attest_values values;
	struct evidence_wish wish;
	struct fleet fleet;
	bool many;
};

static int take_option(struct verify *v, int id, struct err *e)
{
	switch (id) {
	case 'a':
		v->ak = optarg;
		return 0;
	case 'n':
		v->nonce = optarg;
		return 0;
	case 'v':
		return attest_values_add(&v->values, optarg, e);
	case 's':
		v->values.signer = optarg;
		return 0;
	case 'r':
		return pcrs_parse_mask(optarg, &v->wish.mask, e);
	case 'f':
		v->many = true;
		return 0;
	case 'm':
		if (config_span_parse(optarg, &v->fleet.max_age))
			return err_set(e, -EINVAL, "%s: not a span of time, such as 90s or 2h",
				       optarg);
		return 0;
	case 'P':
		v->fleet.prometheus = true;
		return 0;
	default:
		return attest_pcr_parse(optarg, &v->wish.seal, e);
	}
}

static int verify(struct cli *c, struct verify *v, const char *dir, struct err *e)
{
	uint8_t nonce[64];
	struct buf n = {.data = nonce, .len = strlen(v->nonce) / 2}, ak = BUF_INIT;
	struct pcrs *good = malloc(sizeof(*good));
	struct tpmpub pub = {0};
	int r;

	if (!good)
		return err_set(e, -ENOMEM, "out of memory");
	v->wish.nonce = &n;
	v->wish.ak = &pub;
	v->wish.good = good;
	if (!n.len || n.len > sizeof(nonce) || hex_decode(v->nonce, strlen(v->nonce), nonce, n.len))
		r = err_set(e, -EINVAL, "%s: up to 64 bytes in hexadecimal", v->nonce);
	else
		r = pcrs_check_mask(v->wish.mask, v->wish.seal, e);
	r = r ?: attest_values_read(&v->values, true, good, e);
	r = r ?: fleet_read_ak(v->ak, &ak, &pub, e);
	r = r ?: evidence_verify(dir, &v->wish, e);
	out_str(c->out, "evidence", NULL, dir);
	if (!r || r == -EKEYREJECTED)
		out_str(c->out, "state", NULL, r ? "refused" : "attested");
	if (r == -EKEYREJECTED)
		out_str(c->out, "reason", NULL, e->text);
	if (!r || r == -EKEYREJECTED)
		out_line(c->out, r ? OUT_BAD : OUT_GOOD, r ? "[-]" : "[+]", "%s: %s%s%s", dir,
			 r ? "refused" : "attested", r ? ": " : "", r ? e->text : "");
	v->wish = (struct evidence_wish){.mask = v->wish.mask, .seal = v->wish.seal};
	tpmpub_done(&pub);
	buf_free(&ak);
	free(good);
	return r;
}

/* 0: all are attested, 1: one at least is not. */
static int verify_fleet(struct verify *v, struct err *e)
{
	struct pcrs *good = malloc(sizeof(*good));
	size_t count[FLEET_STATES];
	int r = good ? 0 : err_set(e, -ENOMEM, "out of memory");

	r = r ?: pcrs_check_mask(v->wish.mask, v->wish.seal, e);
	r = r ?: attest_values_read(&v->values, true, good, e);
	v->wish.good = good;
	v->fleet.wish = v->wish;
	r = r ?: fleet_verify(&v->fleet, count, e);
	free(good);
	return r ?: count[FLEET_REFUSED] + count[FLEET_UNREACHABLE] > 0;
}

static int verify_run(struct cli *c, int argc, char **argv)
{
	struct verify v = {.wish.seal = ATTEST_PCR_DEFAULT,
			   .fleet = {.c = c, .max_age = FLEET_AGE}};
	struct err e = {0};
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (take_option(&v, id, &e))
			return cli_usage(c, "%s", e.text);
	if (id < 0)
		return EXIT_TROUBLE;
	if (argc - optind != 1 || !v.values.n || (!v.many && (!v.ak || !v.nonce)))
		return cli_usage(c, "name the evidence, --ak, --nonce and --values, or --fleet");
	if (v.many ? v.ak || v.nonce : v.fleet.prometheus)
		return cli_usage(c,
				 "--fleet has keys and nonces of its own; --prometheus takes it");
	v.wish.mask = v.wish.mask ? v.wish.mask : PCRS_MASK_BOOT | 1U << v.wish.seal;
	if (cli_begin(c))
		return EXIT_TROUBLE;
	v.fleet.dir = argv[optind];
	r = v.many ? verify_fleet(&v, &e) : verify(c, &v, argv[optind], &e);
	if (r == -EKEYREJECTED || r == 1)
		return EXIT_NO;
	return r ? cli_fail(c, &e) : EXIT_YES;
}

const struct cli_verb verb_attest_verify = {
	.name = "verify",
	.summary = "Check the evidence of a machine",
	.usage = usage,
	.text = text,
	.options = options,
	.run = verify_run,
};
