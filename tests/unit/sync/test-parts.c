// SPDX-License-Identifier: LGPL-2.1-or-later
/* What 'diglim sync' is put together from; the whole is tested by tests/cli and in guests. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../lib/sync/known.h"
#include "../../../lib/sync/package.h"
#include "../../../lib/sync/stale.h"

enum { MANY = 1000 };

static void make_id(uint8_t id[DIGLIM_LIST_ID_SIZE], unsigned int n)
{
	memset(id, 0, DIGLIM_LIST_ID_SIZE);
	id[0] = (uint8_t)(n * 7);
	id[1] = (uint8_t)(n >> 8);
	id[2] = (uint8_t)n;
}

static void finds_by_path_and_id(void **state)
{
	struct known k = {0};
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	char path[32];

	assert_null(known_by_path(&k, "/a"));
	make_id(id, 0);
	assert_null(known_by_id(&k, id));
	for (unsigned int i = 0; i < MANY; i++) {
		make_id(id, i);
		snprintf(path, sizeof(path), "/lists/%u", i);
		assert_int_equal(known_add(&k, id, i % 3 ? path : NULL, path + 7, NULL), 0);
	}
	known_sort_paths(&k);
	for (unsigned int i = 0; i < MANY; i++) {
		const struct known_list *l;

		snprintf(path, sizeof(path), "/lists/%u", i);
		l = known_by_path(&k, path);
		assert_int_equal(l != NULL, i % 3 != 0);
		assert_true(!l || !strcmp(l->name, path + 7));
	}
	known_sort_ids(&k);
	for (unsigned int i = 0; i < MANY; i++) {
		const struct known_list *l;

		make_id(id, i);
		l = known_by_id(&k, id);
		assert_non_null(l);
		assert_int_equal(atoi(l->name), i);
	}
	make_id(id, MANY);
	assert_null(known_by_id(&k, id));
	known_done(&k);
	assert_int_equal(k.n, 0);
	(void)state;
}

static void touch(const char *dir, const char *name, time_t ago)
{
	const struct timespec times[] = {{.tv_sec = time(NULL) - ago},
					 {.tv_sec = time(NULL) - ago}};
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static bool is_there(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !access(path, F_OK);
}

/* Removes it again. */
static void drop(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

static void deletes_only_old_temporary_files(void **state)
{
	static const char *const kept[] = {"rpm-a-1-1.x86_64", ".rpm-a.12345",	".rpm-a.1234567",
					   ".rpm-abcdef",      ".other.AbCdEf", "tlv-mine"};
	char dir[] = "/tmp/diglim-stale.XXXXXX";

	assert_non_null(mkdtemp(dir));
	touch(dir, ".rpm-a-1-1.x86_64.AbCdEf", 120);
	touch(dir, ".tlv-b.012345", 120);
	touch(dir, ".rpm-young.AbCdEf", 5);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		touch(dir, kept[i], 120);
	assert_int_equal(stale_delete(dir), 2);
	assert_false(is_there(dir, ".rpm-a-1-1.x86_64.AbCdEf"));
	assert_false(is_there(dir, ".tlv-b.012345"));
	assert_true(is_there(dir, ".rpm-young.AbCdEf"));
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		drop(dir, kept[i]);
	drop(dir, ".rpm-young.AbCdEf");
	assert_int_equal(stale_delete(dir), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(stale_delete("/nonexistent"), 0);
	(void)state;
}

static void only_one_holds_the_lock(void **state)
{
	static struct places p;
	char dir[] = "/tmp/diglim-lock.XXXXXX";
	struct err e = {0};
	int first, again;

	assert_non_null(mkdtemp(dir));
	snprintf(p.lists[PLACES_MADE], sizeof(p.lists[PLACES_MADE]), "%s", dir);
	first = sync_lock(&p, 0, &e);
	assert_true(first >= 0);
	assert_int_equal(sync_lock(&p, 0, &e), -EBUSY);
	assert_non_null(strstr(e.text, dir));
	close(first);
	again = sync_lock(&p, 0, &e);
	assert_true(again >= 0);
	close(again);
	rmdir(dir);
	assert_int_equal(sync_lock(&p, 0, &e), -ENOENT);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_path_and_id),
		cmocka_unit_test(deletes_only_old_temporary_files),
		cmocka_unit_test(only_one_holds_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
