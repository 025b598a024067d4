// SPDX-License-Identifier: LGPL-2.1-or-later
/* OpenPGP signatures re-encoded as PKCS#7. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../abi/error.h"
#include "../../../core/pkcs7.h"
#include "../../../lib/crypto/cert.h"
#include "../../../lib/crypto/pgpsig.h"
#include "../../../lib/crypto/verify.h"
#include "pgpmake.h"

#define T0  1600000000U
#define DOC "\x8e\xad\xe8\x01 what is signed"

static struct pgpmake_key *rsa, *rsa2, *p256, *p384, *ed;
static struct cert_set set;

static void add_key(struct pgpmake_key *k)
{
	struct pgpmake_cert c = {.primary = k, .uid = "A", .flags = 3};
	struct buf b = BUF_INIT;

	pgpmake_cert(&b, &c);
	assert_int_equal(cert_set_read(&set, b.data, b.len, "key", T0 + 9, NULL), 1);
	buf_free(&b);
}

static int set_up(void **state)
{
	rsa = pgpmake_key("rsa2048", T0);
	rsa2 = pgpmake_key("rsa2048", T0);
	p256 = pgpmake_key("P-256", T0);
	p384 = pgpmake_key("P-384", T0);
	ed = pgpmake_key("ed25519", T0);
	add_key(rsa);
	add_key(p256);
	add_key(p384);
	add_key(ed);
	return 0;
}

static int tear_down(void **state)
{
	struct pgpmake_key *all[] = {rsa, rsa2, p256, p384, ed};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pgpmake_key_free(all[i]);
	cert_set_done(&set);
	return 0;
}

static void make_packet(struct buf *to, const struct pgpmake_sig *how)
{
	struct buf body = BUF_INIT;

	pgpmake_sign(&body, how, DOC, strlen(DOC));
	buf_free(to);
	pgpmake_packet(to, 2, body.data, body.len);
	buf_free(&body);
}

/* Payload and PKCS#7 of one signature; returns what pgpsig_acceptable() says. */
static int convert(const struct pgpmake_sig *how, struct buf *payload, struct buf *pkcs7,
		   struct err *e)
{
	struct buf packet = BUF_INIT;
	const struct cert *c;
	struct pgpsig s;
	size_t used;
	int r;

	buf_free(payload);
	buf_free(pkcs7);
	make_packet(&packet, how);
	assert_int_equal(pgpsig_read(packet.data, packet.len, &used, &s, e), 0);
	assert_int_equal(used, packet.len);
	r = pgpsig_acceptable(&s, e);
	if (!r) {
		c = pgpsig_signer(&s, &set);
		assert_non_null(c);
		buf_add(payload, DOC, strlen(DOC));
		assert_int_equal(pgpsig_trailer(&s, payload, e), 0);
		assert_int_equal(pgpsig_pkcs7(&s, c, pkcs7, e), 0);
	}
	buf_free(&packet);
	return r;
}

static void every_good_kind(void **state)
{
	static const enum pgpmake_hash hashes[] = {PGPMAKE_SHA256, PGPMAKE_SHA384, PGPMAKE_SHA512};
	const struct pgpmake_key *keys[] = {rsa, p256, p384};
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT;
	struct verify_info info;
	struct err e;

	for (int i = 0; i < 18; i++) {
		struct pgpmake_sig how = {.by = keys[i % 3],
					  .version = i / 9 ? 3 : 4,
					  .hash = hashes[i / 3 % 3],
					  .created = T0 + 1};

		assert_int_equal(convert(&how, &payload, &pkcs7, &e), 0);
		if (verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len, &set, &info, &e))
			fail_msg("case %d: %s", i, e.text);
		assert_memory_equal(info.signer->fingerprint, keys[i % 3]->fingerprint, 20);
		assert_int_equal(info.digest, DIGEST_SHA256 + i / 3 % 3);
		assert_int_equal(info.serial_len, 8);
		assert_memory_equal(info.serial, keys[i % 3]->fingerprint + 12, 8);
	}
	buf_free(&payload);
	buf_free(&pkcs7);
}

