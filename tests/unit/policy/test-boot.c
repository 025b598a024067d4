/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../lib/policy/bootmode.h"
#include "../../../lib/policy/bootrecord.h"

static const char *argument(const char *cmdline)
{
	static char value[BOOT_ARGUMENT_MAX];

	return boot_argument(cmdline, "diglim", value);
}

static void test_the_argument_is_found(void **state)
{
	(void)state;
	assert_null(argument(""));
	assert_null(argument("root=/dev/vda ro quiet"));
	assert_null(argument("xdiglim=off diglim diglimx=off nodiglim=off"));
	assert_string_equal(argument("diglim=off"), "off");
	assert_string_equal(argument("ro diglim=audit\n"), "audit");
	assert_string_equal(argument("diglim=off ro\tdiglim=enforce quiet"), "enforce");
	assert_string_equal(argument("diglim="), "");
}

static void test_what_is_not_the_kernels_is_passed_over(void **state)
{
	(void)state;
	assert_null(argument("ro -- diglim=off"));
	assert_string_equal(argument("diglim=enforce -- diglim=off"), "enforce");
	assert_null(argument("dyndbg=\"file a.c diglim=off\" ro"));
	assert_string_equal(argument("x=\"a b\" diglim=off"), "off");
}

static void test_a_long_value_is_no_mode(void **state)
{
	char cmdline[512] = "diglim=off";
	struct boot_ask ask = {.configured = DIGLIM_MODE_ENFORCE};
	struct boot_choice c;

	(void)state;
	memset(cmdline + 10, 'f', 300);
	ask.argument = argument(cmdline);
	assert_int_equal(strlen(ask.argument), BOOT_ARGUMENT_MAX - 1);
	boot_choose(&ask, &c);
	assert_int_equal(c.mode, DIGLIM_MODE_ENFORCE);
	assert_true(c.argument_wrong);
}

/* One row: what is asked for, and what must come of it. */
static const struct row {
	const char *argument;
	enum diglim_mode configured;
	bool broken, seal;
	uint32_t trial_s;
	enum diglim_mode mode;
	enum boot_source source;
	bool sealed;
	uint32_t window_s;
	const char *why; /* a part of it */
	bool trial_over;
} rows[] = {
	/* the configuration alone */
	{NULL, DIGLIM_MODE_AUDIT, 0, 0, 0, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0, "configuration",
	 false},
	{NULL, DIGLIM_MODE_AUDIT, 0, 1, 0, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0, "", false},
	{NULL, DIGLIM_MODE_ENFORCE, 0, 1, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_CONFIG, 1, 0, "", false},
	{NULL, DIGLIM_MODE_ENFORCE, 0, 0, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_CONFIG, 0, 0, "", false},
	{NULL, DIGLIM_MODE_OFF, 0, 1, 0, DIGLIM_MODE_OFF, BOOT_BY_CONFIG, 0, 0, "", false},
	/* the argument wins, in both directions */
	{"off", DIGLIM_MODE_ENFORCE, 0, 1, 0, DIGLIM_MODE_OFF, BOOT_BY_ARGUMENT, 0, 0,
	 "over enforce", false},
	{"audit", DIGLIM_MODE_ENFORCE, 0, 1, 0, DIGLIM_MODE_AUDIT, BOOT_BY_ARGUMENT, 0, 0, "over",
	 false},
	{"enforce", DIGLIM_MODE_AUDIT, 0, 1, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_ARGUMENT, 1, 0,
	 "audit", false},
	{"enforce", DIGLIM_MODE_ENFORCE, 0, 1, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_ARGUMENT, 1, 0,
	 "and the", false},
	/* also over what is broken, and over a trial */
	{"off", DIGLIM_MODE_AUDIT, 1, 0, 0, DIGLIM_MODE_OFF, BOOT_BY_ARGUMENT, 0, 0, "broken",
	 false},
	{"enforce", DIGLIM_MODE_AUDIT, 1, 0, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_ARGUMENT, 0, 0,
	 "broken", false},
	{"off", DIGLIM_MODE_AUDIT, 0, 1, 60, DIGLIM_MODE_OFF, BOOT_BY_ARGUMENT, 0, 0, "", false},
	{"audit", DIGLIM_MODE_AUDIT, 0, 1, 60, DIGLIM_MODE_AUDIT, BOOT_BY_ARGUMENT, 0, 0, "",
	 false},
	/* broken: the default */
	{NULL, DIGLIM_MODE_AUDIT, 1, 0, 0, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0, "broken",
	 false},
	{NULL, DIGLIM_MODE_AUDIT, 1, 0, 60, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0, "broken",
	 false},
	/* a trial makes it stricter only, and is not sealed */
	{NULL, DIGLIM_MODE_AUDIT, 0, 1, 60, DIGLIM_MODE_ENFORCE, BOOT_BY_TRIAL, 0, 60, "60 s",
	 false},
	{NULL, DIGLIM_MODE_ENFORCE, 0, 1, 60, DIGLIM_MODE_ENFORCE, BOOT_BY_CONFIG, 1, 0, "", false},
	{NULL, DIGLIM_MODE_OFF, 0, 1, 60, DIGLIM_MODE_OFF, BOOT_BY_CONFIG, 0, 0, "", false},
	/* one that was not confirmed leaves the configuration, and says so */
	{NULL, DIGLIM_MODE_AUDIT, 0, 1, 0, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0, "not confirmed",
	 true},
	{NULL, DIGLIM_MODE_ENFORCE, 0, 1, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_CONFIG, 1, 0, "", true},
	{"enforce", DIGLIM_MODE_AUDIT, 0, 1, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_ARGUMENT, 1, 0, "",
	 true},
	/* nonsense does not count, and that is said */
	{"of", DIGLIM_MODE_ENFORCE, 0, 1, 0, DIGLIM_MODE_ENFORCE, BOOT_BY_CONFIG, 1, 0,
	 "does not count", false},
	{"", DIGLIM_MODE_AUDIT, 0, 0, 0, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0, "does not count",
	 false},
	{"OFF", DIGLIM_MODE_AUDIT, 1, 0, 0, DIGLIM_MODE_AUDIT, BOOT_BY_CONFIG, 0, 0,
	 "does not count", false},
};

