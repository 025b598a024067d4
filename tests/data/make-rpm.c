// SPDX-License-Identifier: GPL-2.0-only
/* RPM headers for the test data, right and wrong. */
#include "make-data.h"

/* The sample header, with one index field of one tag (0: the region) changed. */
static void put_index(const char *name, uint32_t tag, size_t field, uint32_t value)
{
	build_sample_header(&o);
	build_set32(&o, tag ? build_entry(&o, tag) + field : 16 + field, value);
	put(name);
}

static void put_byte(const char *name, size_t at, uint8_t value)
{
	build_sample_header(&o);
	o.b[at] = value;
	put(name);
}

static void rpm_index(void)
{
	uint32_t n, region;

	build_sample_header(&o);
	n = build_get32(&o, 8);
	region = build_get32(&o, 24);
	put("good-one-file-for-each-rule.hdr");
	put_index("should-fail-index-outside.hdr", 1035, 8, 0x00ffffff);
	put_index("should-fail-index-negative-offset.hdr", 1035, 8, 0xfffffff0);
	put_index("should-fail-index-count-wraps.hdr", 1037, 12, 0x40000001);
	put_index("should-fail-index-count-zero.hdr", 1037, 12, 0);
	put_index("should-fail-index-count-outside.hdr", 1140, 12, 0x10000);
	put_index("should-fail-index-overlaps-entry-before.hdr", 1037, 8, 0);
	put_index("should-fail-index-tag-of-region.hdr", 1037, 0, 62);
	put_index("should-fail-index-two-strings-in-string.hdr", 1000, 12, 2);
	put_index("should-fail-tag-duplicate.hdr", 1001, 0, 1000);
	put_index("should-fail-tag-digests-as-binary.hdr", 1035, 4, 7);
	put_index("should-fail-tag-modes-as-int8.hdr", 1030, 4, 2);
	put_index("should-fail-tag-name-missing.hdr", 1000, 0, 999);
	put_index("should-fail-tag-version-missing.hdr", 1001, 0, 999);
	put_index("should-fail-tag-release-missing.hdr", 1002, 0, 999);
	put_index("should-fail-tag-arch-missing.hdr", 1022, 0, 999);
	put_index("should-fail-tag-digests-missing.hdr", 1035, 0, 1034);
	put_index("should-fail-tag-modes-missing.hdr", 1030, 0, 1029);
	put_index("should-fail-tag-flags-missing.hdr", 1037, 0, 1036);
	put_index("should-fail-tag-directory-names-missing.hdr", 1118, 0, 1119);
	put_index("should-fail-tag-fewer-digests-than-files.hdr", 1035, 12, 14);
	put_index("should-fail-tag-fewer-colors-than-files.hdr", 1140, 12, 14);
	put_index("should-fail-tag-files-without-names.hdr", 1117, 0, 1119);
	put_index("should-fail-tag-more-directory-names-than-there-are.hdr", 1118, 12, 40);
	put_index("should-fail-algo-absent-means-md5.hdr", 5011, 0, 5010);
	put_index("should-fail-region-missing.hdr", 0, 0, 1000);
	put_index("should-fail-region-of-wrong-type.hdr", 0, 4, 6);
	put_index("should-fail-region-before-the-end.hdr", 0, 8, region - 16);
	put_index("should-fail-region-of-wrong-size.hdr", 0, 12, 32);
	build_sample_header(&o);
	build_set32(&o, 8, 0);
	put("should-fail-intro-no-entries.hdr");
	build_set32(&o, 8, 0x10000);
	put("should-fail-intro-million-entries.hdr");
	build_set32(&o, 8, n + 1);
	put("should-fail-intro-one-entry-too-many.hdr");
	build_set32(&o, 8, n);
	build_set32(&o, 12, 0xfffffff0);
	put("should-fail-intro-data-length-wraps.hdr");
	build_set32(&o, 12, 8);
	put("should-fail-intro-data-shorter-than-region.hdr");
}

/* The offset of an INT32 must be a multiple of 4. */
static void rpm_misaligned(void)
{
	build_sample_header(&o);
	build_set32(&o, build_entry(&o, 1037) + 8, build_get32(&o, build_entry(&o, 1037) + 8) + 1);
	put("should-fail-index-misaligned.hdr");
}

static void rpm_region(void)
{
	size_t trailer;

	build_sample_header(&o);
	trailer = o.len - 16;
	build_set32(&o, trailer + 8, build_get32(&o, trailer + 8) + 16);
	put("should-fail-region-leaves-out-an-entry.hdr");
	put_byte("should-fail-region-trailer-tag.hdr", trailer + 3, 61);
	build_sample_header(&o);
	o.len--;
	put("should-fail-truncated-by-one-byte.hdr");
	o.len = 15;
	put("should-fail-truncated-in-intro.hdr");
	o.len = 0;
	put("should-fail-empty.hdr");
	put_byte("should-fail-magic.hdr", 3, 2);
	put_byte("should-fail-magic-reserved.hdr", 7, 1);
}

