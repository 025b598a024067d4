// SPDX-License-Identifier: LGPL-2.1-or-later
/* core/openpgp.h by itself, on hand-written bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../core/openpgp.h"

#define view(bytes) ((struct core_view){(const uint8_t *)(bytes), 0, sizeof(bytes) - 1})

static void packet_headers(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		uint32_t tag, body, size;
	} good[] = {
		{"\x99\x00\x02xy", 5, 6, 3, 2},		/* old, two bytes of length */
		{"\x88\x02xy", 4, 2, 2, 2},		/* old, one */
		{"\x9a\x00\x00\x00\x02xy", 7, 6, 5, 2}, /* old, four */
		{"\xc2\x02xy", 4, 2, 2, 2},		/* new, one */
		{"\xcd\xff\x00\x00\x00\x02xy", 8, 13, 6, 2},
		{"\xcd\x00", 2, 13, 2, 0},
	};
	struct core_pgp_packet p;
	struct core_err e;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct core_view v = {(const uint8_t *)good[i].p, 0, (uint32_t)good[i].len};

		assert_int_equal(core_pgp_packet(&v, 0, &p, &e), 1);
		assert_int_equal(p.tag, good[i].tag);
		assert_int_equal(p.body, good[i].body);
		assert_int_equal(p.len, good[i].size);
		assert_int_equal(core_pgp_packet(&v, p.next, &p, &e), 0);
	}
}

static void two_byte_length(void **state)
{
	uint8_t b[2 + 1 + 8383] = {0xcd, 0xc0, 0x00};
	struct core_view v = {b, 0, 3 + 192};
	struct core_pgp_packet p;
	struct core_err e;

	assert_int_equal(core_pgp_packet(&v, 0, &p, &e), 1);
	assert_int_equal(p.len, 192);
	b[1] = 0xdf;
	b[2] = 0xff;
	v.len = sizeof(b);
	assert_int_equal(core_pgp_packet(&v, 0, &p, &e), 1);
	assert_int_equal(p.len, 8383);
	v.len--;
	assert_int_equal(core_pgp_packet(&v, 0, &p, &e), -1);
	assert_int_equal(e.code, DIGLIM_E_TRUNCATED);
}

static void bad_packet_headers(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		uint32_t code;
	} bad[] = {
		{"\x19\x00", 2, DIGLIM_E_FORMAT},  /* not a packet */
		{"\xc0\x00", 2, DIGLIM_E_FORMAT},  /* reserved tag */
		{"\x9b\x00", 2, DIGLIM_E_VALUE},   /* up to the end of the file */
		{"\xc2\xe0xy", 4, DIGLIM_E_VALUE}, /* in pieces */
		{"\xc2\xfexy", 4, DIGLIM_E_VALUE},
		{"\xc2", 1, DIGLIM_E_TRUNCATED},
		{"\xc2\xc0", 2, DIGLIM_E_TRUNCATED},
		{"\xc2\xff\xff\xff\xff", 5, DIGLIM_E_TRUNCATED},
		{"\xc2\xff\xff\xff\xff\xff", 6, DIGLIM_E_TRUNCATED},
		{"\x9a\xff\xff\xff\xff", 5, DIGLIM_E_TRUNCATED},
		{"\x99\x00", 2, DIGLIM_E_TRUNCATED},
	};
	struct core_pgp_packet p;
	struct core_err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct core_view v = {(const uint8_t *)bad[i].p, 0, (uint32_t)bad[i].len};

		assert_int_equal(core_pgp_packet(&v, 0, &p, &e), -1);
		assert_int_equal(e.code, bad[i].code);
	}
}

static void numbers(void **state)
{
	struct core_view v = view("\x00\x09\x01\xff"
				  "\x00\x10\x00\x05"
				  "\x00\x00"
				  "\x00\x08\x00");
	struct core_pgp_mpi m;
	struct core_err e;
	uint32_t off = 0;

	assert_int_equal(core_pgp_mpi(&v, &off, &m, &e), 0);
	assert_int_equal(m.bits, 9);
	assert_int_equal(m.len, 2);
	assert_int_equal(core_pgp_mpi(&v, &off, &m, &e), 0); /* leading zeros go */
	assert_int_equal(m.bits, 3);
	assert_int_equal(m.off, 7);
	assert_int_equal(m.len, 1);
	assert_int_equal(core_pgp_mpi(&v, &off, &m, &e), 0);
	assert_int_equal(m.len, 0);
	assert_int_equal(core_pgp_mpi(&v, &off, &m, &e), 0);
	assert_int_equal(m.bits, 0);
	assert_int_equal(off, v.len);
	assert_int_equal(core_pgp_mpi(&v, &off, &m, &e), -1);
	v = view("\x00\x11\x01\x02");
	off = 0;
	assert_int_equal(core_pgp_mpi(&v, &off, &m, &e), -1);
	assert_int_equal(e.code, DIGLIM_E_TRUNCATED);
}

