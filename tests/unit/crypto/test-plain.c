// SPDX-License-Identifier: LGPL-2.1-or-later
/* Plain keys, found without verifying: as the full reader has them, or not at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../core/openpgp.h"
#include "../../../lib/crypto/pgpplain.h"
#include "../../../lib/crypto/pgpsig.h"
#include "pgpmake.h"

#define T0  1600000000U
#define NOW 1700000000U
#define DAY 86400U

static struct pgpmake_key *rsa, *other, *sub, *weak, *p256;
static struct pgpplain plain;
static struct cert_set found;

static int sha1(const void *data, size_t len, uint8_t ret[20])
{
	size_t n;

	return EVP_Q_digest(NULL, "SHA1", NULL, data, len, ret, &n) ? 0 : -EIO;
}

static int no_sha1(const void *data, size_t len, uint8_t ret[20])
{
	(void)data;
	(void)len;
	(void)ret;
	return -EOPNOTSUPP;
}

static int make_keys(void **state)
{
	(void)state;
	rsa = pgpmake_key("rsa2048", T0);
	other = pgpmake_key("rsa3072", T0);
	sub = pgpmake_key("rsa2048", T0 + 5);
	weak = pgpmake_key("rsa1024", T0);
	p256 = pgpmake_key("P-256", T0);
	return 0;
}

static int free_keys(void **state)
{
	struct pgpmake_key *all[] = {rsa, other, sub, weak, p256};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pgpmake_key_free(all[i]);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	free(found.certs);
	found = (struct cert_set){0};
	pgpplain_done(&plain);
	return 0;
}

static int read_as(const struct buf *b, bool wanted)
{
	struct err e = {0};
	int r = pgpplain_read(&plain, b->data, b->len, "key", wanted, NOW, sha1, &e);

	assert_true(!r || e.text[0]);
	free(found.certs);
	assert_int_equal(pgpplain_lend(&plain, &found, NULL), 0);
	return r;
}

static const struct cert *by(const struct pgpmake_key *k)
{
	return cert_set_by_fingerprint(&found, k->fingerprint, 20);
}

static void add(const struct pgpmake_cert *c, bool wanted)
{
	struct buf b = BUF_INIT;

	pgpmake_cert(&b, c);
	assert_int_equal(read_as(&b, wanted), 0);
	buf_free(&b);
}

/* Is the primary key plain, and nothing else in it? */
static bool is_plain(const struct pgpmake_cert *c)
{
	bool r;

	forget(NULL);
	add(c, true);
	r = by(c->primary);
	assert_int_equal(found.n, r);
	return r;
}

/* The list of a package is the same, whichever of the two readers the key came from. */
static void makes_the_same_list(const struct cert *full, const struct cert *quick)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct buf body = BUF_INIT, packet = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	struct pgpsig sig;

	pgpmake_sign(&body, &how, "document", 8);
	pgpmake_packet(&packet, 2, body.data, body.len);
	assert_int_equal(pgpsig_read(packet.data, packet.len, NULL, &sig, NULL), 0);
	assert_ptr_equal(pgpsig_signer(&sig, &found), quick);
	assert_int_equal(pgpsig_pkcs7(&sig, full, &a, NULL), 0);
	assert_int_equal(pgpsig_pkcs7(&sig, quick, &b, NULL), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	buf_free(&body);
	buf_free(&packet);
	buf_free(&a);
	buf_free(&b);
}

static void as_the_full_reader_has_it(void **state)
{
	struct pgpmake_cert c = {
		.primary = rsa, .uid = "Vendor", .flags = 3, .expires_after = NOW - T0 + DAY};
	struct buf b = BUF_INIT, armored = BUF_INIT;
	struct cert_set set = {0};
	const struct cert *full, *quick;

	(void)state;
	pgpmake_cert(&b, &c);
	pgpmake_armor(&armored, &b);
	assert_int_equal(cert_set_read(&set, b.data, b.len, "key", NOW, NULL), 1);
	full = set.certs[0];
	for (int i = 0; i < 2; i++) {
		forget(NULL);
		assert_int_equal(read_as(i ? &armored : &b, true), 0);
		quick = by(rsa);
		assert_non_null(quick);
		assert_int_equal(quick->state, full->state);
		assert_int_equal(quick->bits, full->bits);
		assert_int_equal(quick->created, full->created);
		assert_int_equal(quick->expires, full->expires);
		assert_memory_equal(quick->key_id, full->key_id, 8);
		makes_the_same_list(full, quick);
	}
	cert_set_done(&set);
	buf_free(&b);
	buf_free(&armored);
}

static void only_what_raises_no_question(void **state)
{
	struct pgpmake_cert good = {.primary = rsa, .uid = "Vendor", .flags = 3}, c;

	(void)state;
	assert_true(is_plain(&good));
	c = good, c.flags = 0;
	assert_true(is_plain(&c));
	c = good, c.hash = PGPMAKE_SHA512;
	assert_true(is_plain(&c));
	c = good, c.hash = PGPMAKE_SHA1;
	assert_true(is_plain(&c));
	c = good, c.flags = 1;
	assert_false(is_plain(&c));
	c = good, c.revoke = true;
	assert_false(is_plain(&c));
	c = good, c.expires_after = NOW - T0 - 1;
	assert_false(is_plain(&c));
	c = good, c.critical_notation = true;
	assert_false(is_plain(&c));
	c = good, c.hash = PGPMAKE_MD5;
	assert_false(is_plain(&c));
	c = good, c.primary = weak;
	assert_false(is_plain(&c));
	c = good, c.primary = p256;
	assert_false(is_plain(&c));
}

