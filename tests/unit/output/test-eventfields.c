/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../abi/event.h"
#include "../../../abi/reason.h"
#include "../../../lib/output/event.h"
#include "../../../lib/output/eventfields.h"

#define WHO "\"program\":\"sh\",\"pid\":42,\"uid\":1000"

static const struct {
	const char *line, *said;
	int priority;
} rows[] = {
	{"{\"event\":\"refused\",\"hook\":\"exec\",\"path\":\"/x\",\"reason\":\"unknown\"," WHO "}",
	 "refused to execute /x by sh (pid 42, uid 1000): no loaded list holds its digest", 4},
	{"{\"event\":\"would-refuse\",\"hook\":\"mmap\",\"inode\":7,\"reason\":\"later\"," WHO "}",
	 "would refuse to map executable inode 7 by sh (pid 42, uid 1000): later", 5},
	{"{\"event\":\"lost\",\"count\":3,\"seq\":9}", "3 events up to number 9 were lost", 3},
	{"{\"event\":\"mode\",\"mode\":\"enforce\",\"seconds\":60," WHO "}",
	 "mode enforce for 60 s by sh (pid 42, uid 1000)", 5},
	{"{\"event\":\"list-added\",\"list\":\"bash-5\"," WHO "}",
	 "list-added bash-5 by sh (pid 42, uid 1000)", 6},
	{"{\"event\":\"list-rejected\",\"list\":\"evil\",\"reason\":\"bad signature\"," WHO "}",
	 "list-rejected evil by sh (pid 42, uid 1000): bad signature", 4},
	{"{\"event\":\"later\"}", "later by ? (pid ?, uid ?)", 6},
};

static void test_what_is_said(void **state)
{
	struct event_fields f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(event_fields(rows[i].line, strlen(rows[i].line), &f), 0);
		assert_string_equal(f.said, rows[i].said);
		assert_int_equal(f.priority, rows[i].priority);
		event_fields_done(&f);
	}
}

/* A name must not become a second line of the log, nor act on a terminal. */
static void test_names_are_escaped(void **state)
{
	static const char line[] = "{\"event\":\"refused\",\"path\":\"/a\\u001b[2J\\nb\"," WHO "}";
	struct event_fields f;

	(void)state;
	assert_int_equal(event_fields(line, strlen(line), &f), 0);
	assert_null(strpbrk(f.said, "\n\033"));
	assert_non_null(strstr(f.said, "/a\\x1b[2J\\x0ab"));
	assert_string_equal(event_field(&f, "PATH"), "/a\033[2J\nb");
	event_fields_done(&f);
}

/* Nothing of a real event is left out, however long its path. */
static void test_a_real_event(void **state)
{
	const struct event_clock clock = {.boot_ns = 2, .real_ns = 2000, .session = 5};
	size_t size = sizeof(struct diglim_event) + DIGLIM_PATH_LONG;
	struct diglim_event *ev = calloc(1, size);
	struct event_fields f;
	char *line;

	(void)state;
	assert_non_null(ev);
	*ev = (struct diglim_event){.version = DIGLIM_EVENT_VERSION,
				    .type = DIGLIM_EVENT_REFUSED,
				    .seq = 3,
				    .reason = DIGLIM_REASON_UNKNOWN,
				    .has_digest = 1,
				    .tgid = 9,
				    .path_len = DIGLIM_PATH_LONG,
				    .path_kind = DIGLIM_PATH_FULL};
	memset(ev->path, '\001', DIGLIM_PATH_LONG - 1);
	line = event_line(ev, size, &clock);
	assert_non_null(line);
	assert_int_equal(event_fields(line, strlen(line), &f), 0);
	assert_string_equal(event_field(&f, "SEQ"), "3");
	assert_string_equal(event_field(&f, "SESSION"), "5");
	assert_int_equal(strlen(event_field(&f, "DIGEST")), 2 * DIGLIM_DIGEST_SIZE);
	assert_string_equal(event_field(&f, "PID"), "9");
	assert_null(event_field(&f, "PI"));
	assert_true(f.refused);
	event_fields_done(&f);
	free(line);
	free(ev);
}

static void test_nonsense(void **state)
{
	static const char *const lines[] = {"", "[]", "{}", "{\"event\":7}", "refused"};
	struct event_fields f;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(event_fields(lines[i], strlen(lines[i]), &f), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_names_are_escaped),
		cmocka_unit_test(test_a_real_event),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
