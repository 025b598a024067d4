// SPDX-License-Identifier: GPL-2.0-only
/* Lists of every format through core_list_open() and core_list_next(). */
#include "walk.h"
#include "../../data/build.h"

static struct walk w;
static struct build o;

static void open_file(const char *name)
{
	walk_file(&w, name);
	memset(w.l.name, 'x', sizeof(w.l.name));
	if (core_list_open(&w.v, &w.l, &w.e))
		fail_msg("%s: error %u at %u", name, w.e.code, w.e.off);
	assert_int_equal(walk_steps(&w, 0), 0);
	assert_int_equal(w.calls, w.l.steps);
}

static void digest_is(__u32 i, __u32 number, __u32 use)
{
	assert_true(i < w.digests);
	for (int k = 0; k < DIGLIM_DIGEST_SIZE; k++)
		assert_int_equal(w.d[i].value[k], 0x10 + number);
	assert_int_equal(w.d[i].use, use);
	assert_int_equal(w.d[i].index, i);
	assert_memory_equal(w.v.data + w.d[i].off, w.d[i].value, DIGLIM_DIGEST_SIZE);
}

static void test_rpm(void **state)
{
	(void)state;
	open_file("good-rpm-v3.payload");
	assert_int_equal(w.l.format, DIGLIM_FORMAT_RPM);
	assert_string_equal(w.l.name, "sample-1.2-3.noarch");
	assert_int_equal(w.l.trailer.version, 3);
	assert_int_equal(w.l.trailer.hash, CORE_HASH_UNKNOWN);
	assert_int_equal(w.l.trailer.time, BUILD_TIME);
	assert_int_equal(w.digests, 12);
	walk_free(&w);
	open_file("good-rpm-v4.payload");
	assert_int_equal(w.l.trailer.version, 4);
	assert_int_equal(w.l.trailer.hash, CORE_HASH_SHA256);
	walk_free(&w);
}

static void test_tlv(void **state)
{
	(void)state;
	open_file("good-tlv-all-fields.payload");
	assert_int_equal(w.l.format, DIGLIM_FORMAT_TLV);
	assert_string_equal(w.l.name, "our tools");
	assert_int_equal(w.l.tlv.time, 1700000000);
	assert_int_equal(w.digests, 4);
	digest_is(0, 0, DIGLIM_USE_EXEC);
	digest_is(1, 1, DIGLIM_USE_EXEC);
	digest_is(2, 2, DIGLIM_USE_MODULE);
	digest_is(3, 3, DIGLIM_USE_ALL);
	walk_free(&w);
	open_file("good-tlv-digest-cache-v6.payload");
	assert_string_equal(w.l.name, "");
	digest_is(0, 0, DIGLIM_USE_EXEC);
	walk_free(&w);
	open_file("good-tlv-no-entries.payload");
	assert_int_equal(w.digests, 0);
	walk_free(&w);
}

/* PATH and USE in the other order, a time of 0 and one that needs 64 bits. */
static void test_tlv_variants(void **state)
{
	static struct build in;

	(void)state;
	in.len = 0;
	build_be(&in, 0, 2);
	build_be(&in, 32, 4);
	build_digest(&in, 5);
	build_tlv_int(&in, 0x40, 4, 4);
	build_tlv(&in, 1, "/a", 3);
	o.len = 0;
	build_tlv_int(&o, 0, 4, 2);
	build_tlv_int(&o, 0x41, 0x0102030405060708, 8);
	build_tlv(&o, 0x40, "b", 1);
	build_tlv_int(&o, 1, 1, 4);
	build_tlv(&o, 2, in.b, in.len);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
	assert_int_equal(walk_steps(&w, 0), 0);
	assert_int_equal(w.l.tlv.time, 0x0102030405060708);
	assert_string_equal(w.l.name, "b");
	digest_is(0, 5, DIGLIM_USE_FIRMWARE);
	walk_free(&w);
	o.len = 0;
	build_tlv_int(&o, 0, 4, 2);
	build_tlv_int(&o, 0x41, 0, 8);
	build_tlv_int(&o, 1, 0, 4);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
	assert_true(w.l.tlv.seen & CORE_TLV_SEEN(DIGLIM_TLV_TIME));
	walk_free(&w);
}

