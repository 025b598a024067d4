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

#include "../../../lib/output/out.h"

static char got[4096];

static struct out *begin(FILE **f, bool json)
{
	memset(got, 0, sizeof(got));
	*f = fmemopen(got, sizeof(got), "w");
	assert_non_null(*f);
	return out_new(*f, json, false);
}

static void write_some(struct out *o)
{
	out_str(o, "name", "Name", "a\nb");
	out_num(o, "count", NULL, 3);
	out_str(o, NULL, "Words", "three");
	out_array(o, "list", "Entries:");
	out_object(o, NULL, NULL);
	out_hex(o, "id", "Id", "\xab\xcd", 2);
	out_time(o, "when", "When", 1);
	out_time(o, "never", "Never", 0);
	out_end(o);
	out_end(o);
	out_line(o, OUT_BAD, "[-]", "%s", "no\033");
	out_bool(o, "ok", NULL, true);
}

static void test_text(void **state)
{
	FILE *f;
	struct out *o = begin(&f, false);

	(void)state;
	write_some(o);
	assert_int_equal(out_finish(o, NULL), 0);
	fclose(f);
	out_free(o);
	assert_string_equal(got, "Name:           a\\x0ab\n"
				 "Words:          three\n"
				 "Entries:\n"
				 "  Id:           abcd\n"
				 "  When:         1970-01-01T00:00:01Z\n"
				 "[-] no\\x1b\n");
}

static void test_json_is_one_document_of_the_same(void **state)
{
	FILE *f;
	struct out *o = begin(&f, true);

	(void)state;
	write_some(o);
	assert_int_equal(out_record(o, NULL), 0);
	fclose(f);
	out_free(o);
	assert_string_equal(got, "{\"name\":\"a\\nb\",\"count\":3,\"list\":[{\"id\":\"abcd\","
				 "\"when\":\"1970-01-01T00:00:01Z\"}],\"ok\":true}\n");
}

static void test_a_full_disk_is_told(void **state)
{
	FILE *f = fopen("/dev/full", "w");
	struct err e = {0};
	struct out *o;

	(void)state;
	if (!f)
		skip();
	o = out_new(f, false, false);
	out_line(o, OUT_PLAIN, NULL, "text");
	assert_int_equal(out_finish(o, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "cannot write"));
	out_free(o);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json_is_one_document_of_the_same),
		cmocka_unit_test(test_a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