/* Nothing is verified: of a forged self-signature the kernel decides, which has no such key. */
static void not_whether_it_is_true(void **state)
{
	const struct pgpmake_cert c = {
		.primary = rsa, .uid = "Vendor", .flags = 3, .damage_self_sig = true};

	(void)state;
	assert_true(is_plain(&c));
}

static void subkeys_are_seen_but_not_taken(void **state)
{
	struct pgpmake_cert c = {.primary = rsa,
				 .uid = "Vendor",
				 .flags = 3,
				 .subkey = sub,
				 .sub_flags = 2,
				 .sub_revoke = true};
	const struct pgpmake_cert same = {.primary = sub, .uid = "Sub", .flags = 3};

	(void)state;
	assert_true(is_plain(&c));
	add(&same, true);
	assert_null(by(sub));
	assert_non_null(by(rsa));
	c.subkey = p256;
	assert_false(is_plain(&c));
}

static void a_second_copy_raises_a_question(void **state)
{
	const struct pgpmake_cert good = {.primary = rsa, .uid = "Vendor", .flags = 3};
	const struct pgpmake_cert revoked = {
		.primary = rsa, .uid = "Vendor", .flags = 3, .revoke = true};
	const struct pgpmake_cert stranger = {.primary = other, .uid = "Other", .flags = 3};

	(void)state;
	add(&good, true);
	add(&stranger, true);
	assert_true(by(rsa) && by(other));
	add(&revoked, true);
	assert_true(!by(rsa) && by(other));
	/* Nor if it lies among the owner's keys. */
	forget(NULL);
	add(&good, true);
	add(&revoked, false);
	assert_int_equal(found.n, 0);
	forget(NULL);
	add(&good, false);
	assert_int_equal(found.n, 0);
}

/* What is odd in one key of a file is a reason not to take the others either. */
static void a_file_is_taken_as_a_whole(void **state)
{
	const struct pgpmake_cert good = {.primary = rsa, .uid = "Vendor", .flags = 3};
	const struct pgpmake_cert odd = {.primary = p256, .uid = "Vendor", .flags = 3};
	const struct pgpmake_cert stranger = {.primary = other, .uid = "Other", .flags = 3};
	struct buf b = BUF_INIT;

	(void)state;
	pgpmake_cert(&b, &good);
	pgpmake_cert(&b, &stranger);
	assert_int_equal(read_as(&b, true), 0);
	assert_int_equal(found.n, 2);
	pgpmake_cert(&b, &odd);
	forget(NULL);
	assert_int_equal(read_as(&b, true), 0);
	assert_int_equal(found.n, 0);
	add(&good, true);
	assert_int_equal(found.n, 0);
	/* Damaged: who knows whose revocation was in it. */
	forget(NULL);
	b.len--;
	assert_true(read_as(&b, true) < 0);
	assert_int_equal(found.n, 0);
	buf_free(&b);
}

/* Appends what stands behind the primary key of a certificate. */
static void add_rest(struct buf *to, const struct pgpmake_cert *c)
{
	struct buf b = BUF_INIT;
	struct core_pgp_packet p = {0};
	struct core_view v;
	struct core_err ce;

	pgpmake_cert(&b, c);
	v = (struct core_view){b.data, 0, (uint32_t)b.len};
	assert_int_equal(core_pgp_packet(&v, 0, &p, &ce), 1);
	buf_add(to, b.data + p.next, b.len - p.next);
	buf_free(&b);
}

static void the_earliest_expiry_counts(void **state)
{
	struct pgpmake_cert c = {
		.primary = rsa, .uid = "Vendor", .flags = 3, .expires_after = NOW - T0 + DAY};
	struct buf b = BUF_INIT;

	(void)state;
	pgpmake_cert(&b, &c);
	c.time = T0 + DAY;
	c.expires_after = NOW - T0 + 9 * DAY;
	add_rest(&b, &c);
	c.time = T0 + 2 * DAY;
	c.expires_after = 0;
	add_rest(&b, &c);
	assert_int_equal(read_as(&b, true), 0);
	assert_non_null(by(rsa));
	assert_int_equal(by(rsa)->expires, NOW + DAY);
	/* Packets before the first key, and keys without a word of their own. */
	forget(NULL);
	b.len = 0;
	add_rest(&b, &c);
	c.primary = other;
	pgpmake_cert(&b, &c);
	assert_int_equal(read_as(&b, true), 0);
	assert_int_equal(found.n, 0);
	forget(NULL);
	b.len = 0;
	pgpmake_packet(&b, 6, rsa->body.data, rsa->body.len);
	assert_int_equal(read_as(&b, true), 0);
	assert_int_equal(found.n, 0);
	buf_free(&b);
}

static void without_sha1_nothing_is_known(void **state)
{
	const struct pgpmake_cert good = {.primary = rsa, .uid = "Vendor", .flags = 3};
	struct buf b = BUF_INIT;

	(void)state;
	pgpmake_cert(&b, &good);
	assert_true(pgpplain_read(&plain, b.data, b.len, "key", true, NOW, no_sha1, NULL) < 0);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(as_the_full_reader_has_it, forget),
		cmocka_unit_test_teardown(only_what_raises_no_question, forget),
		cmocka_unit_test_teardown(not_whether_it_is_true, forget),
		cmocka_unit_test_teardown(subkeys_are_seen_but_not_taken, forget),
		cmocka_unit_test_teardown(a_second_copy_raises_a_question, forget),
		cmocka_unit_test_teardown(a_file_is_taken_as_a_whole, forget),
		cmocka_unit_test_teardown(the_earliest_expiry_counts, forget),
		cmocka_unit_test_teardown(without_sha1_nothing_is_known, forget),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
