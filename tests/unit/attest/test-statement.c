// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/attest/statement.h"

#define D "1111111111111111111111111111111111111111111111111111111111111111"

static const uint8_t ones[DIGLIM_DIGEST_SIZE] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
						 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
						 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
						 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11};

static char *text_of(struct statement *s)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	assert_int_equal(statement_text(s, &b, &e), 0);
	buf_add_u8(&b, 0);
	assert_false(b.failed);
	return (char *)b.data;
}

static void expect_text(struct statement *s, const char *want)
{
	char *text = text_of(s);

	assert_string_equal(text, want);
	free(text);
}

static void parse(const char *text, struct statement *s)
{
	struct err e = {0};

	if (statement_parse(text, strlen(text), s, &e))
		fail_msg("%s: %s", text, e.text);
}

/* Whatever order facts come in, and however often, the text is one. */
static void is_canonical(void **state)
{
	struct statement s = STATEMENT_INIT(STATEMENT_STATE), again;
	struct err e;

	assert_int_equal(statement_add_word(&s, "mode", "enforce", &e), 0);
	assert_int_equal(statement_add(&s, "list", ones, "b", &e), 0);
	assert_int_equal(statement_add(&s, "list", ones, "a b%\n\xc3\xa9", &e), 0);
	assert_int_equal(statement_add(&s, "list", ones, "b", &e), 0);
	expect_text(&s,
		    "diglim state 1\nlist " D " a%20b%25%0A%C3%A9\nlist " D " b\nmode enforce\n");
	parse("diglim state 1\nlist " D " b\nmode enforce\n", &again);
	assert_int_equal(again.n, 2);
	assert_true(statement_has(&again, "mode enforce"));
	assert_false(statement_has(&again, "mode audit"));
	expect_text(&again, "diglim state 1\nlist " D " b\nmode enforce\n");
	statement_done(&again);
	statement_done(&s);
}

static void without_digest(void **state)
{
	struct statement s = STATEMENT_INIT(STATEMENT_UNKNOWN);
	struct statement_line l;
	struct err e;

	assert_int_equal(statement_add(&s, "file", NULL, "/tmp/x", &e), 0);
	assert_int_equal(statement_split(s.lines[0], &l), 0);
	assert_string_equal(l.word, "file");
	assert_string_equal(l.hex, "");
	statement_done(&s);
	assert_int_equal(statement_split("list " D " name", &l), 0);
	assert_string_equal(l.hex, D);
	assert_string_equal(l.name, "name");
	assert_int_equal(statement_split("one", &l), -EINVAL);
	assert_int_equal(statement_split("averyverylongword x", &l), -EINVAL);
}

static void too_long(void **state)
{
	struct statement s = STATEMENT_INIT(STATEMENT_UNKNOWN);
	char *name = calloc(1, STATEMENT_LINE_MAX + 1);
	struct err e;

	assert_non_null(name);
	memset(name, 'x', STATEMENT_LINE_MAX);
	assert_int_equal(statement_add(&s, "file", ones, name, &e), -E2BIG);
	name[STATEMENT_LINE_MAX - 70] = '\0';
	assert_int_equal(statement_add(&s, "file", ones, name, &e), 0);
	statement_done(&s);
	free(name);
}

static void refused(void **state)
{
	static const char *const texts[] = {
		"",
		"diglim state 2\n",
		"diglim state 1",
		"diglim nonsense 1\n",
		"diglim state 1\nmode enforce",
		"diglim state 1\n\n",
		"diglim state 1\nscope all\nmode enforce\n",
		"diglim state 1\nmode enforce\nmode enforce\n",
		"diglim state 1\nfile " D " /x\n",
		"diglim state 1\nmode\n",
		"diglim state 1\nmode \n",
		"diglim state 1\nmode a\tb\n",
		"diglim state 1\nmode \xc3\xa9\n",
		"diglim state 1\ne x\n",
		"diglim change 1\nmode enforce\n",
		"diglim change 1\n+file " D " /x\n",
		"diglim change 1\n-mode audit\n+mode enforce\n",
		"diglim unknown 1\nmode enforce\n",
	};
	struct statement s;
	struct err e;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		e.text[0] = '\0';
		if (statement_parse(texts[i], strlen(texts[i]), &s, &e) != -EBADMSG)
			fail_msg("taken: %s", texts[i]);
		assert_true(e.text[0]);
	}
	/* A zero byte ends nothing. */
	assert_int_equal(statement_parse("diglim state 1\nmode a\0b\n", 24, &s, &e), -EBADMSG);
}

static void changes(void **state)
{
	struct statement a, b, change, wrong;
	struct err e;

	parse("diglim state 1\nlist " D " a\nlist " D " b\nmode audit\nscope all\n", &a);
	parse("diglim state 1\nlist " D " b\nlist " D " c\nmode enforce\nscope all\n", &b);
	assert_int_equal(statement_diff(&a, &b, &change, &e), 0);
	expect_text(&change,
		    "diglim change 1\n+list " D " c\n+mode enforce\n-list " D " a\n-mode audit\n");
	assert_int_equal(statement_apply(&a, &change, &e), 0);
	expect_text(&a, "diglim state 1\nlist " D " b\nlist " D " c\nmode enforce\nscope all\n");
	/* Once is enough: it comes and goes no more. */
	assert_int_equal(statement_apply(&a, &change, &e), -EBADMSG);
	parse("diglim change 1\n-mode audit\n", &wrong);
	assert_int_equal(statement_apply(&a, &wrong, &e), -EBADMSG);
	expect_text(&a, "diglim state 1\nlist " D " b\nlist " D " c\nmode enforce\nscope all\n");
	statement_done(&change);
	assert_int_equal(statement_diff(&a, &b, &change, &e), 0);
	assert_int_equal(change.n, 0);
	statement_done(&wrong);
	statement_done(&change);
	statement_done(&b);
	statement_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_canonical), cmocka_unit_test(without_digest),
		cmocka_unit_test(too_long),	cmocka_unit_test(refused),
		cmocka_unit_test(changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
