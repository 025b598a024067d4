/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "tpmattest.h"
#include "../base/take.h"

#define MAGIC 0xff544347U /* TPM_GENERATED_VALUE: the TPM made it, nobody else could */

enum {
	ATTEST_CERTIFY = 0x8017,
	ATTEST_QUOTE = 0x8018,
};

/* What all kinds begin with. */
static void take_head(struct take_in *in, uint32_t type, struct tpmattest *ret)
{
	size_t skip;

	if (take_be(in, 4) != MAGIC || take_be(in, 2) != type)
		in->bad = true;
	(void)take_2b(in, &skip); /* name of the signer */
	ret->nonce = take_2b(in, &ret->nonce_len);
	(void)take(in, 8); /* clock */
	ret->reset_count = take_be(in, 4);
	ret->restart_count = take_be(in, 4);
	(void)take(in, 1 + 8); /* safe, version of the firmware */
}

int tpmattest_quote(const void *data, size_t len, struct tpmattest_quote *ret, struct err *e)
{
	struct take_in in = {data, len, false};
	const uint8_t *select;
	uint32_t count, size;

	memset(ret, 0, sizeof(*ret));
	take_head(&in, ATTEST_QUOTE, &ret->head);
	if (in.bad)
		return err_set(e, -EBADMSG, "not a quote of a TPM");
	count = take_be(&in, 4);
	ret->bank = bank_by_number(take_be(&in, 2));
	size = take_be(&in, 1);
	select = take(&in, size);
	for (uint32_t i = 0; !in.bad && i < size && i < 4; i++)
		ret->mask |= (uint32_t)select[i] << (8 * i);
	ret->digest = take_2b(&in, &ret->digest_len);
	if (in.bad || in.len || count != 1 || !ret->bank || size > 3)
		return err_set(e, -EBADMSG, "a quote that is malformed, or not of one bank");
	return 0;
}

int tpmattest_certify(const void *data, size_t len, struct tpmattest_certify *ret, struct err *e)
{
	struct take_in in = {data, len, false};
	size_t skip;

	memset(ret, 0, sizeof(*ret));
	take_head(&in, ATTEST_CERTIFY, &ret->head);
	ret->name = take_2b(&in, &ret->name_len);
	(void)take_2b(&in, &skip); /* the name with those of its parents */
	if (in.bad || in.len)
		return err_set(e, -EBADMSG, "not a TPM's statement about a key");
	return 0;
}