static void test_who_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct boot_ask ask = {r->argument, r->configured, r->broken,
				       r->seal,	    r->trial_s,	   r->trial_over};
		struct boot_choice c;

		boot_choose(&ask, &c);
		if (c.mode != r->mode || c.source != r->source || c.seal != r->sealed ||
		    c.window_s != r->window_s || !strstr(c.why, r->why))
			fail_msg("row %zu: mode %d source %d seal %d window %u: %s", i, c.mode,
				 c.source, c.seal, c.window_s, c.why);
		assert_int_equal(c.argument_wrong, strstr(c.why, "does not count") != NULL);
	}
}

/* No reason is cut: the longest there is. */
static void test_reasons_fit(void **state)
{
	struct boot_ask ask = {.argument = "x", .seal = true, .trial_s = UINT32_MAX};
	struct boot_choice c;

	(void)state;
	ask.configured = DIGLIM_MODE_AUDIT;
	boot_choose(&ask, &c);
	assert_non_null(strstr(c.why, "does not count"));
	ask.trial_s = 0;
	ask.trial_over = true;
	boot_choose(&ask, &c);
	assert_non_null(strstr(c.why, "does not count"));
}

static void in_file(const char *text, struct boot_record *b)
{
	char path[] = "/tmp/diglim-boot-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(boot_record_read(path, b, NULL), 0);
	unlink(path);
}

static void test_a_record_comes_back(void **state)
{
	char dir[] = "/tmp/diglim-boot-XXXXXX", path[64];
	struct boot_record b = {.outcome = BOOT_WEAKER,
				.mode = DIGLIM_MODE_ENFORCE,
				.sealed = true,
				.keys = 1,
				.keys_refused = 2,
				.lists = 3,
				.lists_refused = 4,
				.digests = UINT64_MAX,
				.bytes = 6,
				.read_us = 7,
				.attach_us = 8,
				.feed_us = 9,
				.total_us = 10},
			   got;

	(void)state;
	strcpy(b.stage, "late");
	strcpy(b.why, "the kernel argument says so");
	memset(b.trouble, 't', sizeof(b.trouble) - 1);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/" BOOT_RECORD, dir);
	assert_int_equal(boot_record_read(path, &got, NULL), 0);
	assert_int_equal(got.outcome, BOOT_NONE);
	assert_int_equal(boot_record_write(path, &b, NULL), 0);
	assert_int_equal(boot_record_read(path, &got, NULL), 0);
	assert_memory_equal(&b, &got, sizeof(b));
	unlink(path);
	rmdir(dir);
}

static void test_a_broken_record_is_not_good(void **state)
{
	static const char *const texts[] = {"",
					    "\n\n",
					    "outcome = splendid\n",
					    "outcome =\n",
					    "mode = enforce\nlists = 7\n",
					    "outcome=as-asked\n",
					    " = \n = =\n"};
	struct boot_record b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		in_file(texts[i], &b);
		assert_false(boot_is_good(b.outcome));
		assert_int_equal(b.outcome, BOOT_FAILED);
	}
	in_file("later = x\noutcome = as-asked\n", &b);
	assert_true(boot_is_good(b.outcome));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_argument_is_found),
		cmocka_unit_test(test_what_is_not_the_kernels_is_passed_over),
		cmocka_unit_test(test_a_long_value_is_no_mode),
		cmocka_unit_test(test_who_wins),
		cmocka_unit_test(test_reasons_fit),
		cmocka_unit_test(test_a_record_comes_back),
		cmocka_unit_test(test_a_broken_record_is_not_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
