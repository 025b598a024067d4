// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../lib/attest/measurelog.h"
#include "../../../lib/base/buf.h"
#include "../../../lib/base/hex.h"
#include "../../../lib/base/io.h"

#define STATE  "diglim state 1\nmode enforce\n"
#define CHANGE "diglim change 1\n+mode audit\n-mode enforce\n"
#define EVIL   "diglim unknown 1\nfile - /tmp/evil\n"

/* printf 'diglim state 1\nmode enforce\n' | openssl dgst -sha256 */
#define STATE_SHA256 "f8802d4317ca63ccd6147239c7edd1d512d916adb519c70d6f5abbcd82309233"

/* (head -c 32 /dev/zero; that digest, binary) | openssl dgst -sha256 */
#define GOLDEN_PCR "f4fb3b5b5c5b7cb87003a179b738c0bbdc2867b1075d938f7b6ab01d77b8ac48"

static const enum bank banks[BANK_MAX] = {BANK_SHA256, BANK_SHA384};
static char dir[] = "/tmp/measurelog-XXXXXX", path[64];

static int make_dir(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	return 0;
}

static int remove_dir(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static struct measure_writer *open_new(struct measure_log *log)
{
	struct measure_writer *w;
	struct err e = {0};

	if (measure_writer_open(path, &w, log, &e))
		fail_msg("%s", e.text);
	return w;
}

static void append(struct measure_writer *w, enum statement_kind kind, const char *text)
{
	struct err e = {0};

	if (measure_append(w, 13, banks, kind, text, NULL, &e))
		fail_msg("%s", e.text);
}

static void write_all(void)
{
	struct measure_log log;
	struct measure_writer *w;

	unlink(path);
	w = open_new(&log);
	assert_int_equal(log.n, 0);
	append(w, STATEMENT_STATE, STATE);
	append(w, STATEMENT_CHANGE, CHANGE);
	append(w, STATEMENT_UNKNOWN, EVIL);
	measure_writer_close(w);
}

static struct buf slurp(void)
{
	struct buf b = BUF_INIT;
	struct err e = {0};

	if (io_read_file(path, MEASURELOG_MAX, &b, &e))
		fail_msg("%s", e.text);
	return b;
}

static void round_trip(void **state)
{
	uint8_t value[BANK_SIZE_MAX] = {0}, want[BANK_SIZE_MAX] = {0};
	const struct measure_record *poison;
	struct measure_log log;
	struct statement s;
	struct buf b;
	struct err e = {0};

	write_all();
	b = slurp();
	assert_int_equal(b.data[0], 0x1e);
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_int_equal(measure_parse(b.data, b.len, BANK_NONE, &log, &e), 0);
	assert_int_equal(log.n, 3);
	assert_int_equal(log.length, b.len);
	assert_string_equal(log.records[2].text, EVIL);
	assert_int_equal(log.records[1].kind, STATEMENT_CHANGE);
	assert_int_equal(strlen(log.records[0].boot_id), 36);
	assert_int_equal(measure_replay(&log, 99, 13, BANK_SHA384, value, &e), 0);
	for (size_t i = 0; i < log.n; i++)
		assert_int_equal(bank_extend(BANK_SHA384, want,
					     measure_digest(&log.records[i], BANK_SHA384), &e),
				 0);
	assert_memory_equal(value, want, 48);
	assert_int_equal(measure_replay(&log, 99, 13, BANK_SHA1, value, &e), -ENODATA);
	assert_int_equal(measure_state(&log, 13, &s, &poison, &e), 0);
	assert_true(statement_has(&s, "mode audit"));
	assert_ptr_equal(poison, &log.records[2]);
	statement_done(&s);
	assert_int_equal(measure_state(&log, 12, &s, &poison, &e), 0);
	assert_int_equal(s.kind, STATEMENT_NONE);
	measure_log_done(&log);
	buf_free(&b);
}

/* What follows from a text was computed by another program. */
static void golden(void **state)
{
	uint8_t want[32], value[BANK_SIZE_MAX] = {0};
	struct measure_log log;
	struct err e = {0};
	struct buf b;

	write_all();
	b = slurp();
	assert_int_equal(measure_parse(b.data, b.len, BANK_NONE, &log, &e), 0);
	assert_int_equal(hex_decode(STATE_SHA256, 64, want, 32), 0);
	assert_memory_equal(measure_digest(&log.records[0], BANK_SHA256), want, 32);
	assert_int_equal(measure_replay(&log, 1, 13, BANK_SHA256, value, &e), 0);
	/* sha256(32 zero bytes || STATE_SHA256) */
	assert_int_equal(hex_decode(GOLDEN_PCR, 64, want, 32), 0);
	assert_memory_equal(value, want, 32);
	measure_log_done(&log);
	buf_free(&b);
}

/* Every prefix of a log is whole records and at most one torn one, which goes when it is opened. */
static void torn(void **state)
{
	struct measure_log log;
	struct err e = {0};
	struct buf b;

	write_all();
	b = slurp();
	for (size_t len = 0; len < b.len; len++) {
		size_t whole = 0;

		for (size_t i = 0; i < len; i++)
			whole += b.data[i] == '\n';
		assert_int_equal(measure_parse(b.data, len, BANK_NONE, &log, &e), 0);
		assert_int_equal(log.n, whole);
		assert_int_equal(log.torn, len && b.data[len - 1] != '\n');
		measure_log_done(&log);
	}
	assert_int_equal(truncate(path, (off_t)b.len - 5), 0);
	measure_writer_close(open_new(&log));
	assert_true(log.torn);
	assert_int_equal(log.n, 2);
	measure_log_done(&log);
	buf_free(&b);
	b = slurp();
	assert_int_equal(measure_parse(b.data, b.len, BANK_NONE, &log, &e), 0);
	assert_false(log.torn);
	assert_int_equal(log.n, 2);
	measure_log_done(&log);
	buf_free(&b);
}

static void replace(struct buf *b, const char *from, const char *to)
{
	uint8_t *at = memmem(b->data, b->len, from, strlen(from));
	size_t rest;

	assert_non_null(at);
	rest = b->len - (size_t)(at - b->data) - strlen(from);
	assert_true(strlen(to) <= strlen(from));
	memcpy(at, to, strlen(to));
	memmove(at + strlen(to), at + strlen(from), rest);
	b->len -= strlen(from) - strlen(to);
}

/* Each forgery is refused, with the record that is forged. */
static void forged(void **state)
{
	static const char *const changes[][2] = {
		{"/tmp/evil", "/tmp/good"},
		{"\"eventType\":\"unknown\"", "\"eventType\":\"change\""},
		{"\"pcr\":13", "\"pcr\":99"},
		{"\"pcr\":13,", ""},
		{"sha384", "sha256"},
		{"\"digests\":[", "\"digest\":["},
		{"\"bootId\"", "\"bootid\""},
		{"\x1e", " "},
		{NULL, "\x1e{}\n"}, /* in front */
		{"}}\n", "}\n"},
		{"diglim state 1", "diglim state 2"},
	};
	struct measure_log log;
	struct err e;

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct buf b;

		write_all();
		b = slurp();
		if (changes[i][0])
			replace(&b, changes[i][0], changes[i][1]);
		else
			buf_insert(&b, 0, changes[i][1], strlen(changes[i][1]));
		e.text[0] = '\0';
		if (measure_parse(b.data, b.len, BANK_NONE, &log, &e) != -EBADMSG)
			fail_msg("taken: %s", changes[i][1]);
		assert_non_null(strstr(e.text, "record "));
		buf_free(&b);
	}
}

