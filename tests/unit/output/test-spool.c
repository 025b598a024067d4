/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../lib/output/spool.h"

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/diglim-spool-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void expect_line(struct spool_reader *r, const char *want)
{
	const char *line;
	size_t len;

	assert_int_equal(spool_next(r, &line, &len, NULL), 1);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(line, want, len);
}

static void expect_no_line(struct spool_reader *r)
{
	const char *line;
	size_t len;

	assert_int_equal(spool_next(r, &line, &len, NULL), 0);
}

static void test_only_one_writes(void **state)
{
	struct spool_writer *a, *b;

	(void)state;
	assert_int_equal(spool_writer_open(dir, 1 << 20, &a, NULL), 1);
	assert_int_equal(spool_writer_open(dir, 1 << 20, &b, NULL), 0);
	assert_null(b);
	spool_writer_close(a);
	assert_int_equal(spool_writer_open(dir, 1 << 20, &b, NULL), 1);
	spool_writer_close(b);
}

static void test_readers_follow(void **state)
{
	struct spool_reader *all, *live;
	struct spool_writer *w;

	(void)state;
	assert_int_equal(spool_reader_open(dir, &live, NULL), 0);
	assert_int_equal(spool_writer_open(dir, 1 << 20, &w, NULL), 1);
	assert_int_equal(spool_append(w, "one", NULL), 0);
	expect_line(live, "one");
	expect_no_line(live);
	assert_int_equal(spool_append(w, "two", NULL), 0);
	expect_line(live, "two");
	expect_no_line(live);
	assert_int_equal(spool_reader_open(dir, &all, NULL), 0);
	expect_line(all, "one");
	expect_line(all, "two");
	expect_no_line(all);
	spool_reader_close(live);
	spool_reader_close(all);
	spool_writer_close(w);
}

/* Every line is seen once, although the file changes under the reader. */
static void test_rotation_loses_nothing_for_a_follower(void **state)
{
	struct spool_reader *live;
	struct spool_writer *w;
	char line[128];
	struct stat st;

	(void)state;
	assert_int_equal(spool_writer_open(dir, 100, &w, NULL), 1);
	assert_int_equal(spool_reader_open(dir, &live, NULL), 0);
	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), "line number %d", i);
		assert_int_equal(spool_append(w, line, NULL), 0);
		if (i % 5 != 4)
			continue;
		for (int k = i - 4; k <= i; k++) {
			snprintf(line, sizeof(line), "line number %d", k);
			expect_line(live, line);
		}
		expect_no_line(live);
	}
	spool_reader_close(live);
	spool_writer_close(w);
	snprintf(line, sizeof(line), "%s/events.jsonl", dir);
	assert_int_equal(stat(line, &st), 0);
	assert_in_range(st.st_size, 1, 100);
}

static void test_the_past_spans_both_files_in_order(void **state)
{
	struct spool_reader *r;
	struct spool_writer *w;

	(void)state;
	assert_int_equal(spool_writer_open(dir, 12, &w, NULL), 1);
	assert_int_equal(spool_append(w, "aaaaa", NULL), 0);
	assert_int_equal(spool_append(w, "bbbbb", NULL), 0);
	assert_int_equal(spool_append(w, "ccccc", NULL), 0);
	spool_writer_close(w);
	assert_int_equal(spool_reader_open(dir, &r, NULL), 0);
	expect_line(r, "aaaaa");
	expect_line(r, "bbbbb");
	expect_line(r, "ccccc");
	expect_no_line(r);
	spool_reader_close(r);
}

static void test_links_and_fifos_are_not_followed(void **state)
{
	struct spool_writer *w;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/events.jsonl", dir);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(spool_writer_open(dir, 100, &w, NULL), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(spool_writer_open(dir, 100, &w, NULL) < 0);
}

static void put(const char *name, const char *text, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void test_a_line_without_end_is_left_out(void **state)
{
	struct spool_reader *r;
	char *text = malloc(1 << 20);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 1 << 20);
	put("events.jsonl", "one\n", 4);
	put("events.jsonl", text, 1 << 20);
	assert_int_equal(spool_reader_open(dir, &r, NULL), 0);
	expect_line(r, "one");
	expect_no_line(r);
	put("events.jsonl", text, 100);
	put("events.jsonl", "\ntwo\n", 5);
	expect_line(r, "two");
	/* Too long, but whole; and the longest one. */
	put("events.jsonl", text, SPOOL_LINE_MAX + 1);
	put("events.jsonl", "\n", 1);
	text[SPOOL_LINE_MAX] = '\0';
	put("events.jsonl", text, SPOOL_LINE_MAX);
	put("events.jsonl", "\n", 1);
	expect_line(r, text);
	expect_no_line(r);
	spool_reader_close(r);
	free(text);
}

static void test_what_cannot_be_read_is_not_empty(void **state)
{
	struct spool_reader *r;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/events.jsonl", dir);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(spool_reader_open(dir, &r, NULL), -ELOOP);
	assert_null(r);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(spool_reader_open(dir, &r, NULL), 0);
	expect_no_line(r);
	spool_reader_close(r);
	if (!geteuid())
		return;
	put("events.jsonl.1", "x\n", 2);
	snprintf(path, sizeof(path), "%s/events.jsonl.1", dir);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(spool_reader_open(dir, &r, NULL), -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_one_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_follow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rotation_loses_nothing_for_a_follower, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_the_past_spans_both_files_in_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_links_and_fifos_are_not_followed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_line_without_end_is_left_out, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_read_is_not_empty, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