static void rpm_digests(void)
{
	size_t at;

	build_sample_header(&o);
	at = build_data(&o, 1035);
	put_byte("should-fail-digest-upper-case.hdr", at, 'A');
	put_byte("should-fail-digest-not-hexadecimal.hdr", at + 63, 'g');
	put_byte("should-fail-digest-slash.hdr", at + 1, '/');
	put_byte("should-fail-digest-too-long.hdr", at + 64, '0');
	put_byte("should-fail-digest-too-short.hdr", at + 63, 0);
	put_byte("should-fail-digest-of-directory.hdr", build_data(&o, 1030), 0x41);
	put_byte("should-fail-directory-index-outside.hdr", build_data(&o, 1116) + 3, 200);
	put_byte("should-fail-algo-sha512.hdr", build_data(&o, 5011) + 3, 10);
	build_sample_header(&o);
	memset(o.b + at, '1', build_data(&o, 1037) - at);
	put("should-fail-digests-without-end.hdr");
}

static void rpm_variants(void)
{
	static struct build_rpm r;
	static const struct build_file f = {"/a/", "b", 0100644, 0, 0, 0};

	build_sample_start(&r);
	build_rpm_out(&r, &o);
	put("good-no-files.hdr");
	r.n = 0;
	build_text_tag(&r, 1000, "na\xffme\x1b[31m");
	build_text_tag(&r, 1001, "1.2");
	build_text_tag(&r, 1002, "3");
	build_tag(&r, 1003, 4);
	build_int(&r, 4294967295U);
	build_text_tag(&r, 1022, "x86_64");
	build_files(&r, &f, 1);
	r.n--; /* no FILECOLORS: older rpm */
	build_tag(&r, 5011, 4);
	build_int(&r, 8);
	build_rpm_out(&r, &o);
	put("good-odd-name-epoch-no-colors.hdr");
}

/* With tags that we do not use, of every type; the index is checked all the same. */
static void other_tags(struct build_rpm *r)
{
	static const uint8_t type[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

	r->n = 0;
	build_text_tag(r, 100, "C");
	build_text_tag(r, 1000, "sample~");
	build_text_tag(r, 1001, "1.2");
	build_text_tag(r, 1002, "3");
	build_text_tag(r, 1022, "noarch");
	for (size_t i = 0; i < sizeof(type); i++) {
		build_tag(r, 2000 + type[i], type[i]);
		build_be(&r->tag[r->n - 1].data, 0x0102030405060700, 8);
		r->tag[r->n - 1].count = type[i] >= 3 && type[i] <= 5 ? 4U >> (type[i] - 3) : 1;
	}
	build_files(r, build_sample, BUILD_SAMPLE_FILES);
	build_tag(r, 5011, 4);
	build_int(r, 8);
}

static void put_other(const char *name, uint32_t tag, size_t field, uint32_t add)
{
	static struct build_rpm r;
	size_t at;

	other_tags(&r);
	build_rpm_out(&r, &o);
	at = build_entry(&o, tag) + field;
	build_set32(&o, at, build_get32(&o, at) + add);
	put(name);
}

static void rpm_other_tags(void)
{
	put_other("good-tags-of-every-type.hdr", 2001, 12, 0);
	put_other("should-fail-index-type-zero.hdr", 2001, 4, (uint32_t)-1);
	put_other("should-fail-index-type-ten.hdr", 2009, 4, 1);
	put_other("should-fail-index-int16-misaligned.hdr", 2003, 8, 1);
	put_other("should-fail-index-int64-misaligned.hdr", 2005, 8, 4);
	put_other("should-fail-index-int16-overlaps-next.hdr", 2003, 12, 1);
	put_other("should-fail-index-int32-overlaps-next.hdr", 2004, 12, 1);
	put_other("should-fail-index-int64-overlaps-next.hdr", 2005, 12, 1);
	put_other("should-fail-index-binary-overlaps-next.hdr", 2007, 12, 8);
	put_other("should-fail-index-strings-overlap-next.hdr", 2008, 12, 8);
}

/* The digests stand at the end, so that nothing follows which ends them by accident. */
static void rpm_digests_last(void)
{
	static struct build_rpm r;
	struct build_tag digests;

	build_sample_rpm(&r);
	digests = r.tag[5];
	memmove(r.tag + 5, r.tag + 6, (r.n - 6) * sizeof(r.tag[0]));
	r.tag[r.n - 1] = digests;
	build_rpm_out(&r, &o);
	put("good-digests-as-last-tag.hdr");
	/* 64 digits up to the very end: the NUL behind them is the region trailer's. */
	r.tag[r.n - 1].data.len--;
	build_rpm_out(&r, &o);
	put("should-fail-digest-ends-behind-its-tag.hdr");
	r.tag[r.n - 1].data.len -= 64;
	build_rpm_out(&r, &o);
	put("should-fail-digests-fewer-than-their-count.hdr");
	r.n = 0;
	build_rpm_out(&r, &o);
	put("should-fail-region-alone.hdr");
	build_sample_rpm(&r);
	build_int(&r, 8);
	build_rpm_out(&r, &o);
	put("should-fail-algo-twice.hdr");
}

void rpm_headers(void)
{
	rpm_index();
	rpm_misaligned();
	rpm_region();
	rpm_digests();
	rpm_variants();
	rpm_other_tags();
	rpm_digests_last();
}