/* OpenPGP drops leading zeros; the kernel insists on the length of the modulus. */
static void short_numbers_are_padded(void **state)
{
	struct pgpmake_sig how = {.by = rsa,
				  .version = 4,
				  .hash = PGPMAKE_SHA256,
				  .created = T0 + 1,
				  .want_short = true};
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT;
	struct core_err ce;
	struct core_view v;
	struct core_pkcs7 p = {0};
	struct err e;

	assert_int_equal(convert(&how, &payload, &pkcs7, &e), 0);
	v = (struct core_view){pkcs7.data, 0, (uint32_t)pkcs7.len};
	assert_int_equal(core_pkcs7_open(&v, &p, &ce), 0);
	assert_int_equal(p.sig_len, 256);
	assert_int_equal(pkcs7.data[p.sig_off], 0);
	assert_int_equal(
		verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len, &set, NULL, &e), 0);
	buf_free(&payload);
	buf_free(&pkcs7);
}

static void refused(const struct pgpmake_sig *how, int code, const char *text)
{
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT;
	struct err e = {0};

	assert_int_equal(convert(how, &payload, &pkcs7, &e), code);
	if (!strstr(e.text, text))
		fail_msg("\"%s\" does not say \"%s\"", e.text, text);
	assert_int_equal(pkcs7.len, 0);
}

static void what_the_kernel_must_not_take(void **state)
{
	struct pgpmake_sig how = {.by = rsa, .version = 4, .hash = PGPMAKE_SHA1, .created = T0};
	struct buf notation = BUF_INIT;

	refused(&how, -DIGLIM_E_SIG_HASH, "SHA-1");
	how.hash = PGPMAKE_MD5;
	refused(&how, -DIGLIM_E_SIG_HASH, "MD5");
	how.hash = PGPMAKE_SHA224;
	refused(&how, -DIGLIM_E_SIG_HASH, "SHA-224");
	how.hash = PGPMAKE_SHA256;
	how.type = 1;
	refused(&how, -DIGLIM_E_SIG_TYPE, "0x01");
	how.type = 0x13;
	refused(&how, -DIGLIM_E_SIG_TYPE, "0x13");
	how.type = 0;
	how.by = ed;
	refused(&how, -DIGLIM_E_SIG_ALGO, "EdDSA");
	how.by = rsa;
	how.no_time = true;
	refused(&how, -DIGLIM_E_SIG_FORMAT, "without its time");
	how.no_time = false;
	pgpmake_sub(&notation, 0x80 | 20, "\x80\0\0\0\0\x01\0\x01xy", 10);
	how.hashed = &notation;
	refused(&how, -DIGLIM_E_SIG_FORMAT, "critical");
	buf_free(&notation);
}

static void new_versions_are_named(void **state)
{
	static const uint8_t v6[] = {0xc2, 0x0a, 6, 0, 27, 10, 0, 0, 0, 0, 0, 0};
	static const uint8_t v5[] = {0xc2, 0x04, 5, 0, 1, 8};
	struct pgpsig s;
	struct err e;

	assert_int_equal(pgpsig_read(v6, sizeof(v6), NULL, &s, &e), 0);
	assert_int_equal(pgpsig_acceptable(&s, &e), -DIGLIM_E_SIG_VERSION);
	assert_non_null(strstr(e.text, "version 6 (Ed25519/SHA-512)"));
	assert_int_equal(pgpsig_read(v5, sizeof(v5), NULL, &s, &e), 0);
	assert_int_equal(pgpsig_acceptable(&s, &e), -DIGLIM_E_SIG_VERSION);
}

static void one_bit_decides(void **state)
{
	const struct pgpmake_key *keys[] = {rsa, p256};
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT;
	struct err e;

	for (int k = 0; k < 2; k++) {
		struct pgpmake_sig how = {
			.by = keys[k], .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 1};

		assert_int_equal(convert(&how, &payload, &pkcs7, &e), 0);
		for (size_t bit = 0; bit < 8 * payload.len; bit++) {
			payload.data[bit / 8] ^= 1U << bit % 8;
			assert_int_equal(verify_list(payload.data, payload.len, pkcs7.data,
						     pkcs7.len, &set, NULL, &e),
					 -DIGLIM_E_SIG_INVALID);
			payload.data[bit / 8] ^= 1U << bit % 8;
		}
		/* NULL parameters may be there or not, but no bit of theirs may differ. */
		for (size_t bit = 0; bit < 8 * pkcs7.len; bit++) {
			pkcs7.data[bit / 8] ^= 1U << bit % 8;
			assert_true(verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len,
						&set, NULL, &e) < 0);
			pkcs7.data[bit / 8] ^= 1U << bit % 8;
		}
		assert_int_equal(verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len, &set,
					     NULL, &e),
				 0);
	}
	buf_free(&payload);
	buf_free(&pkcs7);
}

