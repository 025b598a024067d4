// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/base/hex.h"
#include "../../../lib/crypto/cert.h"
#include "../../../lib/crypto/pgpkey.h"
#include "pgpmake.h"

#define T0  1600000000U
#define NOW 1700000000U

static struct pgpmake_key *rsa, *rsa_sub, *weak, *odd, *p256, *p384, *p521, *ed;

static int make_keys(void **state)
{
	rsa = pgpmake_key("rsa2048", T0);
	rsa_sub = pgpmake_key("rsa2048", T0 + 5);
	weak = pgpmake_key("rsa1024", T0);
	odd = pgpmake_key("rsa2560", T0);
	p256 = pgpmake_key("P-256", T0);
	p384 = pgpmake_key("P-384", T0);
	p521 = pgpmake_key("P-521", T0);
	ed = pgpmake_key("ed25519", T0);
	return 0;
}

static int free_keys(void **state)
{
	struct pgpmake_key *all[] = {rsa, rsa_sub, weak, odd, p256, p384, p521, ed};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pgpmake_key_free(all[i]);
	return 0;
}

static struct cert_set set;

static int read_cert(const struct pgpmake_cert *c)
{
	struct buf b = BUF_INIT;
	struct err e = {0};
	int r;

	cert_set_done(&set);
	pgpmake_cert(&b, c);
	r = cert_set_read(&set, b.data, b.len, "key", NOW, &e);
	if (r < 0)
		print_message("%s\n", e.text);
	buf_free(&b);
	return r;
}

static const struct cert *key(const struct pgpmake_key *k)
{
	const struct cert *c = cert_set_by_fingerprint(&set, k->fingerprint, 20);

	if (c)
		assert_memory_equal(c->key_id, k->fingerprint + 12, 8);
	return c;
}

/* The state of the primary key of @c; a key that is not usable has a reason and no certificate. */
static enum cert_state state_of(const struct pgpmake_cert *c)
{
	const struct cert *found;

	assert_true(read_cert(c) >= 1);
	found = key(c->primary);
	assert_non_null(found);
	if (found->state == CERT_USABLE || found->state == CERT_EXPIRED)
		assert_true(cert_has_der(found));
	else
		assert_false(cert_has_der(found));
	assert_int_equal(found->state == CERT_USABLE, !found->why[0]);
	return found->state;
}

static enum cert_state sub_state_of(const struct pgpmake_cert *c)
{
	assert_true(read_cert(c) >= 1);
	return key(c->subkey) ? key(c->subkey)->state : (enum cert_state) - 1;
}

static void algorithms(void **state)
{
	struct pgpmake_cert c = {.uid = "A <a@example.com>", .flags = 3};

	c.primary = rsa;
	assert_int_equal(state_of(&c), CERT_USABLE);
	assert_int_equal(key(rsa)->algo, CERT_ALGO_RSA);
	assert_int_equal(key(rsa)->bits, 2048);
	assert_string_equal(key(rsa)->owner, "A <a@example.com>");
	assert_int_equal(key(rsa)->created, T0);
	assert_int_equal(key(rsa)->expires, 0);
	c.primary = p256;
	assert_int_equal(state_of(&c), CERT_USABLE);
	assert_string_equal(key(p256)->algo_name, "ECDSA P-256");
	c.primary = p384;
	c.hash = PGPMAKE_SHA384;
	assert_int_equal(state_of(&c), CERT_USABLE);
	c.primary = weak;
	assert_int_equal(state_of(&c), CERT_WEAK);
	assert_non_null(strstr(key(weak)->why, "1024 bits"));
	c.primary = odd; /* crypto/rsa.c of the kernel takes 2048, 3072, 4096 */
	assert_int_equal(state_of(&c), CERT_NO_ALGO);
	assert_non_null(strstr(key(odd)->why, "2560"));
	c.primary = p521;
	assert_int_equal(state_of(&c), CERT_NO_ALGO);
	c.primary = ed;
	assert_int_equal(state_of(&c), CERT_NO_ALGO);
	assert_non_null(strstr(key(ed)->why, "diglim sign"));
}

