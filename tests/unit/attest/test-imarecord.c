// SPDX-License-Identifier: LGPL-2.1-or-later
/* IMA is played by lchown(), after which a record is read for the first time: it adds an entry to a
 * list in a file. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../lib/attest/imalist.h"
#include "../../../lib/attest/imarecord.h"
#include "../../../lib/base/io.h"
#include "../../../lib/crypto/digest.h"

#define STATE                                                                                      \
	"diglim state 1\n"                                                                         \
	"list - a\n"                                                                               \
	"mode audit\n"                                                                             \
	"scope all\n"
#define LIST_CHANGE "diglim change 1\n+list - b\n-list - a\n"
#define MODE_CHANGE "diglim change 1\n+mode enforce\n-mode audit\n"
#define UNKNOWN	    "diglim unknown 1\nfile - /x\nuse exec\n"

static char dir[64], list[96];
static gid_t group_asked;
static bool no_rule;

static void put_field(struct buf *b, const void *data, size_t len)
{
	for (int i = 0; i < 4; i++)
		buf_add_u8(b, (uint8_t)(len >> (8 * i)));
	buf_add(b, data, len);
}

static void add_entry(const char *path, const void *content, size_t len)
{
	struct buf data = BUF_INIT, entry = BUF_INIT;
	uint8_t field[40] = "sha256:", stated[20] = {1};
	int fd = open(list, O_WRONLY | O_APPEND);

	assert_int_equal(digest_buffer(DIGEST_SHA256, content, len, field + 8, NULL), 0);
	put_field(&data, field, sizeof(field));
	put_field(&data, path, strlen(path) + 1);
	buf_add(&entry, "\12\0\0\0", 4);
	buf_add(&entry, stated, sizeof(stated));
	put_field(&entry, "ima-ng", 6);
	put_field(&entry, data.data, data.len);
	assert_int_equal(write(fd, entry.data, entry.len), entry.len);
	close(fd);
	buf_free(&data);
	buf_free(&entry);
}

int lchown(const char *path, uid_t uid, gid_t gid)
{
	struct buf content = BUF_INIT;

	assert_int_equal(uid, (uid_t)-1);
	group_asked = gid;
	assert_int_equal(io_read_file(path, STATEMENT_MAX, &content, NULL), 0);
	if (!no_rule)
		add_entry(path, content.data, content.len);
	buf_free(&content);
	return 0;
}

static int count_entry(const struct ima_entry *entry, void *arg)
{
	char *names = arg;

	snprintf(names + strlen(names), 1024 - strlen(names), "%.*s ",
		 (int)(entry->name_len - strlen(dir) - 10), entry->name + strlen(dir) + 10);
	return 0;
}

static void expect_entries(const char *want)
{
	struct buf b = BUF_INIT;
	char names[1024] = "";

	assert_int_equal(io_read_file(list, IMALIST_MAX, &b, NULL), 0);
	if (b.len)
		assert_int_equal(imalist_walk(b.data, b.len, count_entry, names, NULL), 0);
	assert_string_equal(names, want);
	buf_free(&b);
}

static void expect_file(const char *name, const char *want)
{
	struct buf b = BUF_INIT;
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/" IMARECORD_DIR "/%s", dir, name);
	assert_int_equal(io_read_file(path, STATEMENT_MAX, &b, NULL), 0);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	buf_free(&b);
}

static struct imarecord *open_it(void)
{
	struct imarecord_config cfg = {dir, list, 77};
	struct imarecord *r;
	struct err e = {0};

	if (imarecord_open(&cfg, &r, &e))
		fail_msg("%s", e.text);
	return r;
}

static int begin(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test-imarecord.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(list, sizeof(list), "%s/list", dir);
	close(open(list, O_WRONLY | O_CREAT, 0600));
	no_rule = false;
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void put_all(struct imarecord *r)
{
	static const char *const texts[] = {STATE, LIST_CHANGE, MODE_CHANGE, UNKNOWN};
	struct err e = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (imarecord_put(r, texts[i], &e))
			fail_msg("%s", e.text);
}

#define ALL "settings 000001-state 000002-change settings 000003-change 000004-unknown "

static void test_each_record_is_measured_once(void **state)
{
	struct imarecord *r = open_it();

	(void)state;
	put_all(r);
	imarecord_close(r);
	assert_int_equal(group_asked, 77);
	expect_entries(ALL);
	expect_file("000001-state", STATE);
	expect_file("000002-change", LIST_CHANGE);
	expect_file("000004-unknown", UNKNOWN);
	/* Keys and lists are none. */
	expect_file("settings", "diglim settings 1\nmode enforce\nscope all\n");
	/* Who comes next in the same boot finds what was measured. */
	r = open_it();
	put_all(r);
	imarecord_close(r);
	expect_entries(ALL);
}

static void test_without_a_rule(void **state)
{
	struct imarecord *r = open_it();
	struct err e = {0};

	(void)state;
	no_rule = true;
	assert_int_equal(imarecord_put(r, STATE, &e), -ENODATA);
	assert_non_null(strstr(e.text, "has not measured it"));
	no_rule = false;
	assert_int_equal(imarecord_put(r, STATE, &e), -EIO);
	imarecord_close(r);
	expect_entries("");
	/* What was written and not measured is measured now. */
	r = open_it();
	put_all(r);
	imarecord_close(r);
	expect_entries(ALL);
}

static void test_what_others_have_measured(void **state)
{
	static const char evil[] = "diglim state 1\nmode enforce\n";
	struct imarecord *r = open_it();
	struct err e = {0};
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/" IMARECORD_DIR "/000001-state", dir);
	add_entry("/elsewhere", "x", 1);
	add_entry(path, evil, sizeof(evil) - 1);
	if (imarecord_put(r, STATE, &e))
		fail_msg("%s", e.text);
	expect_file("000001-state", STATE);
	imarecord_close(r);
}

static void test_no_list(void **state)
{
	struct imarecord_config cfg = {dir, "/nonexistent/list", 77};
	struct imarecord *r;
	struct err e = {0};

	(void)state;
	assert_int_equal(imarecord_open(&cfg, &r, &e), -ENOENT);
	assert_null(r);
	r = open_it();
	assert_int_equal(imarecord_put(r, "nonsense", &e), -EBADMSG);
	imarecord_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_record_is_measured_once, begin, end),
		cmocka_unit_test_setup_teardown(test_without_a_rule, begin, end),
		cmocka_unit_test_setup_teardown(test_what_others_have_measured, begin, end),
		cmocka_unit_test_setup_teardown(test_no_list, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
