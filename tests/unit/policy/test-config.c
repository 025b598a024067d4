/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../abi/limits.h"
#include "../../../lib/policy/config.h"

static int read_text(const char *text, struct config *c, struct err *e)
{
	char path[] = "/tmp/diglim-conf-XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	r = config_read(path, c, e);
	unlink(path);
	return r;
}

static void test_an_absent_file_means_the_defaults(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(config_read("/nonexistent/diglim.conf", &c, NULL), 0);
	assert_int_equal(c.mode, DIGLIM_MODE_AUDIT);
	assert_int_equal(c.headroom, 50);
	assert_int_equal(c.max_lists, 0);
	assert_int_equal(c.ingest_buffer, DIGLIM_INGEST_DEFAULT);
	assert_int_equal(c.ring, 1 << 20);
	assert_int_equal(c.flags, 0);
	assert_string_equal(c.sign_key, "");
	assert_int_equal(c.start, CONFIG_START_NO);
	assert_false(c.stop_on_failure);
	assert_false(c.seal);
}

static void test_every_key_is_read(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(read_text("# comment\n[mode]\ndefault = enforce\n"
				   "[store]\nheadroom = 0%\nmax-lists = 7\n"
				   "[ingest]\nbuffer = 4M\n[events]\nring = 64K\nspool = 1M\n"
				   "[policy]\nimmutable = yes\n"
				   "[hash]\nlimit = 2G\n[filesystems]\nstrict = yes\n"
				   "[sign]\nkey = pkcs11:token=a;object=b\ncert = /c\n"
				   "provider = tpm2\n[boot]\nstart = early\n"
				   "on-failure = stop\nseal = yes\n",
				   &c, NULL),
			 0);
	assert_int_equal(c.mode, DIGLIM_MODE_ENFORCE);
	assert_int_equal(c.headroom, 0);
	assert_int_equal(c.max_lists, 7);
	assert_int_equal(c.ingest_buffer, DIGLIM_INGEST_MAX);
	assert_int_equal(c.ring, 65536);
	assert_int_equal(c.spool, 1 << 20);
	assert_true(c.hash_limit == 2ULL << 30);
	assert_true(c.flags & DIGLIM_CONTROL_STRICT_FS);
	assert_true(c.flags & DIGLIM_CONTROL_IMMUTABLE);
	assert_string_equal(c.sign_key, "pkcs11:token=a;object=b");
	assert_string_equal(c.sign_cert, "/c");
	assert_string_equal(c.sign_provider, "tpm2");
	assert_int_equal(c.start, CONFIG_START_EARLY);
	assert_true(c.stop_on_failure);
	assert_true(c.seal);
}

static void expect_error(const char *text, const char *want)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(read_text(text, &c, &e), -EINVAL);
	if (!strstr(e.text, want))
		fail_msg("'%s' does not contain '%s'", e.text, want);
}

static void test_mistakes_are_named_with_their_line(void **state)
{
	(void)state;
	expect_error("[mode]\ndefault = audit\n\ncolour = red\n",
		     ":4: unknown key colour in [mode]");
	expect_error("[mood]\ndefault = audit\n", ":2: unknown section [mood]");
	expect_error("default = audit\n", ":1: default stands before the first [section]");
	expect_error("[mode]\ndefault = audit\ndefault = off\n", ":3: default is given twice");
	expect_error("[mode]\ndefault = on\n", ":2: default = on: must be off, audit or enforce");
	expect_error("[mode]\nnonsense\n[what]\nx=1\n", ":2: neither [section] nor key = value");
	expect_error("[what]\nx=1\n[mode]\nnonsense\n", ":2: unknown section [what]");
}

static void test_values_out_of_bounds_are_refused(void **state)
{
	(void)state;
	expect_error("[store]\nheadroom = 50\n", "percentage");
	expect_error("[store]\nheadroom = -1%\n", "percentage");
	expect_error("[store]\nheadroom = 1001%\n", "percentage");
	expect_error("[store]\nmax-lists = 0\n", "1 to 1048576");
	expect_error("[ingest]\nbuffer = 63K\n", "64K to 4M");
	expect_error("[ingest]\nbuffer = 5M\n", "64K to 4M");
	expect_error("[ingest]\nbuffer = 99999999999999999999\n", "64K to 4M");
	expect_error("[ingest]\nbuffer = 17179869184G\n", "64K to 4M");
	expect_error("[events]\nring = 100000\n", "power of two");
	expect_error("[filesystems]\nstrict = maybe\n", "yes or no");
	expect_error("[sign]\nkey =\n", "not empty");
}

/* inih would read the rest of a long line as a line of its own. */
static void test_an_overlong_line_is_refused(void **state)
{
	char text[600] = "[sign]\nkey = ";

	(void)state;
	memset(text + strlen(text), 'a', 250);
	strcat(text, "\ncert = x\n");
	expect_error(text, ":2: line longer than 198 characters");
}

static void test_sizes_and_spans(void **state)
{
	static const char *const bad[] = {"", "K", "1KB", "1k", "-1", " 1", "1 ", "0x10", "1.5M"};
	uint64_t v;

	(void)state;
	assert_int_equal(config_size_parse("3M", &v), 0);
	assert_true(v == 3 << 20);
	assert_int_equal(config_span_parse("15m", &v), 0);
	assert_true(v == 900);
	assert_int_equal(config_span_parse("90", &v), 0);
	assert_true(v == 90);
	assert_int_equal(config_span_parse("0s", &v), -EINVAL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(config_size_parse(bad[i], &v), -EINVAL);
		assert_int_equal(config_span_parse(bad[i], &v), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_absent_file_means_the_defaults),
		cmocka_unit_test(test_every_key_is_read),
		cmocka_unit_test(test_mistakes_are_named_with_their_line),
		cmocka_unit_test(test_values_out_of_bounds_are_refused),
		cmocka_unit_test(test_an_overlong_line_is_refused),
		cmocka_unit_test(test_sizes_and_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