/* fs-verity: another number than content of the same digest, and the same number back. */
static void test_verity(void **state)
{
	static const char mask[] = DIGLIM_VERITY_MASK;
	static struct build in;
	__u8 back[DIGLIM_DIGEST_SIZE];

	(void)state;
	for (int type = DIGLIM_LIST_ALLOW; type <= DIGLIM_LIST_DENY; type++) {
		in.len = 0;
		build_be(&in, DIGLIM_TLV_ENTRY_VERITY, 2);
		build_be(&in, 32, 4);
		build_digest(&in, 5);
		o.len = 0;
		build_tlv_int(&o, 0, 4, 2);
		build_tlv_int(&o, DIGLIM_TLV_TYPE, type, 4);
		build_tlv_int(&o, 1, 2, 4);
		build_tlv(&o, 2, in.b, in.len);
		build_tlv_entry(&o, 5, NULL, 0);
		walk_bytes(&w, o.b, o.len);
		assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
		assert_int_equal(walk_steps(&w, 0), 0);
		assert_int_equal(w.digests, 2);
		assert_int_equal(w.d[0].verity, 1);
		assert_int_equal(w.d[1].verity, 0);
		for (int i = 0; i < DIGLIM_DIGEST_SIZE; i++)
			assert_int_equal(w.d[0].value[i], (0x10 + 5) ^ mask[i]);
		core_verity_key(back, w.d[0].value);
		assert_memory_equal(back, w.d[1].value, sizeof(back));
		assert_memory_equal(back, w.v.data + w.d[0].off, sizeof(back));
		walk_free(&w);
	}
	/* Too short, and both kinds in one entry. */
	in.len = 0;
	build_be(&in, DIGLIM_TLV_ENTRY_VERITY, 2);
	build_be(&in, 31, 4);
	build_digest(&in, 5);
	in.len--;
	build_tlv(&in, 1, "/a", 3);
	build_tlv_head(&o, NULL, 0, 1);
	build_tlv(&o, 2, in.b, in.len);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
	assert_int_equal(walk_steps(&w, 0), -1);
	assert_int_equal(w.e.code, DIGLIM_E_DIGEST_LEN);
	walk_free(&w);
	in.len = 0;
	for (int i = 0; i < 2; i++) {
		build_be(&in, i ? DIGLIM_TLV_ENTRY_VERITY : DIGLIM_TLV_ENTRY_DIGEST, 2);
		build_be(&in, 32, 4);
		build_digest(&in, 5);
	}
	build_tlv_head(&o, NULL, 0, 1);
	build_tlv(&o, 2, in.b, in.len);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
	assert_int_equal(walk_steps(&w, 0), -1);
	assert_int_equal(w.e.code, DIGLIM_E_TLV_FIELD);
	walk_free(&w);
}

/* A path has at least one character, at most PATH_MAX with its NUL. */
static void test_tlv_path(void **state)
{
	static const struct {
		size_t len;
		int ok;
	} t[] = {{0, 0}, {1, 1}, {4095, 1}, {4096, 0}};
	static char path[4097];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(path, '/', t[i].len);
		path[t[i].len] = 0;
		build_tlv_head(&o, NULL, 0, 1);
		build_tlv_entry(&o, 0, path, 0);
		walk_bytes(&w, o.b, o.len);
		assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
		assert_int_equal(walk_steps(&w, 0), t[i].ok ? 0 : -1);
		walk_free(&w);
	}
}

/* The name is terminal output: escapes are taken out, what is too long is cut. */
static void test_tlv_name(void **state)
{
	char name[200], want[DIGLIM_NAME_MAX];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[199] = 0;
	name[3] = '\r';
	memset(want, 'n', sizeof(want));
	want[3] = '?';
	want[sizeof(want) - 1] = 0;
	build_tlv_head(&o, name, 0, 0);
	walk_bytes(&w, o.b, o.len);
	assert_int_equal(core_list_open(&w.v, &w.l, &w.e), 0);
	assert_string_equal(w.l.name, want);
	walk_free(&w);
}

