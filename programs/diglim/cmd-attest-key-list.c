/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common-attest.h"
#include "verbs.h"
#include "../../lib/attest/policy.h"
#include "../../lib/crypto/tpmpub.h"

static const char *const usage[] = {"attest key list FILE…", NULL};

/* The registers that a sequence of policies asks for. */
static void show_registers(struct out *o, const struct keyfile_sequence *s)
{
	for (size_t i = 0; i < s->n; i++) {
		enum bank bank;
		uint32_t mask;
		char text[PCRS_MASK_TEXT];

		if (policy_pcr_selection(&s->items[i], &bank, &mask))
			continue;
		pcrs_mask_text(mask, text);
		out_str(o, "bank", NULL, bank_name(bank));
		out_str(o, "registers", "Registers", text);
		out_hex(o, "values", "Digest", s->items[i].body + 2, POLICY_SIZE);
	}
}

static bool show_approvals(struct out *o, const struct keyfile *k)
{
	bool bad = false;

	out_array(o, "approvals", NULL);
	for (size_t i = 0; i < k->n_approvals; i++) {
		struct err e = {0};
		int r = policy_check_approval(k, &k->approvals[i], &e);
		const char *name = *k->approvals[i].name ? k->approvals[i].name : "(no name)";

		out_object(o, NULL, NULL);
		out_str(o, "name", NULL, name);
		out_bool(o, "valid", NULL, !r);
		out_line(o, r ? OUT_BAD : OUT_GOOD, r ? "[-]" : "[+]", "approval %s%s%s", name,
			 r ? ": " : "", e.text);
		show_registers(o, &k->approvals[i]);
		out_end(o);
		bad |= r;
	}
	out_end(o);
	return bad;
}

static int show_key(struct cli *c, const char *path, bool *bad, struct err *e)
{
	struct out *o = c->out;
	struct keyfile k;
	struct tpmpub pub;
	struct err why = {0};
	int r = attest_read_key(path, &k, e);

	if (r)
		return r;
	r = k.sealed ? tpmpub_parse_sealed(k.public.data, k.public.len, &pub, e)
		     : tpmpub_parse(k.public.data, k.public.len, &pub, e);
	if (!r) {
		out_str(o, "file", "Key", path);
		out_hex(o, "name", "Name", pub.name, pub.name_len);
		out_str(o, "algorithm", "Algorithm",
			k.sealed	? "sealed"
			: pub.type == 1 ? "RSA"
					: "ECC");
		out_bool(o, "attestation_key", NULL, pub.attributes & TPMPUB_RESTRICTED);
		out_hex(o, "policy", pub.policy_len ? "Policy" : NULL, pub.policy, pub.policy_len);
		show_registers(o, &k.policy);
		if (policy_check_public(&k, &pub, &why)) {
			out_str(o, "wrong", NULL, why.text);
			out_line(o, OUT_BAD, "[-]", "%s", why.text);
			*bad = true;
		}
		*bad |= show_approvals(o, &k);
		tpmpub_done(&pub);
	}
	keyfile_done(&k);
	return r;
}

static int list_run(struct cli *c, int argc, char **argv)
{
	bool bad = false;
	struct err e = {0};
	int r = 0;

	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name the key files");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	out_array(c->out, "keys", NULL);
	for (int i = optind; !r && i < argc; i++) {
		out_object(c->out, NULL, NULL);
		r = show_key(c, argv[i], &bad, &e);
		out_end(c->out);
		out_blank(c->out);
	}
	out_end(c->out);
	if (r)
		return cli_fail(c, &e);
	return bad ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_attest_key_list = {
	.name = "list",
	.summary = "Show keys, their policies and approvals",
	.usage = usage,
	.run = list_run,
};
