// SPDX-License-Identifier: LGPL-2.1-or-later
/* glibc's cache of libraries, in all its forms; the samples are the fuzzer's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/base/io.h"
#include "../../../lib/format/ldcache.h"

static char found[1000];

static int see(const char *path, bool hwcaps, void *arg)
{
	const char *stop_at = arg;

	snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s|", hwcaps ? "*" : "",
		 path);
	return stop_at && !strcmp(path, stop_at) ? 7 : 0;
}

static int find(const char *sample, const char *soname, const char *stop_at)
{
	char path[4096];
	struct buf b = BUF_INIT;
	struct err e = {0};
	int r;

	found[0] = '\0';
	snprintf(path, sizeof(path), "%s/tests/fuzz/text/corpus/ldcache/%s",
		 getenv("DIGLIM_SOURCE"), sample);
	assert_int_equal(io_read_file(path, LDCACHE_MAX, &b, &e), 0);
	r = ldcache_find(b.data, b.len, soname, see, (void *)stop_at, &e);
	buf_free(&b);
	return r;
}

static void finds_in_order(void **state)
{
	(void)state;
	assert_int_equal(find("new", "libz.so.1", NULL), 0);
	assert_string_equal(found, "*/lib/glibc-hwcaps/x86-64-v3/libz.so.1|/lib/libz.so.1|");
	assert_int_equal(find("new", "libz.so", NULL), 0);
	assert_string_equal(found, "");
	assert_int_equal(find("new", "libz.so.1", "/lib/glibc-hwcaps/x86-64-v3/libz.so.1"), 7);
	assert_string_equal(found, "*/lib/glibc-hwcaps/x86-64-v3/libz.so.1|");
}

static void all_forms(void **state)
{
	(void)state;
	assert_int_equal(find("behind-old", "libc.so.6", NULL), 0);
	assert_string_equal(found, "/lib/libc.so.6|");
	assert_int_equal(find("big-endian", "libc.so.6", NULL), 0);
	assert_string_equal(found, "/lib/libc.so.6|");
	assert_int_equal(find("only-old", "libc.so.6", NULL), -ENOTSUP);
	assert_int_equal(find("cut", "libc.so.6", NULL), -EBADMSG);
	assert_int_equal(find("text-without-end", "libz.so.1", NULL), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_in_order),
		cmocka_unit_test(all_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