/* At the limit and one above it; the digests themselves need not be there to see that. */
static void test_too_many(void **state)
{
	static __u8 big[64 << 20];
	struct core_view v = {big, 0, sizeof(big)};

	(void)state;
	memset(&w, 0, sizeof(w));
	build_tlv_head(&o, NULL, 0, DIGLIM_LIST_ENTRIES_MAX);
	memcpy(big, o.b, o.len);
	assert_int_equal(core_list_open(&v, &w.l, &w.e), 0);
	assert_int_equal(w.l.steps, DIGLIM_LIST_ENTRIES_MAX + 1);
	build_tlv_head(&o, NULL, 0, DIGLIM_LIST_ENTRIES_MAX + 1);
	memcpy(big, o.b, o.len);
	assert_int_equal(core_list_open(&v, &w.l, &w.e), -1);
	assert_int_equal(w.e.code, DIGLIM_E_TOO_MANY);
	o.len = 0;
	build_compact_head(&o, 1, 0, 4, DIGLIM_LIST_ENTRIES_MAX, DIGLIM_LIST_ENTRIES_MAX * 32);
	memcpy(big, o.b, o.len);
	v.len = 16 + DIGLIM_LIST_ENTRIES_MAX * 32;
	assert_int_equal(core_list_open(&v, &w.l, &w.e), 0);
	assert_int_equal(w.l.steps, DIGLIM_LIST_ENTRIES_MAX + 2);
	o.len = 0;
	build_compact_head(&o, 1, 0, 4, 1, 32);
	memcpy(big + v.len, o.b, o.len);
	v.len += 16 + 32;
	assert_int_equal(core_list_open(&v, &w.l, &w.e), -1);
	assert_int_equal(w.e.code, DIGLIM_E_TOO_MANY);
}

static void test_compact(void **state)
{
	(void)state;
	open_file("good-compact-three-blocks.payload");
	assert_int_equal(w.l.format, DIGLIM_FORMAT_COMPACT);
	assert_string_equal(w.l.name, "");
	assert_int_equal(w.l.steps, 5 + 3 + 1);
	assert_int_equal(w.digests, 5);
	/* The last block has the modifier, the first one not. */
	for (__u32 i = 0; i < 5; i++)
		digest_is(i, i, DIGLIM_USE_EXEC | (i < 2 ? 0 : DIGLIM_USE_IMMUTABLE));
	walk_free(&w);
}

/* Nothing is recognised by one byte. */
static void test_format(void **state)
{
	static const struct {
		__u8 b[4];
		__u32 format;
	} t[] = {
		{{0x8e, 0xad, 0xe8, 1}, DIGLIM_FORMAT_RPM},
		{{0x8e, 0xad, 0xe8, 2}, DIGLIM_FORMAT_NONE},
		{{0x8e, 0xad, 0xe9, 1}, DIGLIM_FORMAT_NONE},
		{{0, 0, 0, 0}, DIGLIM_FORMAT_TLV},
		{{0, 1, 0, 0}, DIGLIM_FORMAT_NONE},
		{{0, 0, 0, 1}, DIGLIM_FORMAT_NONE},
		{{1, 0, 1, 0}, DIGLIM_FORMAT_COMPACT},
		{{1, 1, 1, 0}, DIGLIM_FORMAT_NONE},
		{{2, 0, 1, 0}, DIGLIM_FORMAT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct core_view v = {t[i].b, 0, 4};

		assert_int_equal(core_list_format(&v), t[i].format);
		v.len = 3;
		assert_int_equal(core_list_format(&v), DIGLIM_FORMAT_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpm),	     cmocka_unit_test(test_tlv),
		cmocka_unit_test(test_tlv_variants), cmocka_unit_test(test_tlv_name),
		cmocka_unit_test(test_too_many),     cmocka_unit_test(test_compact),
		cmocka_unit_test(test_format),	     cmocka_unit_test(test_tlv_path),
		cmocka_unit_test(test_verity),
	};

	return cmocka_run_group_tests_name("core: list", tests, NULL, NULL);
}
