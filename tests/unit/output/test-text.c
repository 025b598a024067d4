/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../lib/output/progress.h"
#include "../../../lib/output/text.h"

static void check_safe(const char *in, const char *want)
{
	char *got = text_safe(in);

	assert_string_equal(got, want);
	free(got);
}

static void test_control_characters_are_escaped(void **state)
{
	(void)state;
	check_safe("a\033[31mb", "a\\x1b[31mb");
	check_safe("one\ntwo", "one\\x0atwo");
	check_safe("\x7f", "\\x7f");
	check_safe("\xc2\x9b", "\\xc2\\x9b");	       /* CSI as one C1 character */
	check_safe("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
	check_safe("\xff\xfe", "\\xff\\xfe");
	check_safe("\xc0\xaf", "\\xc0\\xaf"); /* overlong slash */
}

static void test_ordinary_text_stays(void **state)
{
	(void)state;
	check_safe("", "");
	check_safe("/usr/lib/Größe – 大", "/usr/lib/Größe – 大");
	check_safe("a\\x1b", "a\\x1b");
}

static void test_escaping_twice_changes_nothing(void **state)
{
	char *once = text_safe("x\033y\xff");

	(void)state;
	check_safe(once, once);
	free(once);
}

static void test_char_tells_valid_from_visible(void **state)
{
	bool valid;

	(void)state;
	assert_int_equal(text_char("\xc3\xb6", 2, &valid), 2);
	assert_true(valid);
	assert_int_equal(text_char("\xe2\x80\xae", 3, &valid), 0);
	assert_true(valid);
	assert_int_equal(text_char("\xc3", 1, &valid), 0);
	assert_false(valid);
	assert_int_equal(text_char("\xed\xa0\x80", 3, &valid), 0); /* surrogate */
	assert_false(valid);
}

/* What the word becomes when a shell reads it. */
static void check_shell(const char *in)
{
	char *word = text_shell_word(in), *command, got[64] = "";
	FILE *f;

	assert_non_null(word);
	for (const char *p = word; *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
	assert_true(asprintf(&command, "printf '%%s' %s", word) > 0);
	f = popen(command, "r");
	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_string_equal(got, in);
	free(command);
	free(word);
}

static void test_shell_words_come_back(void **state)
{
	(void)state;
	check_shell("/usr/bin/ls");
	check_shell("two words");
	check_shell("it's");
	check_shell("-n");
	check_shell("$(reboot)`x`\"\\");
	check_shell("esc\033[1mx");
	check_shell("tab\there");
	check_shell("100%s'%d\001");
	check_shell("bad\xff");
}

static void test_shell_word_leaves_plain_paths_alone(void **state)
{
	char *word = text_shell_word("/opt/foo-1.2_3/x+y");

	(void)state;
	assert_string_equal(word, "/opt/foo-1.2_3/x+y");
	free(word);
}

static void test_sizes_spans_times(void **state)
{
	char buf[TEXT_SPAN_MAX];

	(void)state;
	assert_string_equal(text_size(buf, 0), "0 B");
	assert_string_equal(text_size(buf, 1536), "1.5 KiB");
	assert_string_equal(text_size(buf, 3ULL << 30), "3.0 GiB");
	assert_string_equal(text_span(buf, 59), "59s");
	assert_string_equal(text_span(buf, 15 * 60), "15m 0s");
	assert_string_equal(text_span(buf, 7384), "2h 3m");
	assert_string_equal(text_span(buf, 90000), "1d 1h");
	assert_string_equal(text_time(buf, 0, -1), "1970-01-01T00:00:00Z");
	assert_string_equal(text_time(buf, 1700000000, 42), "2023-11-14T22:13:20.000042Z");
}

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(text_distance("load", "load"), 0);
	assert_int_equal(text_distance("import", "impotr"), 1);
	assert_int_equal(text_distance("sign", "sing"), 1);
	assert_int_equal(text_distance("log", "watch"), 5);
	assert_int_equal(text_distance("", "abc"), 3);
}

static void test_progress_fits_its_width(void **state)
{
	struct progress p = {.what = "Reading", .total = 200};
	char line[256];

	(void)state;
	progress_render(line, sizeof(line), 79, &p, 100, 4, "/a/\033/b");
	assert_string_equal(line, "Reading [############............] 100/200 4s left /a/\\x1b/b");
	progress_render(line, sizeof(line), 40, &p, 100, 4, "/very/long/path/that/does/not/fit");
	assert_in_range(strlen(line), 1, 40);
	p.total = 0;
	progress_render(line, sizeof(line), 79, &p, 7, 1, NULL);
	assert_string_equal(line, "Reading 7");
	p.total = 5;
	progress_render(line, sizeof(line), 79, &p, 9, 1, NULL);
	assert_string_equal(line, "Reading [########################] 5/5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_characters_are_escaped),
		cmocka_unit_test(test_ordinary_text_stays),
		cmocka_unit_test(test_escaping_twice_changes_nothing),
		cmocka_unit_test(test_char_tells_valid_from_visible),
		cmocka_unit_test(test_shell_words_come_back),
		cmocka_unit_test(test_shell_word_leaves_plain_paths_alone),
		cmocka_unit_test(test_sizes_spans_times),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_progress_fits_its_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
