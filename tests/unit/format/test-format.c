// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "../../../abi/error.h"
#include "../../../abi/use.h"
#include "../../../lib/base/hex.h"
#include "../../../lib/base/io.h"
#include "../../../lib/format/listfile.h"
#include "../../../lib/format/payload.h"
#include "../../../lib/format/tlvwrite.h"
#include "../base/testdata.h"

static const uint8_t da[32] = {0xaa}, db[32] = {0xbb};

/* name "n", time 1, two entries: the bytes of diglim-list(5). */
static const char golden[] = "0000"
			     "00000002"
			     "0004" /* ALGO: SHA-256 */
			     "0040"
			     "00000001"
			     "6e" /* NAME */
			     "0041"
			     "00000008"
			     "0000000000000001" /* TIME */
			     "0001"
			     "00000004"
			     "00000002" /* COUNT */
			     "0002"
			     "00000030" /* ENTRY */
			     "0000"
			     "00000020"
			     "bb00000000000000000000000000000000000000000000000000000000000000"
			     "0040"
			     "00000004"
			     "00000002"
			     "0002"
			     "00000039" /* ENTRY */
			     "0000"
			     "00000020"
			     "aa00000000000000000000000000000000000000000000000000000000000000"
			     "0001"
			     "00000003"
			     "2f6100"
			     "0040"
			     "00000004"
			     "00000005";

static void tlv_golden(void **state)
{
	struct tlvwrite *w = tlvwrite_new("n", 1);
	struct buf b = BUF_INIT;
	uint8_t raw[sizeof(golden) / 2];
	struct err e;

	assert_int_equal(hex_decode(golden, sizeof(golden) - 1, raw, sizeof(golden) / 2), 0);
	/* Out of order, and one twice with another use. */
	assert_int_equal(tlvwrite_add(w, da, "/a", DIGLIM_USE_EXEC, &e), 0);
	assert_int_equal(tlvwrite_add(w, db, NULL, DIGLIM_USE_MODULE, &e), 0);
	assert_int_equal(tlvwrite_add(w, da, "/a", DIGLIM_USE_FIRMWARE, &e), 0);
	assert_int_equal(tlvwrite_count(w), 3);
	assert_int_equal(tlvwrite_finish(w, &b, &e), 0);
	assert_int_equal(b.len, sizeof(golden) / 2);
	assert_memory_equal(b.data, raw, b.len);
	tlvwrite_free(w);
	buf_free(&b);
}

static void tlv_limits(void **state)
{
	struct tlvwrite *w = tlvwrite_new(NULL, 0);
	struct buf b = BUF_INIT;
	char longer[DIGLIM_PATH_LONG + 1];
	struct err e;

	assert_int_equal(tlvwrite_finish(w, &b, &e), -DIGLIM_E_EMPTY);
	assert_int_equal(tlvwrite_add(w, da, "/a", 0, &e), -EINVAL);
	assert_int_equal(tlvwrite_add(w, da, "/a", 0x100, &e), -EINVAL);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(tlvwrite_add(w, da, longer, 1, &e), -ENAMETOOLONG);
	longer[DIGLIM_PATH_LONG - 1] = '\0';
	assert_int_equal(tlvwrite_add(w, da, longer, 1, &e), 0);
	assert_int_equal(tlvwrite_finish(w, &b, &e), 0);
	assert_int_equal(payload_walk(b.data, b.len, "x", NULL, NULL, NULL, &e), 0);
	buf_free(&b);
	for (uint32_t i = 0; i <= DIGLIM_LIST_ENTRIES_MAX; i++) {
		uint8_t d[32];

		memset(d, 0, sizeof(d));
		memcpy(d, &i, sizeof(i));
		assert_int_equal(tlvwrite_add(w, d, NULL, 1, &e), 0);
	}
	assert_int_equal(tlvwrite_finish(w, &b, &e), -DIGLIM_E_TOO_MANY);
	tlvwrite_free(w);
	buf_free(&b);
}

/* The same number by content and by fs-verity: two entries, told apart by the reader. */
static int see_kind(const struct payload_entry *entry, void *arg)
{
	struct digestname d;
	char text[DIGESTNAME_MAX];

	digestname_of_key(entry->digest, entry->verity, &d);
	strcat(strcat(arg, digestname_text(&d, text)), " ");
	return 0;
}