static void signature_v3(void **state)
{
	struct core_view v = view("\x03\x05\x00\x12\x34\x56\x78"
				  "KEYIDKEY"
				  "\x01\x08\xaa\xbb"
				  "\x00\x01\x01");
	struct core_pgp_sig s;
	struct core_err e;

	assert_int_equal(core_pgp_sig(&v, &s, &e), 0);
	assert_int_equal(s.version, 3);
	assert_int_equal(s.created, 0x12345678);
	assert_int_equal(s.head, 2);
	assert_int_equal(s.head_len, 5);
	assert_int_equal(s.mpis, 19);
	v.len = 18;
	assert_int_equal(core_pgp_sig(&v, &s, &e), -1);
	v = view("\x03\x06\x00\x12\x34\x56\x78"
		 "KEYIDKEY"
		 "\x01\x08\xaa\xbb");
	assert_int_equal(core_pgp_sig(&v, &s, &e), -1);
	assert_int_equal(e.off, 1);
}

static void signature_v4(void **state)
{
	/* hashed: time, critical expiry, key flags; unhashed: issuer, and a time that counts not */
	struct core_view v = view("\x04\x00\x01\x08"
				  "\x00\x0f"
				  "\x05\x02\x11\x22\x33\x44"
				  "\x05\x83\x00\x00\x00\x09"
				  "\x02\x1b\x03"
				  "\x00\x10"
				  "\x09\x10"
				  "KEYIDKEY"
				  "\x05\x02\x99\x99\x99\x99"
				  "\xaa\xbb"
				  "\x00\x01\x01");
	struct core_pgp_sig s;
	struct core_err e;

	assert_int_equal(core_pgp_sig(&v, &s, &e), 0);
	assert_int_equal(s.created, 0x11223344);
	assert_int_equal(s.expires_after, 9);
	assert_int_equal(s.key_flags, 3);
	assert_false(s.unknown_critical);
	assert_int_equal(s.head_len, 6 + 15);
	assert_int_equal(s.key_id_len, 8);
	assert_memory_equal(v.data + s.key_id, "KEYIDKEY", 8);
	for (uint32_t len = 0; len < 6 + 15 + 2 + 16 + 2; len++) {
		v.len = len;
		assert_int_equal(core_pgp_sig(&v, &s, &e), -1);
	}
}

static void bad_subpackets(void **state)
{
	static const struct {
		const char *p;
		size_t len;
	} bad[] = {
		{"\x00", 1},		     /* no room for the type */
		{"\x05\x02\x00\x00\x00", 5}, /* reaches out of the area */
		{"\x04\x02\x00\x00\x00", 5}, /* time of three bytes */
		{"\x08\x10"
		 "KEYIDKE",
		 9},		 /* key id of seven */
		{"\x01\x1d", 2}, /* reason without a reason */
		{"\xff\xff\xff\xff\xff\x02", 6},
		{"\x03\x21\x04\x00", 4}, /* fingerprint of one byte */
	};
	uint8_t b[64] = {4, 0, 1, 8, 0};
	struct core_pgp_sig s;
	struct core_err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct core_view v = {b, 0, sizeof(b)};

		memset(b + 6, 0, sizeof(b) - 6);
		b[5] = (uint8_t)bad[i].len;
		memcpy(b + 6, bad[i].p, bad[i].len);
		assert_int_equal(core_pgp_sig(&v, &s, &e), -1);
	}
}

static void unknown_critical(void **state)
{
	struct core_view v = view("\x04\x00\x01\x08"
				  "\x00\x02"
				  "\x01\xe4"
				  "\x00\x00"
				  "\xaa\xbb");
	struct core_pgp_sig s;
	struct core_err e;

	assert_int_equal(core_pgp_sig(&v, &s, &e), 0);
	assert_true(s.unknown_critical);
	v = view("\x04\x00\x01\x08"
		 "\x00\x02"
		 "\x01\x64"
		 "\x00\x00"
		 "\xaa\xbb");
	assert_int_equal(core_pgp_sig(&v, &s, &e), 0);
	assert_false(s.unknown_critical);
	v = view("\x04\x00\x01\x08"
		 "\x00\x02"
		 "\x01\x95"
		 "\x00\x00"
		 "\xaa\xbb"); /* preferences */
	assert_int_equal(core_pgp_sig(&v, &s, &e), 0);
	assert_false(s.unknown_critical);
}

static void keys(void **state)
{
	struct core_view v = view("\x04\x11\x22\x33\x44\x01\x00\x01\x01");
	struct core_pgp_key k;
	struct core_err e;

	assert_int_equal(core_pgp_key(&v, &k, &e), 0);
	assert_int_equal(k.version, 4);
	assert_int_equal(k.created, 0x11223344);
	assert_int_equal(k.pk_algo, 1);
	assert_int_equal(k.material, 6);
	v = view("\x03\x11\x22\x33\x44\x00\x00\x01\x00\x01\x01");
	assert_int_equal(core_pgp_key(&v, &k, &e), 0);
	assert_int_equal(k.material, 8);
	v = view("\x06\x11\x22\x33\x44\x1b\x00\x00\x00\x00");
	assert_int_equal(core_pgp_key(&v, &k, &e), 0);
	assert_int_equal(k.material, 10);
	v.len = 9;
	assert_int_equal(core_pgp_key(&v, &k, &e), -1);
	v = view("\x02\x11\x22\x33\x44\x01");
	assert_int_equal(core_pgp_key(&v, &k, &e), 0);
	assert_int_equal(k.version, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_headers),
		cmocka_unit_test(two_byte_length),
		cmocka_unit_test(bad_packet_headers),
		cmocka_unit_test(numbers),
		cmocka_unit_test(signature_v3),
		cmocka_unit_test(signature_v4),
		cmocka_unit_test(bad_subpackets),
		cmocka_unit_test(unknown_critical),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
