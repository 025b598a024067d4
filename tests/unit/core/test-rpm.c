// SPDX-License-Identifier: GPL-2.0-only
/* RPM headers: what each file may be used for, the name, the limits. */
#include "walk.h"
#include "../../data/build.h"

static struct walk w;
static struct build o;
static struct build_rpm r;

static void open_header(void)
{
	walk_bytes(&w, o.b, o.len);
	if (core_rpm_open(&w.v, &w.l.rpm, &w.e))
		fail_msg("error %u at %u", w.e.code, w.e.off);
}

static void test_use(void **state)
{
	/* By number of the digest; file 11 is a ghost. */
	static const __u32 use[] = {
		[0] = DIGLIM_USE_EXEC,
		[1] = DIGLIM_USE_EXEC,
		[2] = DIGLIM_USE_DATA,
		[3] = DIGLIM_USE_MODULE | DIGLIM_USE_KEXEC,
		[4] = DIGLIM_USE_MODULE | DIGLIM_USE_KEXEC | DIGLIM_USE_EXEC,
		[5] = DIGLIM_USE_FIRMWARE,
		[6] = DIGLIM_USE_FIRMWARE,
		[7] = DIGLIM_USE_KEXEC,
		[8] = DIGLIM_USE_DATA,
		[10] = DIGLIM_USE_DATA,
		[11] = DIGLIM_USE_DATA,
		[12] = DIGLIM_USE_EXEC,
	};
	__u32 seen = 0;

	(void)state;
	build_sample_header(&o);
	open_header();
	assert_int_equal(w.l.rpm.size, o.len);
	assert_int_equal(walk_steps(&w, 1), 0);
	for (__u32 i = 0; i < w.digests; i++) {
		const struct core_digest *d = &w.d[i];
		int number = build_sample[d->index].digest;

		assert_true(number >= 0 && number != 9);
		for (int k = 0; k < DIGLIM_DIGEST_SIZE; k++)
			assert_int_equal(d->value[k], 0x10 + number);
		assert_int_equal(d->use, use[number]);
		assert_memory_equal(w.v.data + d->off, number ? "1" : "10", 1);
		seen |= 1U << number;
	}
	assert_int_equal(seen, 0x1dff);
	assert_int_equal(w.calls, BUILD_SAMPLE_FILES + 1);
	walk_free(&w);
}

/* All sixteen digits, in every place of the byte. */
static void test_digits(void **state)
{
	static const struct build_file f = {"/a/", "b", 0100755, 0, 0, 0};
	static const char hex[] = "0123456789abcdef0f1e2d3c4b5a69788796a5b4c3d2e1f0"
				  "fedcba9876543210";
	static const __u8 want[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
				    0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x69, 0x78,
				    0x87, 0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0,
				    0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};

	(void)state;
	build_sample_start(&r);
	build_files(&r, &f, 1);
	build_tag(&r, 5011, 4);
	build_int(&r, 8);
	build_rpm_out(&r, &o);
	memcpy(o.b + build_data(&o, 1035), hex, 64);
	open_header();
	assert_int_equal(walk_steps(&w, 1), 0);
	assert_memory_equal(w.d[0].value, want, sizeof(want));
	walk_free(&w);
	/* Each of the 256 characters, at either end of the digest. */
	for (int c = 0; c < 512; c++) {
		size_t at = build_data(&o, 1035) + (c & 1 ? 63 : 0);
		int lower = strchr("0123456789abcdef", c >> 1) && c >> 1;
		int ret;

		memcpy(o.b + build_data(&o, 1035), hex, 64);
		o.b[at] = (uint8_t)(c >> 1);
		open_header();
		ret = walk_steps(&w, 1);
		/* A NUL in front is "no digest", and the rest one file too many: no error. */
		assert_int_equal(ret, lower || !c ? 0 : -1);
		assert_int_equal(w.digests, lower);
		walk_free(&w);
	}
}

static void name_of(const char *want)
{
	char name[DIGLIM_NAME_MAX];

	memset(name, 'x', sizeof(name));
	open_header();
	core_rpm_name(&w.v, &w.l.rpm, name);
	assert_string_equal(name, want);
	walk_free(&w);
}

static void named(const char *name, const char *epoch)
{
	r.n = 0;
	build_text_tag(&r, 1000, name);
	build_text_tag(&r, 1001, "1.2");
	build_text_tag(&r, 1002, "3.el9");
	if (epoch) {
		build_tag(&r, 1003, 4);
		build_int(&r, (uint32_t)strtoul(epoch, NULL, 10));
	}
	build_text_tag(&r, 1022, "x86_64");
	build_rpm_out(&r, &o);
}