static void tlv_verity(void **state)
{
	struct tlvwrite *w = tlvwrite_new("n", 1);
	struct digestname d = {.verity = true};
	char text[DIGESTNAME_MAX], all[400] = "";
	struct buf b = BUF_INIT;
	uint8_t key[32];
	struct err e;

	memcpy(d.value, da, sizeof(d.value));
	digestname_key(&d, key);
	assert_memory_not_equal(key, da, sizeof(key));
	assert_int_equal(tlvwrite_add_name(w, &d, "/a", 1, &e), 0);
	assert_int_equal(tlvwrite_add(w, da, "/a", 1, &e), 0);
	assert_int_equal(tlvwrite_add_verity(w, da, "/a", 2, &e), 0);
	assert_int_equal(tlvwrite_finish(w, &b, &e), 0);
	assert_int_equal(payload_walk(b.data, b.len, "x", NULL, see_kind, all, &e), 0);
	assert_string_equal(all,
			    "aa00000000000000000000000000000000000000000000000000000000000000 "
			    "verity:sha256:"
			    "aa00000000000000000000000000000000000000000000000000000000000000 ");
	digestname_text(&d, text);
	memset(&d, 0, sizeof(d));
	assert_int_equal(digestname_parse(text, strlen(text), &d), 0);
	assert_true(d.verity);
	assert_memory_equal(d.value, da, sizeof(d.value));
	assert_int_equal(digestname_parse(text, strlen(text) - 1, &d), -EINVAL);
	assert_int_equal(digestname_parse(text + 1, strlen(text) - 1, &d), -EINVAL);
	assert_int_equal(digestname_parse(text, strlen(DIGESTNAME_VERITY), &d), -EINVAL);
	assert_int_equal(digestname_parse("", 0, &d), -EINVAL);
	tlvwrite_free(w);
	buf_free(&b);
}

struct seen {
	int n;
	int stop_at;
	char paths[256];
	uint32_t use[8];
};

static int see(const struct payload_entry *entry, void *arg)
{
	struct seen *s = arg;

	strcat(strcat(s->paths, entry->path ? entry->path : "-"), " ");
	s->use[s->n++] = entry->use;
	return s->n == s->stop_at ? 7 : 0;
}

static void walking_tlv(void **state)
{
	struct tlvwrite *w = tlvwrite_new("my list", 1);
	struct payload_info info, other;
	struct buf b = BUF_INIT;
	struct seen s = {0};
	struct err e;

	assert_int_equal(tlvwrite_add(w, da, "/usr/bin/a", DIGLIM_USE_EXEC, &e), 0);
	assert_int_equal(tlvwrite_add(w, db, "/usr/bin/b", DIGLIM_USE_ALL, &e), 0);
	assert_int_equal(tlvwrite_finish(w, &b, &e), 0);
	assert_int_equal(payload_walk(b.data, b.len, "x", &info, see, &s, &e), 0);
	assert_string_equal(s.paths, "/usr/bin/a /usr/bin/b ");
	assert_int_equal(s.use[1], DIGLIM_USE_ALL);
	assert_string_equal(info.name, "my list");
	assert_int_equal(info.format, DIGLIM_FORMAT_TLV);
	assert_int_equal(info.digests, 2);
	assert_int_equal(payload_peek(b.data, b.len, "x", &other, &e), 0);
	assert_int_equal(other.digests, 2);
	assert_int_equal(other.type, info.type);
	assert_string_equal(other.name, "my list");
	assert_true(payload_peek(b.data, 7, "x", &other, &e) < 0);
	assert_int_equal(other.digests, 0);
	s = (struct seen){.stop_at = 1};
	assert_int_equal(payload_walk(b.data, b.len, "x", NULL, see, &s, &e), 7);
	assert_int_equal(s.n, 1);
	/* The identity is that of the content. */
	b.data[b.len - 1] ^= 2;
	assert_int_equal(payload_walk(b.data, b.len, "x", &other, NULL, NULL, &e), 0);
	assert_memory_not_equal(info.list_id, other.list_id, sizeof(info.list_id));
	for (size_t len = 0; len < b.len; len++) {
		int r = payload_walk(b.data, len, "file", NULL, see, &(struct seen){0}, &e);

		assert_true(r < 0);
		assert_non_null(strstr(e.text, "file: offset"));
	}
	tlvwrite_free(w);
	buf_free(&b);
}