static void self_signatures(void **state)
{
	struct pgpmake_cert c = {.primary = rsa, .uid = "A", .flags = 3};

	c.damage_self_sig = true;
	assert_int_equal(state_of(&c), CERT_UNBOUND);
	c.damage_self_sig = false;
	c.critical_notation = true;
	assert_int_equal(state_of(&c), CERT_UNBOUND);
	c.critical_notation = false;
	c.hash = PGPMAKE_MD5;
	assert_int_equal(state_of(&c), CERT_UNBOUND);
	c.hash = PGPMAKE_SHA1;
	assert_int_equal(state_of(&c), CERT_USABLE);
	assert_true(key(rsa)->used_sha1);
	c.hash = PGPMAKE_SHA512;
	assert_int_equal(state_of(&c), CERT_USABLE);
	assert_false(key(rsa)->used_sha1);
	c.flags = 1;
	assert_int_equal(state_of(&c), CERT_NOT_SIGNING);
	c.flags = 0; /* old keys say nothing and sign */
	assert_int_equal(state_of(&c), CERT_USABLE);
	c.revoke = true;
	assert_int_equal(state_of(&c), CERT_REVOKED);
	c.uid = NULL;
	c.revoke = false;
	assert_int_equal(state_of(&c), CERT_UNBOUND);
}

static void expiry(void **state)
{
	struct pgpmake_cert c = {.primary = rsa, .uid = "A", .flags = 3};

	c.expires_after = NOW - T0 + 1;
	assert_int_equal(state_of(&c), CERT_USABLE);
	assert_int_equal(key(rsa)->expires, NOW + 1);
	c.expires_after = NOW - T0 - 1;
	assert_int_equal(state_of(&c), CERT_EXPIRED);
	assert_int_equal(key(rsa)->expires, NOW - 1);
}

static void signing_subkeys(void **state)
{
	struct pgpmake_cert c = {
		.primary = rsa, .uid = "A", .flags = 1, .subkey = rsa_sub, .sub_flags = 2};

	assert_int_equal(sub_state_of(&c), CERT_USABLE);
	assert_true(key(rsa_sub)->subkey);
	assert_memory_equal(key(rsa_sub)->primary, rsa->fingerprint, 20);
	assert_int_equal(key(rsa)->state, CERT_NOT_SIGNING);
	c.sub_expires_after = 100;
	assert_int_equal(sub_state_of(&c), CERT_EXPIRED);
	c.sub_expires_after = 0;
	c.expires_after = 1000; /* the primary's end is the subkey's end */
	assert_int_equal(sub_state_of(&c), CERT_EXPIRED);
	assert_int_equal(key(rsa_sub)->expires, T0 + 1000);
	c.expires_after = 0;
	c.primary = ed; /* bindings by keys that the kernel cannot use count too */
	assert_int_equal(sub_state_of(&c), CERT_USABLE);
	c.primary = p521;
	assert_int_equal(sub_state_of(&c), CERT_USABLE);
}

static void bad_subkeys(void **state)
{
	struct pgpmake_cert c = {
		.primary = rsa, .uid = "A", .flags = 3, .subkey = rsa_sub, .sub_flags = 2};

	c.no_back_sig = true;
	assert_int_equal(sub_state_of(&c), CERT_UNBOUND);
	c.no_back_sig = false;
	c.foreign_back_sig = true;
	assert_int_equal(sub_state_of(&c), CERT_UNBOUND);
	c.foreign_back_sig = false;
	c.damage_binding = true;
	assert_int_equal(sub_state_of(&c), CERT_UNBOUND);
	c.damage_binding = false;
	c.sub_revoke = true;
	assert_int_equal(sub_state_of(&c), CERT_REVOKED);
	assert_int_equal(key(rsa)->state, CERT_USABLE);
	c.sub_revoke = false;
	c.revoke = true;
	assert_int_equal(sub_state_of(&c), CERT_REVOKED);
	c.revoke = false;
	c.sub_flags = 0x0c; /* for encryption: of no interest */
	assert_int_equal((int)sub_state_of(&c), -1);
}

