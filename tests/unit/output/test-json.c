/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../lib/output/json.h"

/* Takes @j. */
static void check(struct jsonw *j, const char *want)
{
	char *got = jsonw_text(j, false);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
	jsonw_free(j);
}

static void test_nesting(void **state)
{
	struct jsonw *j = jsonw_new(false);

	(void)state;
	jsonw_num(j, "n", UINT64_MAX);
	jsonw_int(j, "i", -5);
	jsonw_array(j, "a");
	jsonw_str(j, NULL, "x");
	jsonw_object(j, NULL);
	jsonw_bool(j, "b", true);
	jsonw_end(j);
	jsonw_end(j);
	jsonw_str(j, "none", NULL);
	jsonw_hex(j, "h", "\x00\xff", 2);
	check(j, "{\"n\":18446744073709551615,\"i\":-5,\"a\":[\"x\",{\"b\":true}],\"none\":null,"
		 "\"h\":\"00ff\"}");
}

static void test_bytes_that_are_not_utf8_are_kept_beside(void **state)
{
	struct jsonw *j = jsonw_new(false);

	(void)state;
	jsonw_str(j, "path", "/a\xff\xc3\xb6");
	check(j, "{\"path\":\"/a\xef\xbf\xbd\xc3\xb6\",\"path_bytes\":\"2f61ffc3b6\"}");
}

static void test_terminal_controls_are_escaped(void **state)
{
	struct jsonw *j = jsonw_new(true);

	(void)state;
	jsonw_str(j, NULL, "\033\x7f\xc2\x9b\xe2\x80\xae/\"\\");
	jsonw_str(j, NULL, "\xf3\xa0\x80\x81");
	jsonw_str(j, NULL, "x\xff\xe2\x80\xae");
	check(j, "[\"\\u001b\\u007f\\u009b\\u202e/\\\"\\\\\",\"\xf3\xa0\x80\x81\","
		 "\"x\xef\xbf\xbd\\u202e\"]");
}

static void test_depth_is_bounded_and_sticks(void **state)
{
	struct jsonw *j = jsonw_new(true);

	(void)state;
	for (int i = 0; i < JSON_DEPTH + 3; i++)
		jsonw_array(j, NULL);
	for (int i = 0; i < JSON_DEPTH + 3; i++)
		jsonw_end(j);
	jsonw_num(j, NULL, 1);
	assert_null(jsonw_text(j, false));
	jsonw_free(j);
}

static void test_one_end_too_many_is_an_error(void **state)
{
	struct jsonw *j = jsonw_new(false);

	(void)state;
	jsonw_end(j);
	assert_null(jsonw_text(j, false));
	jsonw_free(j);
}

static void test_reading(void **state)
{
	const char text[] = "{\"s\":\"x\\u001by\",\"n\":18446744073709551615,\"b\":true,\"l\":[]}";
	struct jsonr *j = jsonr_parse(text, strlen(text));

	(void)state;
	assert_non_null(j);
	assert_string_equal(jsonr_str(j, "s"), "x\033y");
	assert_true(jsonr_num(j, "n") == UINT64_MAX);
	assert_true(jsonr_bool(j, "b"));
	assert_true(jsonr_has(j, "l"));
	assert_null(jsonr_str(j, "n"));
	assert_int_equal(jsonr_num(j, "s"), 0);
	assert_false(jsonr_has(j, "absent"));
	assert_int_equal(jsonr_kind(j, "absent"), JSONR_ABSENT);
	assert_int_equal(jsonr_kind(j, "s"), JSONR_STRING);
	assert_int_equal(jsonr_kind(j, "n"), JSONR_NUMBER);
	assert_int_equal(jsonr_kind(j, "b"), JSONR_BOOL);
	assert_int_equal(jsonr_kind(j, "l"), JSONR_ARRAY);
	jsonr_free(j);
}

static void test_what_is_no_object_is_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{", "{\"a\":1", "{\"a\":1}x", "nonsense", "7"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_null(jsonr_parse(bad[i], strlen(bad[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_bytes_that_are_not_utf8_are_kept_beside),
		cmocka_unit_test(test_terminal_controls_are_escaped),
		cmocka_unit_test(test_depth_is_bounded_and_sticks),
		cmocka_unit_test(test_one_end_too_many_is_an_error),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_what_is_no_object_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
