// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/format/legacy.h"

static char seen[2000];

static int see(const struct legacy_entry *entry, void *arg)
{
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%s %02x %.50s %u:%u:%o|",
		 legacy_type_name(entry->type), entry->immutable ? "!" : "",
		 entry->digest ? entry->digest[0] : 0xff, entry->path, entry->uid, entry->gid,
		 entry->mode);
	return 0;
}

static int walk(const struct buf *b, enum legacy_type type, struct err *e)
{
	seen[0] = '\0';
	return legacy_walk(b->data, b->len, "LIST", type, see, NULL, e);
}

static void names(void **state)
{
	static const struct {
		const char *file;
		enum legacy_type type;
		enum legacy_format format;
		const char *name;
	} good[] = {
		{"0-file_list-compact-tool", LEGACY_FILE, LEGACY_COMPACT, "tool"},
		{"12-metadata_list-compact_tlv-a-b", LEGACY_METADATA, LEGACY_COMPACT_TLV, "a-b"},
		{"0-file_list-rpm-bash-5.1-8.x86_64", LEGACY_FILE, LEGACY_RPM, "bash-5.1-8.x86_64"},
		{"1-key_list-compact-k", LEGACY_KEY, LEGACY_COMPACT, "k"},
		{"0-parser_list-compact-p", LEGACY_PARSER, LEGACY_COMPACT, "p"},
		{"rpm-bash-5.1-8.x86_64", LEGACY_UNKNOWN, LEGACY_RPM, "bash-5.1-8.x86_64"},
		{"7-tlv-x", LEGACY_UNKNOWN, LEGACY_TLV, "x"},
	};
	static const char *const bad[] = {"",
					  "-",
					  "compact",
					  "compact-",
					  "x-compact-y",
					  "0-file_list-",
					  "0-file_list-zip-x",
					  "file_list-compact-x",
					  "0-other_list-compact-x",
					  "0-file_listcompact-x"};
	struct legacy_name n;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!legacy_name_read(good[i].file, &n))
			fail_msg("%s", good[i].file);
		assert_int_equal(n.type, good[i].type);
		assert_int_equal(n.format, good[i].format);
		assert_string_equal(n.name, good[i].name);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (legacy_name_read(bad[i], &n))
			fail_msg("'%s' is taken for a name", bad[i]);
}

/* The same number means files in one numbering, metadata in the other: the name decides. */
static void numberings(void **state)
{
	uint8_t digests[64] = {0xa1, [32] = 0xa2};
	struct buf old = BUF_INIT, new = BUF_INIT;
	struct err e;

	legacy_put_block(&old, LEGACY_FILE, LEGACY_FROM_KEY, false, digests, 2);
	legacy_put_block(&old, LEGACY_FILE, LEGACY_FROM_KEY, true, digests + 32, 1);
	legacy_put_block(&new, LEGACY_FILE, LEGACY_FROM_PARSER, false, digests, 1);
	assert_int_equal(old.data[2], 2);
	assert_int_equal(new.data[2], 1);
	assert_int_equal(walk(&old, LEGACY_FILE, &e), 0);
	assert_string_equal(seen, "file a1  0:0:0|file a2  0:0:0|file! a2  0:0:0|");
	assert_int_equal(walk(&new, LEGACY_FILE, &e), 0);
	assert_int_equal(walk(&old, LEGACY_METADATA, &e), 0);
	assert_string_equal(seen, "metadata ff  0:0:0|metadata ff  0:0:0|metadata! ff  0:0:0|");
	assert_int_equal(walk(&new, LEGACY_METADATA, &e), -EINVAL);
	assert_int_equal(walk(&new, LEGACY_PARSER, &e), 0);
	assert_int_equal(walk(&old, LEGACY_UNKNOWN, &e), -EINVAL);
	assert_non_null(strstr(e.text, "offset 2: a type"));
	assert_int_equal(walk(&new, LEGACY_UNKNOWN, &e), 0);
	buf_free(&old);
	buf_free(&new);
}

static void tlv(void **state)
{
	uint8_t digest[32] = {0xb1};
	struct legacy_entry entries[2] = {
		{.digest = digest,
		 .path = "/usr/bin/x",
		 .has_owner = true,
		 .uid = 1,
		 .gid = 2,
		 .mode = 04755,
		 .label = "system_u",
		 .caps = "cap_net_raw=ep"},
		{.path = "/etc/y"},
	};
	struct buf b = BUF_INIT;
	struct err e;

	legacy_put_tlv(&b, LEGACY_METADATA, LEGACY_FROM_KEY, entries, 2);
	assert_int_equal(b.data[0], 2);
	if (walk(&b, LEGACY_METADATA, &e))
		fail_msg("%s", e.text);
	assert_string_equal(seen, "metadata b1 /usr/bin/x 1:2:4755|metadata ff /etc/y 0:0:0|");
	/* Cut anywhere it is refused, and said where. */
	for (size_t n = b.len - 1; n; n--) {
		struct buf cut = {b.data, n, n, false};

		assert_int_equal(walk(&cut, LEGACY_METADATA, &e), -EINVAL);
		assert_non_null(strstr(e.text, "LIST: offset "));
	}
	buf_free(&b);
}

/* One byte is changed, and the reason is the right one. */
static void damaged(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		int code;
		const char *why;
	} cases[] = {
		{0, 3, -EINVAL, "no block"},	   {1, 1, -EINVAL, "no block"},
		{2, 9, -EINVAL, "a type"},	   {4, 2, -EINVAL, "modifier"},
		{6, 2, -ENOTSUP, "SHA-256"},	   {8, 2, -EINVAL, "number of digests"},
		{12, 33, -EINVAL, "longer than"},  {12, 31, -EINVAL, "number of digests"},
		{15, 255, -EINVAL, "longer than"},
	};
	uint8_t digest[32] = {1};
	struct err e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = BUF_INIT;

		legacy_put_block(&b, LEGACY_FILE, LEGACY_FROM_PARSER, false, digest, 1);
		b.data[cases[i].at] = cases[i].value;
		assert_int_equal(walk(&b, LEGACY_FILE, &e), cases[i].code);
		if (!strstr(e.text, cases[i].why))
			fail_msg("byte %zu: %s", cases[i].at, e.text);
		buf_free(&b);
	}
}

static void trailers(void **state)
{
	static const char marker[] = "~Module signature appended~\n";
	struct buf b = BUF_INIT;
	const uint8_t *sig;
	size_t len, sig_len;

	buf_add(&b, "payloadsig", 10);
	buf_add(&b, "\0\0\0\0\0\0\0\0\0\0\0\3", 12);
	buf_add(&b, marker, 28);
	len = b.len;
	assert_int_equal(legacy_strip(b.data, &len, &sig, &sig_len), 0);
	assert_int_equal(len, 7);
	assert_int_equal(sig_len, 3);
	assert_memory_equal(sig, "sig", 3);
	b.data[10 + 2] = 2;
	len = b.len;
	assert_int_equal(legacy_strip(b.data, &len, NULL, NULL), 2);
	b.data[10 + 11] = 11;
	len = b.len;
	assert_int_equal(legacy_strip(b.data, &len, NULL, NULL), -EINVAL);
	len = b.len - 1;
	assert_int_equal(legacy_strip(b.data, &len, NULL, NULL), -1);
	assert_int_equal(len, b.len - 1);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),   cmocka_unit_test(numberings), cmocka_unit_test(tlv),
		cmocka_unit_test(damaged), cmocka_unit_test(trailers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