/* A subkey of somebody else, taken over with the binding that its owner made. */
static void foreign_binding(void **state)
{
	struct pgpmake_cert theirs = {
		.primary = p256, .uid = "B", .flags = 3, .subkey = rsa_sub, .sub_flags = 2};
	struct pgpmake_cert mine = {.primary = rsa, .uid = "A", .flags = 3};
	struct buf a = BUF_INIT, b = BUF_INIT, whole = BUF_INIT;
	struct err e;
	size_t start;

	pgpmake_cert(&a, &theirs);
	theirs.subkey = NULL;
	pgpmake_cert(&b, &theirs);
	pgpmake_cert(&whole, &mine);
	/* ECDSA signatures differ in length each time: look for the subkey packet. */
	for (start = b.len - 8; a.data[start] != 0xce || a.data[start + 6] != 4; start++)
		;
	buf_add(&whole, a.data + start, a.len - start);
	cert_set_done(&set);
	assert_int_equal(cert_set_read(&set, whole.data, whole.len, "key", NOW, &e), 2);
	assert_int_equal(key(rsa)->state, CERT_USABLE);
	assert_int_equal(key(rsa_sub)->state, CERT_UNBOUND);
	buf_free(&a);
	buf_free(&b);
	buf_free(&whole);
}

static void several_keys_in_a_file(void **state)
{
	struct pgpmake_cert a = {.primary = rsa, .uid = "A", .flags = 3};
	struct pgpmake_cert b = {.primary = p256, .uid = "B\x1b[2J", .flags = 3};
	struct buf bin = BUF_INIT, text = BUF_INIT;
	struct err e;
	char hex[41];

	pgpmake_cert(&bin, &a);
	pgpmake_cert(&bin, &b);
	pgpmake_armor(&text, &bin);
	cert_set_done(&set);
	assert_int_equal(cert_set_read(&set, text.data, text.len, "keys", NOW, &e), 2);
	assert_int_equal(set.n, 2);
	assert_string_equal(key(p256)->owner, "B\\x1b[2J");
	/* The same again changes nothing. */
	assert_int_equal(cert_set_read(&set, bin.data, bin.len, "keys", NOW, &e), 2);
	assert_int_equal(set.n, 2);
	hex_encode(p256->fingerprint, 20, hex);
	assert_ptr_equal(cert_set_by_text(&set, hex), key(p256));
	assert_ptr_equal(cert_set_by_text(&set, hex + 24), key(p256));
	assert_null(cert_set_by_text(&set, hex + 25));
	assert_null(cert_set_by_text(&set, ""));
	buf_free(&bin);
	buf_free(&text);
}

static void a_revocation_is_not_forgotten(void **state)
{
	struct pgpmake_cert c = {.primary = rsa, .uid = "A", .flags = 3, .revoke = true};
	struct buf revoked = BUF_INIT, good = BUF_INIT;
	struct err e;

	pgpmake_cert(&revoked, &c);
	c.revoke = false;
	pgpmake_cert(&good, &c);
	cert_set_done(&set);
	assert_int_equal(cert_set_read(&set, good.data, good.len, "key", NOW, &e), 1);
	assert_int_equal(cert_set_read(&set, revoked.data, revoked.len, "key", NOW, &e), 1);
	assert_int_equal(key(rsa)->state, CERT_REVOKED);
	assert_int_equal(cert_set_read(&set, good.data, good.len, "key", NOW, &e), 1);
	assert_int_equal(key(rsa)->state, CERT_REVOKED);
	buf_free(&revoked);
	buf_free(&good);
}