static void the_right_key_is_needed(void **state)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 1};
	struct buf payload = BUF_INIT, pkcs7 = BUF_INIT, packet = BUF_INIT;
	struct cert_set none = {0};
	struct pgpsig s;
	struct err e;

	assert_int_equal(convert(&how, &payload, &pkcs7, &e), 0);
	assert_int_equal(
		verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len, &none, NULL, &e),
		-DIGLIM_E_SIG_NO_KEY);
	/* Signed by rsa2, which says it were rsa. */
	how.by = rsa2;
	make_packet(&packet, &how);
	assert_int_equal(pgpsig_read(packet.data, packet.len, NULL, &s, &e), 0);
	assert_null(pgpsig_signer(&s, &set));
	buf_free(&pkcs7);
	assert_int_equal(
		pgpsig_pkcs7(&s, cert_set_by_fingerprint(&set, rsa->fingerprint, 20), &pkcs7, &e),
		0);
	assert_int_equal(
		verify_list(payload.data, payload.len, pkcs7.data, pkcs7.len, &set, NULL, &e),
		-DIGLIM_E_SIG_INVALID);
	/* RSA signature, ECDSA key. */
	buf_free(&pkcs7);
	assert_int_equal(
		pgpsig_pkcs7(&s, cert_set_by_fingerprint(&set, p256->fingerprint, 20), &pkcs7, &e),
		-DIGLIM_E_SIG_INVALID);
	buf_free(&payload);
	buf_free(&pkcs7);
	buf_free(&packet);
}

static void time_is_checked(void **state)
{
	struct pgpsig s = {.created = T0 + 10};
	struct cert c = {.created = T0};
	struct err e;

	assert_int_equal(pgpsig_check_time(&s, &c, T0 + 20, &e), 0);
	c.expires = T0 + 15; /* made before the key expired */
	assert_int_equal(pgpsig_check_time(&s, &c, T0 + 20, &e), 0);
	c.expires = T0 + 5;
	assert_int_equal(pgpsig_check_time(&s, &c, T0 + 20, &e), -DIGLIM_E_KEY_REVOKED);
	c.expires = 0;
	c.created = T0 + 11;
	assert_int_equal(pgpsig_check_time(&s, &c, T0 + 20, &e), -DIGLIM_E_KEY_REVOKED);
	c.created = T0;
	s.expires = T0 + 19;
	assert_int_equal(pgpsig_check_time(&s, &c, T0 + 20, &e), -DIGLIM_E_KEY_REVOKED);
}

static void damaged_packets(void **state)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 1};
	struct buf packet = BUF_INIT;
	struct pgpsig s;
	struct err e;

	make_packet(&packet, &how);
	for (size_t len = 0; len < packet.len; len++) {
		assert_true(pgpsig_read(packet.data, len, NULL, &s, &e) < 0);
		assert_true(strstr(e.text, "offset") || !len);
	}
	packet.data[0] = 0xcd; /* a user id */
	assert_int_equal(pgpsig_read(packet.data, packet.len, NULL, &s, &e), -DIGLIM_E_SIG_FORMAT);
	buf_free(&packet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_good_kind),
		cmocka_unit_test(short_numbers_are_padded),
		cmocka_unit_test(what_the_kernel_must_not_take),
		cmocka_unit_test(new_versions_are_named),
		cmocka_unit_test(one_bit_decides),
		cmocka_unit_test(the_right_key_is_needed),
		cmocka_unit_test(time_is_checked),
		cmocka_unit_test(damaged_packets),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
