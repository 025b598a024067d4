// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/crypto/armor.h"
#include "../../../lib/crypto/der.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END   "-----END PGP PUBLIC KEY BLOCK-----\n"

static int decode(const char *text, struct buf *b, struct err *e)
{
	buf_free(b);
	return armor_decode(text, strlen(text), "file", b, e);
}

static void good_armour(void **state)
{
	struct buf b = BUF_INIT;
	struct err e;

	assert_int_equal(decode(BEGIN "\nSGVsbG8gd29ybGQ=\n" END, &b, &e), 0);
	assert_int_equal(b.len, 11);
	assert_memory_equal(b.data, "Hello world", 11);
	/* Text around it, header lines, CR LF, checksum, two blocks. */
	assert_int_equal(decode("A key:\n" BEGIN
				"Version: x\nComment: y\n\nSGVs\r\nbG8=\r\n=rPzq\n" END
				"between\n" BEGIN "\nIQ==\n" END "after",
				&b, &e),
			 -EINVAL);
	assert_non_null(strstr(e.text, "checksum does not match"));
	assert_int_equal(decode("A key:\n" BEGIN "Version: x\n\nSGVs\r\nbG8=\r\n" END
				"between\n" BEGIN "\nIQ==\n" END "after",
				&b, &e),
			 0);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "Hello!", 6);
	buf_free(&b);
}

static void bad_armour(void **state)
{
	static const char *const bad[] = {
		"",
		"no armour",
		BEGIN "\nSGVsbG8=\n",	      /* no end */
		BEGIN "\nSGVsbG8\n" END,      /* no padding */
		BEGIN "\nSGVs*G8=\n" END,     /* foreign character */
		BEGIN "\nSGVsbG8=SGVs\n" END, /* something behind the padding */
		BEGIN "\nSGVsbG=8\n" END,     /* padding inside */
		BEGIN "\n=\n" END,
		BEGIN "\n=rPzq\n" END, /* checksum of nothing */
		("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nSGVs\n"
		 "-----END PGP PRIVATE KEY BLOCK-----\n"),
	};
	struct buf b = BUF_INIT;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(decode(bad[i], &b, &e), -EINVAL);
	buf_free(&b);
	assert_int_equal(armor_base64("SGVs\nbG8=", 9, &b, &e), 0);
	assert_int_equal(b.len, 5);
	assert_int_equal(armor_base64("SGVs\0", 5, &b, &e), -EINVAL);
	buf_free(&b);
}

/* Lengths of one to four bytes, and numbers in their shortest form. */
static void der_round_trip(void **state)
{
	static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
	struct der content, whole;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf b = BUF_INIT;
		size_t mark = der_begin(&b, DER_SEQUENCE);
		struct der d;

		memset(buf_reserve(&b, sizes[i]), 7, sizes[i]);
		der_end(&b, mark);
		d = (struct der){b.data, b.len};
		assert_int_equal(der_next(&d, &content, &whole), DER_SEQUENCE);
		assert_int_equal(content.len, sizes[i]);
		assert_int_equal(whole.len, b.len);
		assert_int_equal(d.len, 0);
		d = (struct der){b.data, b.len - 1};
		assert_int_equal(der_next(&d, &content, &whole), -1);
		buf_free(&b);
	}
}

static void der_numbers(void **state)
{
	struct buf b = BUF_INIT;

	der_put_uint(&b, "\x00\x00\x80", 3);
	der_put_uint(&b, "\x7f", 1);
	der_put_uint(&b, "\x00", 1);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "\x02\x02\x00\x80\x02\x01\x7f\x02\x01\x00", 10);
	buf_free(&b);
}

static void der_is_strict(void **state)
{
	static const struct {
		const char *p;
		size_t len;
	} bad[] = {
		{"\x30", 1},		     /* no length */
		{"\x30\x80\0\0", 4},	     /* indefinite */
		{"\x30\x81\x01\x00", 4},     /* not the shortest */
		{"\x30\x82\x00\x81", 4},     /* not the shortest */
		{"\x30\x85\1\0\0\0\0\0", 8}, /* too long */
		{"\x1f\x01\x00", 3},	     /* long tag */
		{"\x30\x05\x00", 3},	     /* cut */
	};
	struct der content;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct der d = {(const uint8_t *)bad[i].p, bad[i].len};

		assert_int_equal(der_next(&d, &content, NULL), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_armour),	  cmocka_unit_test(bad_armour),
		cmocka_unit_test(der_round_trip), cmocka_unit_test(der_numbers),
		cmocka_unit_test(der_is_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