static void test_name(void **state)
{
	char a[301], want[DIGLIM_NAME_MAX];

	(void)state;
	named("sample", NULL);
	name_of("sample-1.2-3.el9.x86_64");
	named("sample", "0");
	name_of("sample-0:1.2-3.el9.x86_64");
	named("sample", "10");
	name_of("sample-10:1.2-3.el9.x86_64");
	named("sample", "4294967295");
	name_of("sample-4294967295:1.2-3.el9.x86_64");
	named("~", NULL);
	name_of("~-1.2-3.el9.x86_64");
	named("a\x1b[2Jb\xc3\xa9\x7f c", NULL);
	name_of("a?[2Jb??? c-1.2-3.el9.x86_64");
	memset(a, 'n', sizeof(a));
	a[300] = 0;
	named(a, "7");
	memset(want, 'n', sizeof(want));
	want[DIGLIM_NAME_MAX - 1] = 0;
	name_of(want);
	/* One that just fits, and one character more. */
	memset(a, 'n', DIGLIM_NAME_MAX - 1 - strlen("-1.2-3.el9.x86_64"));
	a[DIGLIM_NAME_MAX - 1 - strlen("-1.2-3.el9.x86_64")] = 0;
	snprintf(want, sizeof(want), "%.*s-1.2-3.el9.x86_64", 110, a);
	assert_int_equal(strlen(want), DIGLIM_NAME_MAX - 1);
	named(a, NULL);
	name_of(want);
	strcat(a, "n");
	named(a, NULL);
	memmove(want + 1, want, sizeof(want) - 2);
	want[0] = 'n';
	name_of(want);
}

/* Directories beyond the limit have no class, and nothing is written behind the array. */
static void test_many_directories(void **state)
{
	static const struct build_file f[] = {{"/boot/", "a", 0100644, 0, 0, 0},
					      {"/boot/", "b", 0100644, 0, 0, 1},
					      {"/boot/", "c", 0100644, 0, 0, 2}};
	size_t at;

	(void)state;
	build_sample_start(&r);
	build_files(&r, f, 3);
	r.n -= 2; /* DIRNAMES anew */
	build_tag(&r, 1118, 8);
	build_string(&r, "/lib/firmware/");
	for (int i = 1; i < CORE_RPM_DIRS_MAX - 1; i++)
		build_string(&r, "");
	build_string(&r, "/boot/");
	build_string(&r, "/boot/");
	build_tag(&r, 5011, 4);
	build_int(&r, 8);
	build_rpm_out(&r, &o);
	at = build_data(&o, 1116);
	build_set32(&o, at, CORE_RPM_DIRS_MAX - 1);
	build_set32(&o, at + 4, CORE_RPM_DIRS_MAX);
	open_header();
	assert_int_equal(walk_steps(&w, 1), 0);
	assert_int_equal(w.digests, 3);
	assert_int_equal(w.d[0].use, DIGLIM_USE_KEXEC);
	assert_int_equal(w.d[1].use, DIGLIM_USE_DATA);
	/* The first directory has kept its own class. */
	assert_int_equal(w.d[2].use, DIGLIM_USE_FIRMWARE);
	walk_free(&w);
	/* The number of a directory that does not exist. */
	build_set32(&o, at + 4, CORE_RPM_DIRS_MAX + 1);
	open_header();
	assert_int_equal(walk_steps(&w, 1), -1);
	assert_int_equal(w.e.code, DIGLIM_E_RPM_INDEX);
	assert_int_equal(w.e.off, at + 4);
	walk_free(&w);
}

