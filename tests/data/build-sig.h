/* SPDX-License-Identifier: GPL-2.0-only */
/* PKCS#7 signatures, right and wrong, without a key: nobody verifies them. */
#ifndef DIGLIM_TESTS_DATA_BUILD_SIG_H
#define DIGLIM_TESTS_DATA_BUILD_SIG_H

#include "build.h"

BUILD_UNUSED void build_der(struct build *o, uint8_t tag, const void *p, size_t n)
{
	build_be(o, tag, 1);
	if (n >= 0x100)
		build_be(o, 0x820000 | n, 3);
	else if (n >= 0x80)
		build_be(o, 0x8100 | n, 2);
	else
		build_be(o, n, 1);
	build_raw(o, p, n);
}

enum build_pk { BUILD_RSA, BUILD_ECDSA, BUILD_ED25519 };

/* What differs between the signatures that the tests write. */
struct build_sig {
	int hash;     /* last byte of the SHA-2 object identifier: 1, 2, 3; -1: SHA-1, -5: MD5 */
	int set_hash; /* in digestAlgorithms; 0: the same */
	enum build_pk pk;
	int no_null;   /* leave out the NULL parameters */
	int version;   /* 0: 1 */
	int certs;     /* with certificates */
	int auth;      /* with authenticated attributes */
	int unauth;    /* with unauthenticated attributes */
	int content;   /* with content */
	int signers;   /* 0: one */
	int keyid;     /* signer named by key identifier */
	size_t serial; /* length; 0: 8 */
	size_t sig;    /* length; 0: 256 */
};

BUILD_UNUSED void build_hash_algo(struct build *o, int hash, int no_null)
{
	static const uint8_t sha2[] = {6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2};
	static const uint8_t sha1[] = {6, 5, 0x2b, 0x0e, 3, 2, 0x1a};
	static const uint8_t md5[] = {6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5};
	static struct build in;

	in.len = 0;
	if (hash > 0) {
		build_raw(&in, sha2, sizeof(sha2));
		build_be(&in, (uint64_t)hash, 1);
	} else if (hash == -1) {
		build_raw(&in, sha1, sizeof(sha1));
	} else {
		build_raw(&in, md5, sizeof(md5));
	}
	if (!no_null)
		build_be(&in, 0x0500, 2);
	build_der(o, 0x30, in.b, in.len);
}

BUILD_UNUSED void build_pk_algo(struct build *o, const struct build_sig *s)
{
	static const uint8_t rsa[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
	static const uint8_t ecdsa[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3};
	static const uint8_t ed25519[] = {6, 3, 0x2b, 0x65, 0x70};
	static struct build in;

	in.len = 0;
	if (s->pk == BUILD_RSA) {
		build_raw(&in, rsa, sizeof(rsa));
		if (!s->no_null)
			build_be(&in, 0x0500, 2);
	} else if (s->pk == BUILD_ECDSA) {
		build_raw(&in, ecdsa, sizeof(ecdsa));
		build_be(&in, (uint64_t)(s->hash + 1), 1);
	} else {
		build_raw(&in, ed25519, sizeof(ed25519));
	}
	build_der(o, 0x30, in.b, in.len);
}

#define BUILD_ISSUER                                                                               \
	"\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x0c\x06"                                             \
	"signer"
#define BUILD_ISSUER_LEN 17

BUILD_UNUSED void build_signer(struct build *o, const struct build_sig *s)
{
	static struct build in, id;
	uint8_t serial[64];

	in.len = 0;
	id.len = 0;
	memset(serial, 0x5a, sizeof(serial));
	build_be(&in, 0x020100U | (unsigned int)(s->version ? s->version : 1), 3);
	if (s->keyid) {
		build_der(&in, 0x80, serial, 8);
	} else {
		build_der(&id, 0x30, BUILD_ISSUER, BUILD_ISSUER_LEN);
		build_der(&id, 2, serial, s->serial ? s->serial : 8);
		build_der(&in, 0x30, id.b, id.len);
	}
	build_hash_algo(&in, s->hash, s->no_null);
	if (s->auth)
		build_der(&in, 0xa0, "\x30\x00", 2);
	build_pk_algo(&in, s);
	id.len = 0;
	for (size_t i = 0; i < (s->sig ? s->sig : 256); i++)
		build_be(&id, i, 1);
	build_der(&in, 4, id.b, id.len);
	if (s->unauth)
		build_der(&in, 0xa1, "\x30\x00", 2);
	build_der(o, 0x30, in.b, in.len);
}

BUILD_UNUSED void build_pkcs7(struct build *o, const struct build_sig *s)
{
	static const uint8_t oid[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7};
	static struct build in, t;

	in.len = 0;
	build_be(&in, 0x020100U | (unsigned int)(s->version ? s->version : 1), 3);
	t.len = 0;
	build_hash_algo(&t, s->set_hash ? s->set_hash : s->hash, s->no_null);
	build_der(&in, 0x31, t.b, t.len);
	t.len = 0;
	build_raw(&t, oid, sizeof(oid));
	build_be(&t, 1, 1);
	if (s->content)
		build_der(&t, 0xa0, "\x04\x01x", 3);
	build_der(&in, 0x30, t.b, t.len);
	if (s->certs)
		build_der(&in, 0xa0, "\x30\x00", 2);
	t.len = 0;
	for (int i = 0; i < (s->signers ? s->signers : 1); i++)
		build_signer(&t, s);
	build_der(&in, 0x31, t.b, t.len);
	t.len = 0;
	build_der(&t, 0x30, in.b, in.len);
	in.len = 0;
	build_raw(&in, oid, sizeof(oid));
	build_be(&in, 2, 1);
	build_der(&in, 0xa0, t.b, t.len);
	o->len = 0;
	build_der(o, 0x30, in.b, in.len);
}

#endif
