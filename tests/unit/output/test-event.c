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

#include "../../../abi/error.h"
#include "../../../abi/reason.h"
#include "../../../abi/state.h"
#include "../../../abi/use.h"
#include "../../../lib/output/event.h"
#include "../../../lib/output/json.h"

static const struct event_clock clock_now = {
	.boot_ns = 5000000000, .real_ns = 1700000005000000000, .session = 77};

static struct diglim_event *make(uint32_t type, const char *path, size_t *size)
{
	struct diglim_event *ev;

	*size = sizeof(*ev) + strlen(path) + 1;
	ev = calloc(1, *size);
	assert_non_null(ev);
	ev->version = DIGLIM_EVENT_VERSION;
	ev->type = type;
	ev->seq = 9;
	ev->time_ns = 4000000000;
	ev->reason = DIGLIM_REASON_UNKNOWN;
	ev->use = DIGLIM_USE_EXEC;
	ev->tgid = 42;
	ev->uid = 1000;
	ev->dev = 8 << 20 | 1;
	ev->has_digest = 1;
	memset(ev->digest, 0xab, sizeof(ev->digest));
	memset(ev->comm, 'c', sizeof(ev->comm)); /* not terminated */
	ev->path_len = (uint32_t)strlen(path) + 1;
	ev->path_kind = type >= DIGLIM_EVENT_LIST_ADDED ? DIGLIM_PATH_LIST : DIGLIM_PATH_FULL;
	strcpy(ev->path, path);
	return ev;
}

static void test_a_refusal_becomes_a_line(void **state)
{
	size_t size;
	struct diglim_event *ev = make(DIGLIM_EVENT_REFUSED, "/tmp/x", &size);
	char *line = event_line(ev, size, &clock_now);
	struct event_info info;
	struct jsonr *j;

	(void)state;
	assert_non_null(line);
	assert_null(strchr(line, '\n'));
	j = jsonr_parse(line, strlen(line));
	assert_non_null(j);
	assert_string_equal(jsonr_str(j, "event"), "refused");
	assert_string_equal(jsonr_str(j, "time"), "2023-11-14T22:13:24.000000Z");
	assert_string_equal(jsonr_str(j, "path"), "/tmp/x");
	assert_string_equal(jsonr_str(j, "reason"), "unknown");
	assert_string_equal(jsonr_str(j, "hook"), "exec");
	assert_string_equal(jsonr_str(j, "dev"), "8:1");
	assert_string_equal(jsonr_str(j, "program"), "cccccccccccccccc");
	assert_int_equal(strlen(jsonr_str(j, "digest")), 64);
	assert_int_equal(jsonr_num(j, "pid"), 42);
	jsonr_free(j);
	assert_int_equal(event_info(line, strlen(line), &info), 0);
	assert_int_equal(info.seq, 9);
	assert_int_equal(info.session, 77);
	assert_true(info.time_us == 1700000004000000);
	assert_true(info.refused);
	assert_false(info.list);
	free(line);
	free(ev);
}

/* The digest that decided has its own name: it is not that of the content. */
static void test_an_fsverity_digest_is_no_digest(void **state)
{
	size_t size;
	struct diglim_event *ev = make(DIGLIM_EVENT_REFUSED, "/tmp/x", &size);
	struct jsonr *j;
	char *line;

	(void)state;
	ev->has_digest = DIGLIM_DIGEST_VERITY;
	line = event_line(ev, size, &clock_now);
	j = jsonr_parse(line, strlen(line));
	assert_null(jsonr_str(j, "digest"));
	assert_int_equal(strlen(jsonr_str(j, "verity")), 64);
	jsonr_free(j);
	free(line);
	free(ev);
}