static void order(void **state)
{
	struct measure_log log;
	struct measure_writer *w;
	struct statement s;
	struct err e = {0};

	unlink(path);
	w = open_new(&log);
	append(w, STATEMENT_CHANGE, CHANGE);
	append(w, STATEMENT_STATE, STATE);
	measure_writer_close(w);
	measure_writer_close(open_new(&log));
	assert_int_equal(measure_state(&log, 13, &s, NULL, &e), -EBADMSG);
	measure_log_done(&log);

	unlink(path);
	w = open_new(&log);
	append(w, STATEMENT_STATE, STATE);
	append(w, STATEMENT_STATE, STATE);
	measure_writer_close(w);
	measure_writer_close(open_new(&log));
	assert_int_equal(measure_state(&log, 13, &s, NULL, &e), -EBADMSG);
	assert_non_null(strstr(e.text, "second state"));
	measure_log_done(&log);
}

static void boot_state(void **state)
{
	/* What is written, and whether it is one state alone. */
	static const struct {
		enum statement_kind kind[2];
		bool is;
	} logs[] = {
		{{STATEMENT_STATE}, true},
		{{STATEMENT_STATE, STATEMENT_CHANGE}, false},
		{{STATEMENT_STATE, STATEMENT_UNKNOWN}, false},
		{{STATEMENT_STATE, STATEMENT_STATE}, false},
		{{STATEMENT_CHANGE}, false},
		{{STATEMENT_UNKNOWN}, false},
		{{STATEMENT_NONE}, false},
	};

	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		struct measure_log log;
		struct measure_writer *w;

		unlink(path);
		w = open_new(&log);
		for (size_t k = 0; k < 2 && logs[i].kind[k]; k++)
			append(w, logs[i].kind[k],
			       logs[i].kind[k] == STATEMENT_STATE    ? STATE
			       : logs[i].kind[k] == STATEMENT_CHANGE ? CHANGE
								     : EVIL);
		measure_writer_close(w);
		measure_writer_close(open_new(&log));
		assert_int_equal(measure_is_boot_state(&log, 13), logs[i].is);
		assert_false(measure_is_boot_state(&log, 12));
		measure_log_done(&log);
	}
}