/* More files than a list may have: names by the thousand, each of them empty. */
static void test_too_many_files(void **state)
{
	static __u8 big[2 * DIGLIM_LIST_ENTRIES_MAX];
	const size_t more = DIGLIM_LIST_ENTRIES_MAX;
	size_t region;

	(void)state;
	build_sample_start(&r);
	build_tag(&r, 1117, 8);
	build_string(&r, "");
	build_rpm_out(&r, &o);
	region = o.len - 16;
	build_set32(&o, build_entry(&o, 1117) + 12, (uint32_t)more + 1);
	build_set32(&o, 16 + 8, build_get32(&o, 16 + 8) + (uint32_t)more);
	build_set32(&o, 12, build_get32(&o, 12) + (uint32_t)more);
	memcpy(big, o.b, region);
	memcpy(big + region + more, o.b + region, 16);
	walk_bytes(&w, big, o.len + more);
	assert_int_equal(core_rpm_open(&w.v, &w.l.rpm, &w.e), -1);
	assert_int_equal(w.e.code, DIGLIM_E_TOO_MANY);
	walk_free(&w);
	/* One fewer is no longer too many. */
	build_set32(&o, build_entry(&o, 1117) + 12, (uint32_t)more);
	memcpy(big, o.b, region);
	walk_bytes(&w, big, o.len + more);
	assert_int_equal(core_rpm_open(&w.v, &w.l.rpm, &w.e), -1);
	assert_int_equal(w.e.code, DIGLIM_E_RPM_TAG);
	walk_free(&w);
}

/* A text ends at its end, at a NUL, or with the view, whichever comes first. */
static void test_text_end(void **state)
{
	char to[DIGLIM_NAME_MAX];
	struct core_view v = {(const __u8 *)"abcd\0f", 0, 6};
	struct core_name n = {.v = &v, .to = to, .len = 0};

	(void)state;
	core_name_text(&n, 0, 2);
	core_name_text(&n, 1, 100);
	core_name_text(&n, 5, 100);
	core_name_end(&n);
	assert_string_equal(to, "abbcdf");
}

/* A view that begins inside a buffer: offsets of errors and digests count from the buffer. */
static void test_start(void **state)
{
	static __u8 buffer[65536];

	(void)state;
	build_sample_header(&o);
	memcpy(buffer + 100, o.b, o.len);
	memset(&w, 0, sizeof(w));
	w.v.data = buffer;
	w.v.start = 100;
	w.v.len = (__u32)o.len;
	assert_int_equal(core_rpm_open(&w.v, &w.l.rpm, &w.e), 0);
	assert_int_equal(walk_steps(&w, 1), 0);
	assert_int_equal(w.d[0].off, 100 + build_data(&o, 1035));
	buffer[100] = 0;
	assert_int_equal(core_rpm_open(&w.v, &w.l.rpm, &w.e), -1);
	assert_int_equal(w.e.off, 100);
}

/* The same scratch memory, used again after a header with other tags. */
static void test_scratch(void **state)
{
	(void)state;
	build_sample_header(&o);
	open_header();
	walk_free(&w);
	build_sample_start(&r);
	build_rpm_out(&r, &o);
	w.v.data = o.b;
	w.v.len = (__u32)o.len;
	assert_int_equal(core_rpm_open(&w.v, &w.l.rpm, &w.e), 0);
	assert_int_equal(w.l.rpm.files, 0);
	w.calls = w.digests = 0;
	assert_int_equal(walk_steps(&w, 1), 0);
	assert_int_equal(w.calls, 1);
}

/*
 * Whatever bit of the index is flipped: a file never gets another file's digest. It can lose its
 * own (a gap between two entries is allowed), and tags nobody asked for can change.
 */
static void test_bits(void **state)
{
	size_t index_end, refused = 0;

	(void)state;
	build_sample_header(&o);
	index_end = 16 + 16 * (size_t)build_get32(&o, 8);
	for (size_t bit = 0; bit < 8 * index_end; bit++) {
		build_sample_header(&o);
		o.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		walk_bytes(&w, o.b, o.len);
		if (core_rpm_open(&w.v, &w.l.rpm, &w.e) || walk_steps(&w, 1)) {
			refused++;
			assert_true(w.e.off <= o.len);
			assert_in_range(w.e.code, DIGLIM_E_TRUNCATED, DIGLIM_E_RPM_TAG);
		}
		for (__u32 i = 0; i < w.digests; i++)
			assert_int_equal(w.d[i].value[0], 0x10 + build_sample[w.d[i].index].digest);
		walk_free(&w);
	}
	assert_true(refused > 8 * index_end * 8 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_use),	 cmocka_unit_test(test_digits),
		cmocka_unit_test(test_name),	 cmocka_unit_test(test_many_directories),
		cmocka_unit_test(test_start),	 cmocka_unit_test(test_scratch),
		cmocka_unit_test(test_bits),	 cmocka_unit_test(test_too_many_files),
		cmocka_unit_test(test_text_end),
	};

	return cmocka_run_group_tests_name("core: rpm", tests, NULL, NULL);
}