static void test_a_rejected_list_names_error_and_offset(void **state)
{
	size_t size;
	struct diglim_event *ev = make(DIGLIM_EVENT_LIST_REJECTED, "some-list", &size);
	struct event_info info;
	struct jsonr *j;
	char *line;

	(void)state;
	ev->reason = DIGLIM_E_SIG_INVALID;
	ev->offset = 17;
	line = event_line(ev, size, &clock_now);
	j = jsonr_parse(line, strlen(line));
	assert_string_equal(jsonr_str(j, "list"), "some-list");
	assert_int_equal(jsonr_num(j, "error"), DIGLIM_E_SIG_INVALID);
	assert_int_equal(jsonr_num(j, "offset"), 17);
	assert_null(jsonr_str(j, "path"));
	assert_int_equal(event_info(line, strlen(line), &info), 0);
	assert_true(info.list);
	assert_false(info.refused);
	jsonr_free(j);
	free(line);
	free(ev);
}

/* Lengths in a record must not be believed. */
static void test_a_lying_record_is_read_no_further_than_it_goes(void **state)
{
	size_t size;
	struct diglim_event *ev = make(DIGLIM_EVENT_REFUSED, "/tmp/path", &size);
	struct jsonr *j;
	char *line;

	(void)state;
	ev->path_len = UINT32_MAX;
	line = event_line(ev, size - 5, &clock_now);
	j = jsonr_parse(line, strlen(line));
	assert_string_equal(jsonr_str(j, "path"), "/tmp/");
	jsonr_free(j);
	free(line);
	assert_null(event_line(ev, sizeof(*ev) - 1, &clock_now));
	ev->version++;
	assert_null(event_line(ev, size, &clock_now));
	free(ev);
}

static void test_losses(void **state)
{
	char *line = event_lost_line(50, 3, &clock_now);
	struct event_info info;

	(void)state;
	assert_int_equal(event_info(line, strlen(line), &info), 0);
	assert_true(info.lost);
	assert_int_equal(info.seq, 50);
	free(line);
}

static void show(const char *line, char *got, size_t size)
{
	FILE *f = fmemopen(got, size, "w");
	struct out *o = out_new(f, false, false);

	assert_int_equal(event_show(o, line, strlen(line)), 0);
	out_finish(o, NULL);
	out_free(o);
	fclose(f);
}

static void test_people_see_what_why_and_what_to_do(void **state)
{
	size_t size;
	struct diglim_event *ev = make(DIGLIM_EVENT_WOULD_REFUSE, "/tmp/two words\033", &size);
	char *line = event_line(ev, size, &clock_now), got[2048] = "";

	(void)state;
	show(line, got, sizeof(got));
	assert_non_null(strstr(got, "would refuse"));
	assert_non_null(strstr(got, "execute /tmp/two words\\x1b"));
	assert_non_null(strstr(got, "pid 42, uid 1000"));
	assert_non_null(strstr(got, "why: no loaded list holds its digest"));
	assert_non_null(strstr(got, "diglim explain \"$(printf '/tmp/two\\040words\\033')\""));
	assert_null(strchr(got, '\033'));
	free(line);
	free(ev);
}

static void test_a_change_of_mode_is_told(void **state)
{
	size_t size;
	struct diglim_event *ev = make(DIGLIM_EVENT_MODE, "", &size);
	char *line, got[512] = "";

	(void)state;
	ev->path_len = 0;
	ev->reason = DIGLIM_MODE_ENFORCE;
	ev->offset = 900;
	line = event_line(ev, size, &clock_now);
	assert_non_null(strstr(line, "\"event\":\"mode\",\"mode\":\"enforce\",\"seconds\":900"));
	show(line, got, sizeof(got));
	assert_non_null(strstr(got, "enforce for 15m 0s"));
	free(line);
	free(ev);
}

static void test_foreign_lines_are_refused(void **state)
{
	struct event_info info;

	(void)state;
	assert_int_equal(event_info("{}", 2, &info), -EINVAL);
	assert_int_equal(event_info("x", 1, &info), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_refusal_becomes_a_line),
		cmocka_unit_test(test_an_fsverity_digest_is_no_digest),
		cmocka_unit_test(test_a_rejected_list_names_error_and_offset),
		cmocka_unit_test(test_a_lying_record_is_read_no_further_than_it_goes),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_people_see_what_why_and_what_to_do),
		cmocka_unit_test(test_a_change_of_mode_is_told),
		cmocka_unit_test(test_foreign_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
