/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../lib/policy/trial.h"

static void test_time_left(void **state)
{
	struct trial t = {.asked = 1000, .seconds = 600};

	(void)state;
	assert_int_equal(trial_left(&t, 1000), 600);
	assert_int_equal(trial_left(&t, 1001), 599);
	assert_int_equal(trial_left(&t, 1599), 1);
	assert_int_equal(trial_left(&t, 1600), 0);
	assert_int_equal(trial_left(&t, INT64_MAX), 0);
	/* a clock that is wrong */
	assert_int_equal(trial_left(&t, 999), 0);
	assert_int_equal(trial_left(&t, 0), 0);
	assert_int_equal(trial_left(&t, INT64_MIN), 0);
	/* what nobody could have asked for */
	t.seconds = 0;
	assert_int_equal(trial_left(&t, 1000), 0);
	t.seconds = TRIAL_MAX_S + 1;
	assert_int_equal(trial_left(&t, 1000), 0);
	t.seconds = UINT64_MAX;
	assert_int_equal(trial_left(&t, 1000), 0);
}

static void test_begin(void **state)
{
	int64_t before = (int64_t)time(NULL);
	struct trial t;

	(void)state;
	assert_int_equal(trial_begin(&t, 60, NULL), 0);
	assert_int_equal(t.seconds, 60);
	assert_true(t.asked >= before && t.asked <= (int64_t)time(NULL));
	assert_int_equal(strlen(t.boot), 36);
	assert_int_equal(trial_begin(&t, 0, NULL), -EDOM);
	assert_int_equal(trial_begin(&t, TRIAL_MAX_S, NULL), 0);
	assert_int_equal(trial_begin(&t, TRIAL_MAX_S + 1, NULL), -EDOM);
}

static void test_a_record_comes_back(void **state)
{
	char dir[] = "/tmp/diglim-trial-XXXXXX", path[64];
	struct trial t, got = {.seconds = 1};

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/trial", dir);
	assert_int_equal(trial_read(path, &got, NULL), 0);
	assert_int_equal(got.seconds, 0);
	assert_int_equal(trial_end(path, NULL), 0);
	assert_int_equal(trial_begin(&t, TRIAL_MAX_S, NULL), 0);
	assert_int_equal(trial_write(path, &t, NULL), 0);
	assert_int_equal(trial_read(path, &got, NULL), 0);
	assert_memory_equal(&t, &got, sizeof(t));
	assert_int_equal(trial_end(path, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rmdir(dir), 0);
}

static void test_nonsense_is_no_trial(void **state)
{
	static const char *const texts[] = {
		"",
		"asked = 5\n",
		"asked = 5\nseconds = 60\n",
		"asked = 5\nseconds = 60\nboot = \n",
		"asked = 5\nseconds = 2592001\nboot = a-b\n",
		"asked = 5\nseconds = 99999999999\nboot = a-b\n",
		"asked = x\nseconds = 60\nboot = a-b\n",
		"seconds = 60\nasked = 5\nboot = a-b\n",
	};
	char path[] = "/tmp/diglim-trial-XXXXXX";
	int fd = mkstemp(path);
	struct trial t;

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ssize_t len = (ssize_t)strlen(texts[i]);

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, texts[i], (size_t)len, 0), len);
		t.seconds = 1;
		if (trial_read(path, &t, NULL) || t.seconds)
			fail_msg("row %zu is a trial of %llu s", i, (unsigned long long)t.seconds);
	}
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_not_equal(trial_read(path, &t, NULL), 0);
	assert_int_equal(t.seconds, 0);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_left),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_a_record_comes_back),
		cmocka_unit_test(test_nonsense_is_no_trial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