/* Whatever is cut off or changed: no crash, and never a usable key with another fingerprint. */
static void damaged_files(void **state)
{
	struct pgpmake_cert c = {
		.primary = rsa, .uid = "A", .flags = 3, .subkey = rsa_sub, .sub_flags = 2};
	struct buf good = BUF_INIT;
	struct err e;

	pgpmake_cert(&good, &c);
	for (size_t len = 0; len < good.len; len++) {
		cert_set_done(&set);
		(void)cert_set_read(&set, good.data, len, "key", NOW, &e);
	}
	for (size_t i = 0; i < good.len; i += 3) {
		good.data[i] ^= 1U << (i % 8);
		cert_set_done(&set);
		if (cert_set_read(&set, good.data, good.len, "key", NOW, &e) > 0)
			for (size_t k = 0; k < set.n; k++)
				if (set.certs[k]->der)
					assert_true(!memcmp(set.certs[k]->fingerprint,
							    rsa->fingerprint, 20) ||
						    !memcmp(set.certs[k]->fingerprint,
							    rsa_sub->fingerprint, 20));
		good.data[i] ^= 1U << (i % 8);
	}
	buf_free(&good);
}

static void not_a_key(void **state)
{
	struct buf b = BUF_INIT;
	struct err e;

	cert_set_done(&set);
	assert_true(cert_set_read(&set, "", 0, "x", NOW, &e) < 0);
	assert_true(cert_set_read(&set, "hello\n", 6, "x", NOW, &e) < 0);
	assert_string_equal(e.text, "x: neither an OpenPGP key nor an X.509 certificate");
	assert_true(cert_set_read(&set, "\xc6\x01\x04", 3, "x", NOW, &e) < 0);
	assert_non_null(strstr(e.text, "offset"));
	assert_true(cert_set_read(&set, "\xc6\xe1\x04", 3, "x", NOW, &e) < 0); /* partial length */
	b = BUF_INIT;
	pgpmake_packet(&b, 2, "\x04", 1);
	assert_true(pgpkey_read(&set, b.data, b.len, "x", NOW, &e) < 0);
	assert_non_null(strstr(e.text, "before any public key"));
	assert_int_equal(set.n, 0);
	buf_free(&b);
}

/* Of a revoked primary key, nothing is left: not even a subkey that the revoked copy lacks. */
static void a_revocation_takes_the_subkeys(void **state)
{
	struct pgpmake_key *primary = pgpmake_key("rsa2048", 1600000000U);
	struct pgpmake_key *sub = pgpmake_key("rsa2048", 1600000000U);
	struct pgpmake_cert whole = {
		.primary = primary, .uid = "Vendor", .flags = 3, .subkey = sub, .sub_flags = 2};
	struct pgpmake_cert revoked = {
		.primary = primary, .uid = "Vendor", .flags = 3, .revoke = true};
	struct cert_set both = {0};
	struct buf b = BUF_INIT;

	pgpmake_cert(&b, &whole);
	assert_int_equal(cert_set_read(&both, b.data, b.len, "whole", NOW, NULL), 2);
	assert_true(cert_has_der(both.certs[0]) && cert_has_der(both.certs[1]));
	buf_free(&b);
	pgpmake_cert(&b, &revoked);
	assert_int_equal(cert_set_read(&both, b.data, b.len, "revoked", NOW, NULL), 1);
	assert_int_equal(both.n, 2);
	for (size_t i = 0; i < both.n; i++) {
		assert_int_equal(both.certs[i]->state, CERT_REVOKED);
		assert_false(cert_has_der(both.certs[i]));
		assert_non_null(strstr(both.certs[i]->why, "revoked"));
	}
	assert_true(both.certs[1]->withdrawn);
	buf_free(&b);
	cert_set_done(&both);
	pgpmake_key_free(primary);
	pgpmake_key_free(sub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(algorithms),
		cmocka_unit_test(self_signatures),
		cmocka_unit_test(expiry),
		cmocka_unit_test(signing_subkeys),
		cmocka_unit_test(bad_subkeys),
		cmocka_unit_test(foreign_binding),
		cmocka_unit_test(several_keys_in_a_file),
		cmocka_unit_test(a_revocation_is_not_forgotten),
		cmocka_unit_test(a_revocation_takes_the_subkeys),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(not_a_key),
	};
	int r = cmocka_run_group_tests(tests, make_keys, free_keys);

	cert_set_done(&set);
	return r;
}
