/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcrs.h"
#include "../base/hex.h"
#include "../output/json.h"

int pcrs_parse_mask(const char *text, uint32_t *ret, struct err *e)
{
	const char *p = text;

	*ret = 0;
	do {
		char *end;
		unsigned long from = strtoul(p, &end, 10), to = from;

		if (*p < '0' || *p > '9')
			goto bad;
		p = end;
		if (*p == '-') {
			if (p[1] < '0' || p[1] > '9')
				goto bad;
			to = strtoul(p + 1, &end, 10);
			p = end;
		}
		if (to >= PCRS_N || from > to)
			goto bad;
		for (; from <= to; from++)
			*ret |= 1U << from;
	} while (*p == ',' && *++p);
	if (!*p)
		return 0;
bad:
	return err_set(e, -EINVAL, "%s: not registers, such as 0-9,12,13", text);
}

void pcrs_mask_text(uint32_t mask, char ret[PCRS_MASK_TEXT])
{
	size_t at = 0;

	ret[0] = '\0';
	for (unsigned i = 0; i < PCRS_N; i++)
		if (mask & 1U << i)
			at += (size_t)snprintf(ret + at, PCRS_MASK_TEXT - at, "%s%u", at ? "," : "",
					       i);
}

int pcrs_check_mask(uint32_t mask, unsigned seal, struct err *e)
{
	if (!(mask & 1U << seal))
		return err_set(e, -EINVAL, "register %u, of the lists, is not covered", seal);
	if (!(mask & 1U << 4))
		return err_set(e, -EINVAL, "register 4, of the boot loader, is not covered");
	if (!(mask & (1U << 8 | 1U << 9 | 1U << 11 | 1U << 12)))
		return err_set(
			e, -EINVAL,
			"no register of kernel, initramfs and command line (8, 9, 11, 12) is "
			"covered: another system could extend register %u alike",
			seal);
	if (mask & 0xff0000)
		return err_set(e, -EINVAL, "registers from 16 on can be reset");
	return 0;
}

static int read_values(const struct jsonr *bank, const char *key, unsigned pcr, bool more,
		       struct pcrs *p)
{
	size_t n = jsonr_array_len(bank, key);

	if (!n)
		return -EBADMSG;
	if (!more)
		p->n[pcr] = 0;
	for (size_t i = 0; i < n; i++) {
		const char *hex = jsonr_array_str(bank, key, i);

		if (p->n[pcr] == PCRS_ALTERNATIVES || !hex ||
		    hex_decode(hex, strlen(hex), p->value[pcr][p->n[pcr]], bank_size(p->bank)))
			return -EBADMSG;
		p->n[pcr]++;
	}
	return 0;
}

int pcrs_read(const char *json, size_t len, bool more, struct pcrs *p, struct err *e)
{
	struct jsonr *j = jsonr_parse(json, len);
	const struct jsonr *all = j ? jsonr_object(j, "pcrs") : NULL;
	const struct jsonr *bank = all ? jsonr_object(all, bank_name(p->bank)) : NULL;
	size_t found = 0;
	int r = 0;

	for (unsigned i = 0; !r && bank && i < PCRS_N; i++) {
		char key[8];

		snprintf(key, sizeof(key), "%u", i);
		if (!jsonr_has(bank, key))
			continue;
		r = read_values(bank, key, i, more, p);
		if (r)
			err_set(e, r, "values of register %u: malformed or too many", i);
		found++;
	}
	jsonr_free(j);
	if (!r && !found)
		r = err_set(e, j ? -ENODATA : -EBADMSG, "no values of registers in bank %s",
			    bank_name(p->bank));
	return r;
}

bool pcrs_accepts(const struct pcrs *p, unsigned pcr, const uint8_t *value)
{
	for (size_t i = 0; i < p->n[pcr]; i++)
		if (memcmp(p->value[pcr][i], value, bank_size(p->bank)) == 0)
			return true;
	return false;
}

void pcrs_put_selection(struct buf *b, enum bank bank, uint32_t mask)
{
	buf_add_be32(b, 1);
	buf_add_be16(b, (uint16_t)bank);
	buf_add_u8(b, 3);
	for (int i = 0; i < 3; i++)
		buf_add_u8(b, (uint8_t)(mask >> (8 * i)));
}

int pcrs_policy_body(const struct pcrs *p, uint32_t mask, struct buf *ret, struct err *e)
{
	uint8_t digest[BANK_SIZE_MAX];
	struct buf values = BUF_INIT;
	int r = 0;

	for (unsigned i = 0; !r && i < PCRS_N; i++) {
		if (!(mask & 1U << i))
			continue;
		if (p->n[i] != 1)
			r = err_set(e, p->n[i] ? -E2BIG : -ENODATA, "register %u has %s value", i,
				    p->n[i] ? "more than one" : "no");
		buf_add(&values, p->value[i][0], bank_size(p->bank));
	}
	/* By the hash of the session's policies, not by that of the bank. */
	r = r ?: bank_hash(BANK_SHA256, values.data, values.len, digest, e);
	buf_free(&values);
	if (r)
		return r;
	buf_add_be16(ret, (uint16_t)bank_size(BANK_SHA256));
	buf_add(ret, digest, bank_size(BANK_SHA256));
	pcrs_put_selection(ret, p->bank, mask);
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}
