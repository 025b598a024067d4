/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Key files of a TPM: what is taken is written and taken again, and is the same. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/attest/policy.h"
#include "../../../lib/crypto/tpmpub.h"

static void same(const struct keyfile_sequence *a, const struct keyfile_sequence *b)
{
	ORACLE(a->n == b->n && strcmp(a->name, b->name) == 0);
	for (size_t i = 0; i < a->n; i++)
		ORACLE(a->items[i].command == b->items[i].command &&
		       a->items[i].len == b->items[i].len &&
		       memcmp(a->items[i].body, b->items[i].body, a->items[i].len) == 0);
}

static void look(const struct keyfile *k)
{
	uint8_t digest[POLICY_SIZE];
	struct tpmpub pub;

	(void)policy_digest(&k->policy, digest, NULL, NULL);
	for (size_t i = 0; i < k->n_approvals; i++)
		(void)policy_check_approval(k, &k->approvals[i], NULL);
	if (!tpmpub_parse(k->public.data, k->public.len, &pub, NULL)) {
		ORACLE(pub.name_len && pub.policy_len <= k->public.len);
		tpmpub_done(&pub);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	struct keyfile k, again;
	struct err e = {0};

	if (keyfile_parse(data, size, "input", &k, &e)) {
		ORACLE(e.code < 0 && e.text[0]);
		return 0;
	}
	look(&k);
	ORACLE(!keyfile_text(&k, &text, &e));
	/* With a name that is there twice the last one counts, so only then it may be smaller. */
	ORACLE(text.len > KEYFILE_MAX || !keyfile_parse(text.data, text.len, "again", &again, &e));
	if (text.len <= KEYFILE_MAX) {
		ORACLE(again.parent == k.parent && again.empty_auth == k.empty_auth);
		same(&k.policy, &again.policy);
		ORACLE(k.n_approvals == again.n_approvals);
		for (size_t i = 0; i < k.n_approvals; i++)
			same(&k.approvals[i], &again.approvals[i]);
		keyfile_done(&again);
	}
	buf_free(&text);
	keyfile_done(&k);
	return 0;
}
