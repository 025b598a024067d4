/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LUKS2 tokens: what is taken asks for its policy, and is the same when it was written again. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/attest/lukstoken.h"
#include "../../../lib/attest/policy.h"

static void same(const struct buf *a, const struct buf *b)
{
	ORACLE(a->len == b->len && memcmp(a->data, b->data, a->len) == 0);
}

static void write_again(struct keyfile *k, uint32_t mask, const struct pcrs *values)
{
	uint8_t policy[POLICY_SIZE], policy_again[POLICY_SIZE];
	struct buf text = BUF_INIT;
	struct keyfile again = {0};
	uint32_t mask_again;

	ORACLE(!lukstoken_write(k, mask, &text, NULL));
	/* Which storage key it is a token does not keep that is written here. */
	ORACLE(!lukstoken_read((char *)text.data, text.len, values, &again, &mask_again, NULL));
	ORACLE(mask_again == mask);
	same(&again.private, &k->private);
	same(&again.public, &k->public);
	ORACLE(!policy_digest(&k->policy, policy, NULL, NULL));
	ORACLE(!policy_digest(&again.policy, policy_again, NULL, NULL));
	ORACLE(memcmp(policy, policy_again, sizeof(policy)) == 0);
	keyfile_done(&again);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pcrs values = {.bank = BANK_SHA256};
	struct buf text = BUF_INIT;
	struct keyfile k = {0};
	struct err e = {0};
	struct tpmpub pub;
	uint32_t mask = 0;

	/* Each register has one value, zeros. */
	for (size_t i = 0; i < PCRS_N; i++)
		values.n[i] = 1;
	if (lukstoken_read((const char *)data, size, &values, &k, &mask, &e)) {
		ORACLE(e.code < 0 && e.text[0]);
		keyfile_done(&k);
		return 0;
	}
	ORACLE(mask && k.sealed);
	ORACLE(!tpmpub_parse_sealed(k.public.data, k.public.len, &pub, NULL));
	ORACLE(!policy_check_public(&k, &pub, NULL));
	tpmpub_done(&pub);
	write_again(&k, mask, &values);
	ORACLE(!lukstoken_signatures(&k, &text, NULL));
	buf_free(&text);
	keyfile_done(&k);
	return 0;
}