static void walking_compact(void **state)
{
	uint8_t b[16 + 32] = {1, 0, 1, 0, 0, 0, 4, 0, 1, 0, 0, 0, 32, 0, 0, 0, 0xcc};
	struct payload_info info;
	struct seen s = {0};
	struct err e;

	assert_int_equal(payload_walk(b, sizeof(b), "x", &info, see, &s, &e), 0);
	assert_int_equal(info.format, DIGLIM_FORMAT_COMPACT);
	assert_string_equal(s.paths, "- ");
	assert_int_equal(payload_walk(b, sizeof(b) - 1, "x", &info, see, &s, &e),
			 -DIGLIM_E_TRUNCATED);
	assert_int_equal(payload_walk("garbage", 7, "x", &info, see, &s, &e), -DIGLIM_E_FORMAT);
	assert_string_equal(payload_format_name(info.format), "none");
	assert_string_equal(payload_format_name((enum diglim_format)99), "unknown");
}

static char *dir;

static const char *in_dir(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int set_up(void **state)
{
	dir = temp_dir();
	return dir ? 0 : -1;
}

static int tear_down(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void list_files(void **state)
{
	struct listfile l;
	struct stat st;
	struct err e;

	assert_int_equal(listfile_write(in_dir("list"), "payload", 7, "sig", 3, &e), 0);
	assert_int_equal(stat(in_dir("list"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_size, 7 + 3 + 12 + 28);
	assert_int_equal(listfile_read(in_dir("list"), &l, &e), 0);
	assert_int_equal(l.payload_len, 7);
	assert_memory_equal(l.payload, "payload", 7);
	assert_int_equal(l.sig_len, 3);
	assert_memory_equal(l.sig, "sig", 3);
	assert_memory_equal(l.data.data + 10, "\0\0\2\0\0\0\0\0\0\0\0\3", 12);
	listfile_done(&l);
	assert_int_equal(listfile_write(in_dir("list"), "", 0, "sig", 3, &e), -EFBIG);
	assert_int_equal(listfile_write(in_dir("list"), "p", 1, "", 0, &e), -EFBIG);
	assert_int_equal(listfile_write(in_dir("no/list"), "p", 1, "s", 1, &e), -ENOENT);
}

static void bad_list_files(void **state)
{
	struct buf b = BUF_INIT;
	struct listfile l;
	struct err e;

	assert_int_equal(listfile_write(in_dir("list"), "payload", 7, "sig", 3, &e), 0);
	assert_int_equal(io_read_file(in_dir("list"), 1000, &b, &e), 0);
	for (size_t len = 0; len < b.len; len++)
		assert_true(listfile_split(b.data, len, "x", &l, &e) < 0);
	/* Every byte of trailer and marker matters; that of the length moves the border. */
	for (size_t i = 10; i < b.len; i++) {
		int r;

		b.data[i] ^= 1;
		r = listfile_split(b.data, b.len, "x", &l, &e);
		if (i == 10 + 11)
			assert_int_equal(l.sig_len, 2);
		else
			assert_true(r < 0);
		b.data[i] ^= 1;
	}
	b.data[10 + 11] = 10; /* no payload left */
	assert_int_equal(listfile_split(b.data, b.len, "x", &l, &e), -DIGLIM_E_SIG_FORMAT);
	b.data[10 + 11] = 0;
	assert_int_equal(listfile_split(b.data, b.len, "x", &l, &e), -DIGLIM_E_SIG_FORMAT);
	assert_int_equal(listfile_split("plain text", 10, "x", &l, &e), -DIGLIM_E_NO_SIGNATURE);
	assert_int_equal(listfile_split("", 0, "x", &l, &e), -DIGLIM_E_EMPTY);
	assert_int_equal(listfile_read(dir, &l, &e), -EISDIR);
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_int_equal(listfile_read(in_dir("fifo"), &l, &e), -EINVAL);
	buf_free(&b);
}

static void too_large_list_file(void **state)
{
	struct listfile l;
	struct err e;
	FILE *f = fopen(in_dir("large"), "w");

	assert_int_equal(fseek(f, LISTFILE_MAX, SEEK_SET), 0);
	fputc(0, f);
	fclose(f);
	assert_int_equal(listfile_read(in_dir("large"), &l, &e), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tlv_golden),	   cmocka_unit_test(tlv_limits),
		cmocka_unit_test(tlv_verity),	   cmocka_unit_test(walking_tlv),
		cmocka_unit_test(walking_compact), cmocka_unit_test(list_files),
		cmocka_unit_test(bad_list_files),  cmocka_unit_test(too_large_list_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
