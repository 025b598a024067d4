// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accepted form of PKCS#7 has little freedom: what is accepted must be exactly what the writer
 * below makes of the parts that were read out of it. So nothing is skipped and no length is vague.
 */
#include "../../../abi/limits.h"
#include "../../../core/pkcs7.h"
#include "../../data/build-sig.h"
#include "oracle.h"

static struct build want, t, u;

/* AlgorithmIdentifier, with NULL parameters if they stand in @data at that place. */
static size_t algo(const uint8_t *data, size_t at, const void *oid, size_t n, struct build *o)
{
	struct build *in = &t;

	in->len = 0;
	build_raw(in, oid, n);
	if (data[at + 1] != n)
		build_be(in, 0x0500, 2);
	build_der(o, 0x30, in->b, in->len);
	return 2 + in->len;
}

static void write_again(const uint8_t *data, const struct core_pkcs7 *p, struct build *signer,
			struct build *out)
{
	static const uint8_t ecdsa[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3};
	static const uint8_t rsa[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
	uint8_t hash[] = {6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, (uint8_t)(p->hash - 3)};
	uint8_t ec[10];
	size_t at = p->serial_off + p->serial_len;

	memcpy(ec, ecdsa, 9);
	ec[9] = (uint8_t)(p->hash - 2);
	signer->len = 0;
	build_be(signer, 0x020101, 3);
	u.len = 0;
	build_der(&u, 0x30, data + p->issuer_off, p->issuer_len);
	build_der(&u, 2, data + p->serial_off, p->serial_len);
	build_der(signer, 0x30, u.b, u.len);
	at += algo(data, at, hash, sizeof(hash), signer);
	if (p->pk == CORE_PK_RSA)
		algo(data, at, rsa, sizeof(rsa), signer);
	else
		algo(data, at, ec, sizeof(ec), signer);
	build_der(signer, 4, data + p->sig_off, p->sig_len);
	u.len = 0;
	build_der(&u, 0x30, signer->b, signer->len);
	signer->len = 0;
	build_der(signer, 0x31, u.b, u.len);
	/* The first algorithm, too: it stands right behind the version. */
	for (at = 0; memcmp(data + at, "\x02\x01\x01\x31", 4); at++)
		;
	u.len = 0;
	algo(data, at + 5, hash, sizeof(hash), &u);
	out->len = 0;
	build_be(out, 0x020101, 3);
	build_der(out, 0x31, u.b, u.len);
	build_raw(out, "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 13);
	build_raw(out, signer->b, signer->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct build signer, body;
	struct core_view v = {data, 0, (__u32)size};
	struct core_pkcs7 p;
	struct core_err e = {0, 0};

	if (size > DIGLIM_SIG_MAX)
		return 0;
	if (core_pkcs7_open(&v, &p, &e)) {
		ORACLE(e.code == DIGLIM_E_SIG_FORMAT || e.code == DIGLIM_E_SIG_HASH ||
		       e.code == DIGLIM_E_SIG_ALGO);
		ORACLE(e.off <= size);
		return 0;
	}
	ORACLE(p.hash >= CORE_HASH_SHA256 && p.hash <= CORE_HASH_SHA512);
	ORACLE(p.pk == CORE_PK_RSA || p.pk == CORE_PK_ECDSA);
	write_again(data, &p, &signer, &body);
	t.len = 0;
	build_der(&t, 0x30, body.b, body.len);
	u.len = 0;
	build_raw(&u, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
	build_der(&u, 0xa0, t.b, t.len);
	want.len = 0;
	build_der(&want, 0x30, u.b, u.len);
	ORACLE(want.len == size && !memcmp(want.b, data, size));
	return 0;
}
