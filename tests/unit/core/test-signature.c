// SPDX-License-Identifier: GPL-2.0-only
/* PKCS#7 and the OpenPGP trailer. */
#include "walk.h"
#include "../../data/build-sig.h"

static struct walk w;
static struct build o;

static void good(const char *name)
{
	walk_file(&w, name);
	if (walk_run(&w, name))
		fail_msg("%s: error %u at %u", name, w.e.code, w.e.off);
}

static void trailer_is(const char *name, __u32 version, __u32 hash, __u32 pk, __u32 time)
{
	good(name);
	assert_int_equal(w.trailer.version, version);
	assert_int_equal(w.trailer.hash, hash);
	assert_int_equal(w.trailer.pk, pk);
	assert_int_equal(w.trailer.time, time);
	walk_free(&w);
}

static void test_trailer(void **state)
{
	(void)state;
	trailer_is("good-v3.trailer", 3, CORE_HASH_UNKNOWN, 0, BUILD_TIME);
	trailer_is("good-v4-hash-8.trailer", 4, CORE_HASH_SHA256, 1, BUILD_TIME);
	trailer_is("good-v4-hash-9.trailer", 4, CORE_HASH_SHA384, 1, BUILD_TIME);
	trailer_is("good-v4-hash-10.trailer", 4, CORE_HASH_SHA512, 1, BUILD_TIME);
	trailer_is("good-v4-time-only.trailer", 4, CORE_HASH_SHA256, 1, 0x01020304);
	trailer_is("good-v4-no-subpackets.trailer", 4, CORE_HASH_SHA256, 1, 0);
	trailer_is("good-v4-long-subpackets.trailer", 4, CORE_HASH_SHA256, 1, 0);
}

/* Only the types of OpenPGP hash that may be accepted, of all 256. */
static void test_trailer_hashes(void **state)
{
	(void)state;
	for (unsigned int h = 0; h < 256; h++) {
		int ok = h >= 8 && h <= 10;

		o.len = 0;
		build_trailer_v4(&o, (uint8_t)h);
		walk_bytes(&w, o.b, o.len);
		assert_int_equal(core_sigtrailer_open(&w.v, 0, &w.trailer, &w.e), ok ? 0 : -1);
		if (!ok)
			assert_int_equal(w.e.code, DIGLIM_E_SIG_HASH);
		walk_free(&w);
	}
}

/* Behind something else, as in a payload. */
static void test_trailer_offset(void **state)
{
	(void)state;
	o.len = 0;
	build_be(&o, 0x1122334455667788, 8);
	build_trailer_v4(&o, 9);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_sigtrailer_open(&w.v, 8, &w.trailer, &w.e), 0);
	assert_int_equal(w.trailer.time, BUILD_TIME);
	assert_int_equal(core_sigtrailer_open(&w.v, (__u32)o.len, &w.trailer, &w.e), -1);
	assert_int_equal(core_sigtrailer_open(&w.v, (__u32)o.len + 1, &w.trailer, &w.e), -1);
	walk_free(&w);
}

static void pkcs7_is(const char *name, __u32 hash, __u32 pk, __u32 serial, __u32 sig)
{
	const __u8 *issuer;

	good(name);
	assert_int_equal(w.pkcs7.hash, hash);
	assert_int_equal(w.pkcs7.pk, pk);
	assert_int_equal(w.pkcs7.serial_len, serial);
	for (__u32 i = 0; i < serial; i++)
		assert_int_equal(w.v.data[w.pkcs7.serial_off + i], 0x5a);
	issuer = w.v.data + w.pkcs7.issuer_off;
	assert_int_equal(w.pkcs7.issuer_len, BUILD_ISSUER_LEN);
	assert_memory_equal(issuer, BUILD_ISSUER, BUILD_ISSUER_LEN);
	assert_int_equal(w.pkcs7.sig_len, sig);
	assert_int_equal(w.v.data[w.pkcs7.sig_off + 1], 1);
	assert_int_equal(w.pkcs7.sig_off + sig, w.v.len);
	walk_free(&w);
}

static void test_pkcs7(void **state)
{
	(void)state;
	pkcs7_is("good-rsa-sha256.p7", CORE_HASH_SHA256, CORE_PK_RSA, 8, 256);
	pkcs7_is("good-rsa-sha384-rsa4096.p7", CORE_HASH_SHA384, CORE_PK_RSA, 8, 512);
	pkcs7_is("good-rsa-sha512-no-parameters.p7", CORE_HASH_SHA512, CORE_PK_RSA, 8, 256);
	pkcs7_is("good-ecdsa-sha256.p7", CORE_HASH_SHA256, CORE_PK_ECDSA, 8, 71);
	pkcs7_is("good-ecdsa-sha384.p7", CORE_HASH_SHA384, CORE_PK_ECDSA, 8, 103);
	pkcs7_is("good-serial-21-bytes.p7", CORE_HASH_SHA256, CORE_PK_RSA, 21, 256);
}

/* Every length from the short to the three-byte form, also where the form changes. */
static void test_pkcs7_lengths(void **state)
{
	struct build_sig s = {.hash = 1};

	(void)state;
	for (s.sig = 2; s.sig < 700; s.sig++) {
		build_pkcs7(&o, &s);
		walk_bytes(&w, o.b, o.len);
		if (core_pkcs7_open(&w.v, &w.pkcs7, &w.e))
			fail_msg("%zu bytes: error %u at %u", s.sig, w.e.code, w.e.off);
		assert_int_equal(w.pkcs7.sig_len, s.sig);
		walk_free(&w);
	}
}

/*
 * Any changed bit before the signature's own bytes is refused, unless it lies in what is only
 * compared: the names of the issuer, serial number; or makes one accepted algorithm of another,
 * which the caller sees.
 */
static void test_pkcs7_bits(void **state)
{
	struct build_sig s = {.hash = 1};
	struct core_pkcs7 want;
	__u32 head;

	(void)state;
	build_pkcs7(&o, &s);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_pkcs7_open(&w.v, &w.pkcs7, &w.e), 0);
	want = w.pkcs7;
	head = want.sig_off;
	walk_free(&w);
	for (__u32 bit = 0; bit < 8 * head; bit++) {
		__u32 at = bit / 8;
		int opaque =
			(at >= want.issuer_off + 2 && at < want.issuer_off + want.issuer_len) ||
			(at >= want.serial_off && at < want.serial_off + want.serial_len);

		build_pkcs7(&o, &s);
		o.b[at] ^= (uint8_t)(1 << bit % 8);
		walk_bytes(&w, o.b, o.len);
		if ((core_pkcs7_open(&w.v, &w.pkcs7, &w.e) == 0) != opaque)
			fail_msg("bit %u of byte %u", bit % 8, at);
		walk_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trailer),	       cmocka_unit_test(test_trailer_hashes),
		cmocka_unit_test(test_trailer_offset), cmocka_unit_test(test_pkcs7),
		cmocka_unit_test(test_pkcs7_lengths),  cmocka_unit_test(test_pkcs7_bits),
	};

	return cmocka_run_group_tests_name("core: signature", tests, NULL, NULL);
}