/* A digest of another bank than the one that is asked for is not looked at. */
static void one_bank(void **state)
{
	struct measure_log log;
	struct buf b;
	struct err e = {0};
	char *at;

	write_all();
	b = slurp();
	buf_add_u8(&b, 0);
	at = strstr((char *)b.data, "\"sha384\"");
	at = at ? strstr(at, "\"digest\"") : NULL;
	assert_non_null(at);
	at += strlen("\"digest\":\"");
	at += *at == '"';
	*at = *at == '0' ? '1' : '0';
	b.len--;
	assert_int_equal(measure_parse(b.data, b.len, BANK_SHA384, &log, &e), -EBADMSG);
	assert_int_equal(measure_parse(b.data, b.len, BANK_NONE, &log, &e), -EBADMSG);
	assert_int_equal(measure_parse(b.data, b.len, BANK_SHA256, &log, &e), 0);
	measure_log_done(&log);
	buf_free(&b);
}

static void one_writer(void **state)
{
	struct measure_writer *w, *second;
	struct measure_log log;
	struct err e = {0};

	unlink(path);
	w = open_new(&log);
	assert_int_equal(measure_writer_open(path, &second, &log, &e), -EBUSY);
	assert_null(second);
	measure_writer_close(w);
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_true(measure_writer_open(path, &second, &log, &e) < 0);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(measure_writer_open(path, &second, &log, &e), -EINVAL);
	unlink(path);
}

/* A full disk leaves the log as it was, and the next record is whole. */
static void no_space(void **state)
{
	struct rlimit old, small;
	struct measure_writer *w;
	struct measure_log log;
	struct err e = {0};
	struct buf b;
	off_t size;

	write_all();
	b = slurp();
	size = (off_t)b.len;
	buf_free(&b);
	w = open_new(&log);
	measure_log_done(&log);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){(rlim_t)size + 20, old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(measure_append(w, 13, banks, STATEMENT_UNKNOWN, EVIL, NULL, &e), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	b = slurp();
	assert_int_equal(b.len, size);
	buf_free(&b);
	append(w, STATEMENT_UNKNOWN, EVIL);
	measure_writer_close(w);
	measure_writer_close(open_new(&log));
	assert_int_equal(log.n, 4);
	measure_log_done(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip), cmocka_unit_test(golden),
		cmocka_unit_test(torn),	      cmocka_unit_test(forged),
		cmocka_unit_test(order),      cmocka_unit_test(one_writer),
		cmocka_unit_test(no_space),   cmocka_unit_test(boot_state),
		cmocka_unit_test(one_bank),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
