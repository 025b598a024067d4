/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The packet parser of core/openpgp.h alone, without the cryptography behind it: every packet of
 * the input, and what keys and signatures say about themselves.
 */
#include "../core/oracle.h"
#include "../../../core/openpgp.h"

static void check_inside(const struct core_view *v, __u32 off, __u32 len)
{
	ORACLE(off <= v->len && len <= v->len - off);
}

static void check_error(const struct core_view *v, const struct core_err *e)
{
	ORACLE(e->code && e->off >= v->start && e->off <= v->start + v->len);
}

/* Every place that a signature names lies inside it. */
static void try_signature(const struct core_view *v)
{
	struct core_pgp_sig s;
	struct core_err e = {0, 0};

	if (core_pgp_sig(v, &s, &e)) {
		check_error(v, &e);
		return;
	}
	if (s.version != 3 && s.version != 4)
		return;
	check_inside(v, s.key_id, s.key_id_len);
	check_inside(v, s.fpr, s.fpr_len);
	check_inside(v, s.embedded, s.embedded_len);
	check_inside(v, s.head, s.head_len);
	check_inside(v, s.left16, 2);
	check_inside(v, s.mpis, 0);
}

static void try_key(const struct core_view *v)
{
	struct core_pgp_key k;
	struct core_err e = {0, 0};

	if (core_pgp_key(v, &k, &e)) {
		check_error(v, &e);
		return;
	}
	check_inside(v, k.material, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct core_view v = {data, 0, (__u32)size}, body;
	struct core_pgp_packet p;
	struct core_err e = {0, 0};
	__u32 off = 0;

	for (;;) {
		int r = core_pgp_packet(&v, off, &p, &e);

		ORACLE(r == 1 || (r == 0 && off == v.len) || (r == -1 && off < v.len));
		if (r < 0)
			check_error(&v, &e);
		if (r != 1)
			break;
		check_inside(&v, p.body, p.len);
		ORACLE(p.next > off && p.next <= v.len); /* or it would never end */
		body = core_pgp_sub(&v, p.body, p.len);
		try_signature(&body);
		try_key(&body);
		off = p.next;
	}
	/* The same bytes without a packet's frame around them. */
	try_signature(&v);
	try_key(&v);
	return 0;
}
