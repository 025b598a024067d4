/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "../../../lib/output/names.h"

static void test_uses(void **state)
{
	char buf[NAMES_USE_MAX];
	uint32_t mask;

	(void)state;
	assert_string_equal(names_use(buf, DIGLIM_USE_EXEC | DIGLIM_USE_KEXEC), "exec,kexec");
	assert_string_equal(names_use(buf, DIGLIM_USE_ALL), "exec,module,firmware,kexec,data");
	assert_string_equal(names_use(buf, 0), "none");
	assert_int_equal(names_use_parse("module,exec", &mask), 0);
	assert_int_equal(mask, DIGLIM_USE_EXEC | DIGLIM_USE_MODULE);
	assert_int_equal(names_use_parse(names_use(buf, DIGLIM_USE_ALL), &mask), 0);
	assert_int_equal(mask, DIGLIM_USE_ALL);
	/* Beside what a look-up says; and the longest that there is. */
	assert_string_equal(names_use(buf, DIGLIM_FOUND_OWNER | DIGLIM_USE_IMMUTABLE), "immutable");
	assert_int_equal(names_use_parse("data,immutable", &mask), 0);
	assert_int_equal(mask, DIGLIM_USE_DATA | DIGLIM_USE_IMMUTABLE);
	names_use(buf, 0xffffffff);
	assert_int_equal(names_use_parse(buf, &mask), 0);
	assert_int_equal(mask, DIGLIM_USE_ALL | DIGLIM_USE_PROPERTIES);
}

static void test_wrong_uses_are_refused(void **state)
{
	static const char *const bad[] = {"", "exe", "execs", "exec,", ",exec", "exec module"};
	uint32_t mask;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(names_use_parse(bad[i], &mask), -EINVAL);
}

/* A value that is added to abi/reason.h must get its words. */
static void test_every_reason_and_hook_has_words(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DIGLIM_REASON_MAX; i++) {
		assert_non_null(names_reason(i));
		assert_non_null(names_reason_text(i));
		assert_non_null(names_reason_remedy(i));
		assert_int_equal(names_reason_parse(names_reason(i)), i);
	}
	for (uint32_t i = 0; i < DIGLIM_HOOK_MAX; i++) {
		assert_non_null(names_hook(i));
		assert_non_null(names_hook_act(i));
		assert_int_equal(names_hook_parse(names_hook(i)), i);
	}
}

static void test_unknown_numbers_are_no_crash(void **state)
{
	(void)state;
	assert_string_equal(names_reason(12345), "?");
	assert_string_equal(names_hook(12345), "?");
	assert_string_equal(names_mode(3), "?");
	assert_string_equal(names_mode(DIGLIM_MODE_ENFORCE), "enforce");
	assert_int_equal(names_reason_parse("nonsense"), -1);
	assert_int_equal(names_hook_parse("nonsense"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_wrong_uses_are_refused),
		cmocka_unit_test(test_every_reason_and_hook_has_words),
		cmocka_unit_test(test_unknown_numbers_are_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
