// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "../../abi/limits.h"
#include "der.h"
#include "pkcs7.h"

static const uint8_t oid_signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
static const uint8_t oid_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};

static void put_digest_algorithm(struct buf *b, enum digest_algo digest)
{
	uint8_t oid[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x00};

	oid[8] = digest == DIGEST_SHA256 ? 1 : digest == DIGEST_SHA384 ? 2 : 3;
	der_put_algorithm(b, oid, sizeof(oid), true);
}

static void put_pk_algorithm(struct buf *b, enum cert_algo algo, enum digest_algo digest)
{
	static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
	uint8_t ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x00};

	if (algo == CERT_ALGO_RSA) {
		der_put_algorithm(b, rsa, sizeof(rsa), true);
		return;
	}
	ecdsa[7] = digest == DIGEST_SHA256 ? 2 : digest == DIGEST_SHA384 ? 3 : 4;
	der_put_algorithm(b, ecdsa, sizeof(ecdsa), false);
}

static void put_signer_info(struct buf *b, const struct cert *c, enum digest_algo digest,
			    const uint8_t *sig, size_t sig_len)
{
	static const uint8_t one = 1;
	size_t info = der_begin(b, DER_SEQUENCE), name;

	der_put(b, DER_INTEGER, &one, 1);
	name = der_begin(b, DER_SEQUENCE);
	buf_add(b, c->issuer, c->issuer_len);
	buf_add(b, c->serial, c->serial_len);
	der_end(b, name);
	put_digest_algorithm(b, digest);
	put_pk_algorithm(b, c->algo, digest);
	der_put(b, DER_OCTET_STRING, sig, sig_len);
	der_end(b, info);
}

static void put_signed_data(struct buf *b, const struct cert *c, enum digest_algo digest,
			    const uint8_t *sig, size_t sig_len)
{
	static const uint8_t one = 1;
	size_t data = der_begin(b, DER_SEQUENCE), set;

	der_put(b, DER_INTEGER, &one, 1);
	set = der_begin(b, DER_SET);
	put_digest_algorithm(b, digest);
	der_end(b, set);
	der_put_algorithm(b, oid_data, sizeof(oid_data), false);
	set = der_begin(b, DER_SET);
	put_signer_info(b, c, digest, sig, sig_len);
	der_end(b, set);
	der_end(b, data);
}

int pkcs7_make(const struct cert *c, enum digest_algo digest, const uint8_t *sig, size_t sig_len,
	       struct buf *ret, struct err *e)
{
	size_t start = ret->len, info, content;

	if (!c->der || digest == DIGEST_NONE)
		return err_set(e, -EINVAL, "no certificate or digest to name in a signature");
	info = der_begin(ret, DER_SEQUENCE);
	der_put(ret, DER_OID, oid_signed_data, sizeof(oid_signed_data));
	content = der_begin(ret, DER_CONTEXT_0);
	put_signed_data(ret, c, digest, sig, sig_len);
	der_end(ret, content);
	der_end(ret, info);
	if (ret->failed)
		return err_set(e, -ENOMEM, "out of memory");
	if (ret->len - start > DIGLIM_SIG_MAX)
		return err_set(e, -E2BIG, "signature of %zu bytes, at most %d are taken",
			       ret->len - start, DIGLIM_SIG_MAX);
	return 0;
}
