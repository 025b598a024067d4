/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of the read pins, as the kernel side writes them and as somebody might who wants trouble.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "../../../lib/engine/records.h"

/* Bytes in memory of just their size, so that reading behind them is seen. */
struct buf {
	uint8_t *data;
	size_t len;
};

static void add(struct buf *b, const void *data, size_t len)
{
	b->data = realloc(b->data, b->len + len);
	assert_non_null(b->data);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void add_head(struct buf *b, uint32_t kind, size_t size, uint64_t number)
{
	struct diglim_read_head h = {.kind = kind,
				     .version = DIGLIM_READ_VERSION,
				     .size = (uint32_t)size,
				     .number = number};

	add(b, &h, sizeof(h));
}

static const size_t fixed = sizeof(struct diglim_read_head) + sizeof(struct diglim_event) +
			    sizeof(struct diglim_read_tail);

struct event {
	uint64_t number, seq, tail, path_tail;
	uint32_t path_len; /* as the event says */
	const char *path;
	size_t bytes; /* as they are */
};

static void add_event(struct buf *b, const struct event *v)
{
	struct diglim_event ev = {.version = DIGLIM_EVENT_VERSION,
				  .seq = v->seq,
				  .path_len = v->path_len,
				  .path_kind = DIGLIM_PATH_FULL};
	struct diglim_read_tail t = {v->tail, v->path_tail};

	add_head(b, DIGLIM_READ_EVENT, fixed + v->bytes, v->number);
	add(b, &ev, sizeof(ev));
	if (v->bytes)
		add(b, v->path, v->bytes);
	add(b, &t, sizeof(t));
}

/* What record_event() says of @v alone; the event goes to *ret. */
static int read_event(const struct event *v, union record_event *ret, size_t *size)
{
	struct buf b = {0};
	struct record rec;
	struct records all;
	int r;

	add_event(&b, v);
	all = (struct records){.data = b.data, .len = b.len};
	r = records_next(&all, DIGLIM_READ_EVENT, &rec, NULL);
	if (r > 0)
		r = record_event(&rec, ret, size, NULL);
	free(b.data);
	return r;
}

static void test_a_whole_event_is_taken(void **state)
{
	const struct event v = {9, 9, 9, 9, 6, "/bin/x", 6};
	union record_event ev;
	size_t size = 0;

	(void)state;
	assert_int_equal(read_event(&v, &ev, &size), 1);
	assert_int_equal(size, sizeof(ev.event) + 6);
	assert_memory_equal(ev.event.path, "/bin/x", 6);
	assert_int_equal(ev.event.path_kind, DIGLIM_PATH_FULL);
}

static void test_what_changed_under_the_copying_is_not(void **state)
{
	const struct event later = {9, 9, 17, 9, 6, "/bin/x", 6};
	const struct event mixed = {9, 17, 9, 9, 6, "/bin/x", 6};
	const struct event written = {9, 9, 0, 9, 6, "/bin/x", 6};
	const struct event none = {0, 0, 0, 0, 6, "/bin/x", 6};
	union record_event ev;
	size_t size;

	(void)state;
	assert_int_equal(read_event(&later, &ev, &size), 0);
	assert_int_equal(read_event(&mixed, &ev, &size), 0);
	assert_int_equal(read_event(&written, &ev, &size), 0);
	assert_int_equal(read_event(&none, &ev, &size), 0);
}

/* The event stays, without the path that belongs to another. */
static void test_a_path_that_is_gone_is_left_out(void **state)
{
	const struct event overwritten = {9, 9, 9, 12, 6, "/bin/x", 6};
	const struct event gone = {9, 9, 9, 12, 3000, "", 0};
	union record_event ev;
	size_t size;

	(void)state;
	assert_int_equal(read_event(&overwritten, &ev, &size), 1);
	assert_int_equal(ev.event.path_len, 0);
	assert_int_equal(ev.event.path_kind, DIGLIM_PATH_NONE);
	assert_int_equal(size, sizeof(ev.event));
	assert_int_equal(read_event(&gone, &ev, &size), 1);
	assert_int_equal(ev.event.path_len, 0);
}

static void test_lengths_are_not_believed(void **state)
{
	static const char text[DIGLIM_PATH_LONG + 1] = "/";
	const struct event says_more = {9, 9, 9, 9, UINT32_MAX, "/bin/x", 6};
	const struct event says_less = {9, 9, 9, 9, 2, "/bin/x", 6};
	const struct event longest = {9, 9, 9, 9, DIGLIM_PATH_LONG, text, DIGLIM_PATH_LONG};
	const struct event too_long = {9, 9, 9, 9, DIGLIM_PATH_LONG + 1, text, sizeof(text)};
	union record_event ev;
	size_t size;

	(void)state;
	assert_int_equal(read_event(&says_more, &ev, &size), -EBADMSG);
	assert_int_equal(read_event(&says_less, &ev, &size), -EBADMSG);
	assert_int_equal(read_event(&longest, &ev, &size), 1);
	assert_int_equal(size, sizeof(ev));
	assert_int_equal(read_event(&too_long, &ev, &size), -EBADMSG);
}

static void expect_bad_head(size_t bytes, uint32_t kind, uint32_t version, uint32_t size)
{
	struct diglim_read_head h = {.kind = kind, .version = version, .size = size};
	uint8_t *data = calloc(1, bytes);
	struct records all = {.data = data, .len = bytes};
	struct err e = {0};
	struct record rec;

	memcpy(data, &h, bytes < sizeof(h) ? bytes : sizeof(h));
	assert_int_equal(records_next(&all, DIGLIM_READ_LIST, &rec, &e), -EBADMSG);
	assert_true(e.text[0]);
	free(data);
}

static void test_heads_are_checked(void **state)
{
	const uint32_t v = DIGLIM_READ_VERSION, head = sizeof(struct diglim_read_head);

	(void)state;
	expect_bad_head(1, DIGLIM_READ_LIST, v, head);
	expect_bad_head(head - 1, DIGLIM_READ_LIST, v, head);
	expect_bad_head(head, DIGLIM_READ_EVENT, v, head);
	expect_bad_head(head, DIGLIM_READ_LIST, v + 1, head);
	expect_bad_head(head, DIGLIM_READ_LIST, v, 0);
	expect_bad_head(head, DIGLIM_READ_LIST, v, head - 1);
	expect_bad_head(head, DIGLIM_READ_LIST, v, head + 1);
	expect_bad_head(head, DIGLIM_READ_LIST, v, UINT32_MAX);
}

static void test_an_event_of_the_head_alone_is_refused(void **state)
{
	struct buf b = {0};
	struct records all;
	union record_event ev;
	struct record rec;
	size_t size;

	(void)state;
	add_head(&b, DIGLIM_READ_EVENT, sizeof(struct diglim_read_head), 9);
	all = (struct records){.data = b.data, .len = b.len};
	assert_int_equal(records_next(&all, DIGLIM_READ_EVENT, &rec, NULL), 1);
	assert_int_equal(record_event(&rec, &ev, &size, NULL), -EBADMSG);
	assert_int_equal(records_next(&all, DIGLIM_READ_EVENT, &rec, NULL), 0);
	free(b.data);
}

static void test_state(void **state)
{
	struct diglim_read_state s = {.head = {.kind = DIGLIM_READ_STATE,
					       .version = DIGLIM_READ_VERSION,
					       .size = sizeof(s)},
				      .limits = {.ingest_buffer = 65536, .events = 8},
				      .status = {.event_seq = 77}},
				 got;
	struct record rec = {.data = (uint8_t *)&s, .size = sizeof(s)};

	(void)state;
	assert_int_equal(record_state(&rec, &got, NULL), 0);
	assert_int_equal(got.status.event_seq, 77);
	rec.size--;
	assert_int_equal(record_state(&rec, &got, NULL), -EBADMSG);
	rec.size++;
	s.limits.ingest_buffer = DIGLIM_SIG_MAX - 1;
	assert_int_equal(record_state(&rec, &got, NULL), -EBADMSG);
	s.limits.ingest_buffer = 65536;
	s.limits.events = 0;
	assert_int_equal(record_state(&rec, &got, NULL), -EBADMSG);
}

static void test_list(void **state)
{
	struct diglim_read_list l = {.head = {.kind = DIGLIM_READ_LIST,
					      .version = DIGLIM_READ_VERSION,
					      .size = sizeof(l)}},
				got;
	struct record rec = {.data = (uint8_t *)&l, .size = sizeof(l)};

	(void)state;
	memset(l.record.name, 'n', sizeof(l.record.name));
	l.record.key_id_len = UINT32_MAX;
	assert_int_equal(record_list(&rec, &got, NULL), 0);
	assert_int_equal(strlen(got.record.name), sizeof(got.record.name) - 1);
	assert_int_equal(got.record.key_id_len, sizeof(got.record.key_id));
	rec.size -= 8;
	assert_int_equal(record_list(&rec, &got, NULL), -EBADMSG);
}

/* Any bytes: refused or taken, and never read behind their end (run under valgrind or ASan). */
static void test_noise(void **state)
{
	union record_event ev;
	struct record rec;
	size_t size, taken = 0, refused = 0;

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		struct buf b = {0};
		struct event v = {9, 9, 9, 9, 6, "/bin/x", 6};
		struct records all;
		int r;

		add_event(&b, &v);
		add_event(&b, &v);
		for (int k = rand() % 4; k > 0; k--)
			b.data[(size_t)rand() % b.len] = (uint8_t)rand();
		b.len -= (size_t)rand() % 3;
		b.data = realloc(b.data, b.len);
		all = (struct records){.data = b.data, .len = b.len};
		while ((r = records_next(&all, DIGLIM_READ_EVENT, &rec, NULL)) > 0 &&
		       (r = record_event(&rec, &ev, &size, NULL)) >= 0)
			taken += r > 0;
		refused += r < 0;
		free(b.data);
	}
	assert_true(taken > 1000);
	assert_true(refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_event_is_taken),
		cmocka_unit_test(test_what_changed_under_the_copying_is_not),
		cmocka_unit_test(test_a_path_that_is_gone_is_left_out),
		cmocka_unit_test(test_lengths_are_not_believed),
		cmocka_unit_test(test_heads_are_checked),
		cmocka_unit_test(test_an_event_of_the_head_alone_is_refused),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
