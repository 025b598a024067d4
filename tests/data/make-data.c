// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the test data of core/ into the directory given: every file's name is the claim about it.
 *   .hdr bare RPM header   .payload whole payload   .trailer OpenPGP trailer   .p7 PKCS#7
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "build.h"

static const char *dir;
static struct build o;

static void put(const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (!f || fwrite(o.b, 1, o.len, f) != o.len || fclose(f)) {
		perror(path);
		exit(2);
	}
}

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
	static const struct build_file f = { "/a/", "b", 0100644, 0, 0, 0 };

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
	static const uint8_t type[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

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

static void payloads(void)
{
	build_sample_header(&o);
	put("should-fail-rpm-without-trailer.payload");
	build_trailer_v3(&o);
	put("good-rpm-v3.payload");
	build_be(&o, 0, 1);
	put("should-fail-rpm-byte-behind-v3-trailer.payload");
	build_sample_header(&o);
	build_trailer_v4(&o, 8);
	put("good-rpm-v4.payload");
	build_be(&o, 0, 1);
	put("should-fail-rpm-byte-behind-v4-trailer.payload");
	o.len = 0;
	put("should-fail-empty.payload");
	build_be(&o, 0x7f454c46, 4);
	put("should-fail-unknown-format.payload");
}

static void trailers(void)
{
	static const uint8_t subs[] = { 0x05, 2, 1, 2, 3, 4, 0x05, 0x82, 1, 2, 3, 5 };
	static const uint8_t short_time[] = { 4, 2, 1, 2, 3, 3, 100, 0, 0 };
	static const uint8_t zero[] = { 0 };
	static const uint8_t lying[] = { 9, 100, 0 };
	static uint8_t big[300 + 2 + 300 + 5] = { 0xc0, 300 - 192, 100 };
	static const char *const weak[] = { "md5", "sha1", "ripemd160" };

	o.len = 0;
	build_trailer_v3(&o);
	put("good-v3.trailer");
	o.b[0] = 1;
	put("should-fail-v3-type.trailer");
	o.len--;
	put("should-fail-v3-truncated.trailer");
	for (uint8_t h = 8; h <= 10; h++) {
		char name[64];

		o.len = 0;
		build_trailer_v4(&o, h);
		snprintf(name, sizeof(name), "good-v4-hash-%u.trailer", h);
		put(name);
	}
	o.b[o.len - 1]++;
	put("should-fail-v4-length-differs.trailer");
	o.b[o.len - 1]--;
	o.b[1] = 0x10;
	put("should-fail-v4-type.trailer");
	o.b[1] = 0;
	o.b[0] = 6;
	put("should-fail-v6.trailer");
	o.b[0] = 4;
	o.b[5]++;
	put("should-fail-v4-hashed-length-outside.trailer");
	for (uint8_t h = 1; h <= 3; h++) {
		char name[64];

		o.len = 0;
		build_trailer_v4(&o, h);
		snprintf(name, sizeof(name), "should-fail-v4-%s.trailer", weak[h - 1]);
		put(name);
	}
	o.len = 0;
	build_trailer_v4(&o, 11);
	put("should-fail-v4-sha224.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, subs, 6);
	put("good-v4-time-only.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, subs, 0);
	put("good-v4-no-subpackets.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, subs, sizeof(subs));
	put("should-fail-v4-two-times.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, subs, 5);
	put("should-fail-v4-time-cut.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, short_time, sizeof(short_time));
	put("should-fail-v4-time-too-short.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, subs, 6);
	o.b[o.len - 6] = 5;
	put("should-fail-v4-end-marker-version.trailer");
	o.b[o.len - 6] = 4;
	o.b[o.len - 5] = 0xfe;
	put("should-fail-v4-end-marker-ff.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, zero, 1);
	put("should-fail-v4-subpacket-of-length-zero.trailer");
	o.len = 0;
	build_trailer_raw(&o, 8, lying, sizeof(lying));
	put("should-fail-v4-subpacket-outside.trailer");
	/* A subpacket with a length of two bytes, then one with a length of five. */
	o.len = 0;
	big[302] = 255;
	big[305] = 300 >> 8;
	big[306] = 300 & 0xff;
	big[307] = 101;
	build_trailer_raw(&o, 8, big, sizeof(big));
	put("good-v4-long-subpackets.trailer");
}

static void tlv_good(void)
{
	build_tlv_head(&o, "our tools", 1700000000, 4);
	build_tlv_entry(&o, 0, NULL, 0);
	build_tlv_entry(&o, 1, "/opt/a", 0);
	build_tlv_entry(&o, 2, NULL, 2);
	build_tlv_entry(&o, 3, "/opt/b", 0x1f);
	put("good-tlv-all-fields.payload");
	build_tlv_head(&o, NULL, 0, 1);
	build_tlv_entry(&o, 0, "/usr/bin/a", 0);
	put("good-tlv-digest-cache-v6.payload");
	build_tlv_head(&o, NULL, 0, 0);
	put("good-tlv-no-entries.payload");
}

static void put_tlv(const char *name, size_t at, uint8_t value)
{
	build_tlv_head(&o, NULL, 0, 1);
	build_tlv_entry(&o, 0, "/a", 1);
	o.b[at] = value;
	put(name);
}

static void tlv_bad(void)
{
	/* ALGO at 0, COUNT at 8, entry at 18, its digest at 24, PATH at 62, USE at 71. */
	put_tlv("should-fail-tlv-algo-sha512.payload", 7, 6);
	put_tlv("should-fail-tlv-algo-length.payload", 5, 3);
	put_tlv("should-fail-tlv-count-too-small.payload", 17, 0);
	put_tlv("should-fail-tlv-count-too-large.payload", 17, 2);
	put_tlv("should-fail-tlv-count-million.payload", 15, 16);
	put_tlv("should-fail-tlv-count-length.payload", 13, 3);
	put_tlv("should-fail-tlv-unknown-field-before-count.payload", 9, 9);
	put_tlv("should-fail-tlv-algo-twice.payload", 9, 0);
	put_tlv("should-fail-tlv-unknown-field-for-entry.payload", 19, 3);
	put_tlv("should-fail-tlv-entry-outside.payload", 22, 1);
	put_tlv("should-fail-tlv-digest-not-first.payload", 25, 1);
	put_tlv("should-fail-tlv-digest-length.payload", 29, 31);
	put_tlv("should-fail-tlv-unknown-field-in-entry.payload", 63, 7);
	put_tlv("should-fail-tlv-digest-twice.payload", 63, 0);
	put_tlv("should-fail-tlv-path-without-nul.payload", 70, 'x');
	put_tlv("should-fail-tlv-path-outside-entry.payload", 67, 200);
	put_tlv("should-fail-tlv-path-twice.payload", 72, 1);
	put_tlv("should-fail-tlv-use-zero.payload", 80, 0);
	put_tlv("should-fail-tlv-use-unknown-bit.payload", 80, 0x20);
	put_tlv("should-fail-tlv-use-length.payload", 76, 3);
	build_tlv_head(&o, NULL, 0, 1);
	build_tlv_entry(&o, 0, "/a", 1);
	build_be(&o, 0, 1);
	put("should-fail-tlv-byte-behind-the-end.payload");
	o.len -= 2;
	put("should-fail-tlv-truncated.payload");
	o.len = 20;
	put("should-fail-tlv-truncated-in-entry-header.payload");
	build_tlv_head(&o, NULL, 0, 2);
	build_tlv_entry(&o, 0, NULL, 0);
	o.b[23] = 41; /* three bytes more, which are the next entry's */
	build_tlv_entry(&o, 1, NULL, 0);
	put("should-fail-tlv-field-crosses-end-of-entry.payload");
	build_tlv_head(&o, "", 0, 0);
	put("should-fail-tlv-name-empty.payload");
	o.len = 14;
	put("should-fail-tlv-name-empty-at-the-end.payload");
	o.len = 0;
	build_tlv_int(&o, 0, 4, 2);
	build_tlv(&o, 0x40, "a", 1);
	build_tlv(&o, 0x40, "b", 1);
	build_tlv_int(&o, 1, 0, 4);
	put("should-fail-tlv-name-twice.payload");
	o.len = 8;
	build_tlv_int(&o, 0x41, 1, 8);
	build_tlv_int(&o, 0x41, 1, 8);
	build_tlv_int(&o, 1, 0, 4);
	put("should-fail-tlv-time-twice.payload");
	o.len = 8;
	build_tlv_int(&o, 0x41, 1, 4);
	build_tlv_int(&o, 1, 0, 4);
	put("should-fail-tlv-time-length.payload");
	o.len = 8;
	build_tlv_int(&o, 1, 0, 4);
	build_tlv(&o, 0x40, "late", 4);
	put("should-fail-tlv-name-behind-count.payload");
	o.len = 0;
	build_tlv_int(&o, 0, 4, 2);
	put("should-fail-tlv-ends-before-count.payload");
}

static void compact_digests(unsigned int first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		build_digest(&o, first + i);
}

static void put_compact(const char *name, uint16_t type, uint16_t mods, uint16_t algo,
			uint32_t count, uint32_t len)
{
	o.len = 0;
	build_compact_head(&o, type, mods, algo, count, len);
	compact_digests(0, 2);
	put(name);
}

static void compact(void)
{
	put_compact("good-compact-type-0.payload", 0, 0, 4, 2, 64);
	put_compact("good-compact-type-2-immutable.payload", 2, 1, 4, 2, 64);
	put_compact("should-fail-compact-type-3.payload", 3, 0, 4, 2, 64);
	put_compact("should-fail-compact-unknown-modifier.payload", 1, 2, 4, 2, 64);
	put_compact("should-fail-compact-sha1.payload", 1, 0, 2, 2, 40);
	put_compact("should-fail-compact-sha512.payload", 1, 0, 6, 1, 64);
	put_compact("should-fail-compact-length-not-count.payload", 1, 0, 4, 1, 64);
	put_compact("should-fail-compact-length-not-multiple.payload", 1, 0, 4, 2, 65);
	put_compact("should-fail-compact-count-wraps.payload", 1, 0, 4, 0x08000002, 64);
	put_compact("should-fail-compact-truncated.payload", 1, 0, 4, 3, 96);
	put_compact("should-fail-compact-garbage-behind.payload", 1, 0, 4, 1, 32);
	put_compact("good-compact-type-1.payload", 1, 0, 4, 2, 64);
	build_compact_head(&o, 1, 1, 4, 0, 0);
	build_compact_head(&o, 2, 1, 4, 3, 96);
	compact_digests(2, 3);
	put("good-compact-three-blocks.payload");
	build_le(&o, 1, 2);
	put("should-fail-compact-truncated-header.payload");
	o.len = 0;
	build_compact_head(&o, 1, 0, 4, 0, 0);
	o.b[0] = 2;
	put("should-fail-compact-version-2.payload");
	o.b[0] = 1;
	build_compact_head(&o, 1, 0, 4, 0, 0);
	o.b[17] = 1;
	put("should-fail-compact-reserved-in-second-block.payload");
}

static void put_sig(const char *name, struct build_sig s)
{
	if (!s.hash)
		s.hash = 1;
	build_pkcs7(&o, &s);
	put(name);
}

#define SIG(...) ((struct build_sig){ __VA_ARGS__ })

static void pkcs7(void)
{
	put_sig("good-rsa-sha256.p7", SIG(.hash = 1));
	put_sig("good-rsa-sha384-rsa4096.p7", SIG(.hash = 2, .sig = 512));
	put_sig("good-rsa-sha512-no-parameters.p7", SIG(.hash = 3, .no_null = 1));
	put_sig("good-ecdsa-sha256.p7", SIG(.hash = 1, .pk = BUILD_ECDSA, .sig = 71));
	put_sig("good-ecdsa-sha384.p7", SIG(.hash = 2, .pk = BUILD_ECDSA, .sig = 103));
	put_sig("good-serial-32-bytes.p7", SIG(.serial = 32));
	put_sig("should-fail-serial-33-bytes.p7", SIG(.serial = 33));
	put_sig("should-fail-sha1.p7", SIG(.hash = -1));
	put_sig("should-fail-md5.p7", SIG(.hash = -5));
	put_sig("should-fail-sha224.p7", SIG(.hash = 4));
	put_sig("should-fail-sha1-only-in-signer.p7", SIG(.hash = -1, .set_hash = 1));
	put_sig("should-fail-two-hashes.p7", SIG(.hash = 1, .set_hash = 3));
	put_sig("should-fail-ed25519.p7", SIG(.pk = BUILD_ED25519));
	put_sig("should-fail-version-3.p7", SIG(.version = 3));
	put_sig("should-fail-certificates.p7", SIG(.certs = 1));
	put_sig("should-fail-authenticated-attributes.p7", SIG(.auth = 1));
	put_sig("should-fail-unauthenticated-attributes.p7", SIG(.unauth = 1));
	put_sig("should-fail-content.p7", SIG(.content = 1));
	put_sig("should-fail-two-signers.p7", SIG(.signers = 2));
	put_sig("should-fail-key-identifier.p7", SIG(.keyid = 1));
}

/* Changes that the builder cannot express. */
static void pkcs7_bytes(void)
{
	struct build_sig s = { .hash = 1 };
	static struct build t;

	build_pkcs7(&o, &s);
	build_be(&o, 0, 1);
	put("should-fail-byte-behind.p7");
	o.len -= 2;
	put("should-fail-truncated.p7");
	o.len = 0;
	put("should-fail-empty.p7");
	build_pkcs7(&o, &s);
	o.b[1] = 0x80;
	put("should-fail-indefinite-length.p7");
	s.sig = 64;
	build_pkcs7(&o, &s);
	/* 30 81 xx, written as 30 82 00 xx. */
	t.len = 0;
	build_be(&t, 0x308200, 3);
	build_raw(&t, o.b + 2, o.len - 2);
	o = t;
	put("should-fail-length-not-minimal.p7");
	s.sig = 256;
	s.pk = BUILD_ECDSA;
	build_pkcs7(&o, &s);
	for (size_t i = 0; i + 9 < o.len; i++)
		if (!memcmp(o.b + i, "\x2a\x86\x48\xce\x3d\x04\x03\x02", 8))
			o.b[i + 7] = 4;
	put("should-fail-ecdsa-of-another-hash.p7");
	build_pkcs7(&o, &s);
	for (size_t i = 0; i + 9 < o.len; i++)
		if (!memcmp(o.b + i, "\x2a\x86\x48\xce\x3d\x04\x03\x02", 8))
			o.b[i + 5] = 3;
	put("should-fail-object-identifier-like-ecdsa.p7");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: make-data DIRECTORY\n");
		return 2;
	}
	dir = argv[1];
	if (mkdir(dir, 0777) && errno != EEXIST) {
		perror(dir);
		return 2;
	}
	rpm_index();
	rpm_misaligned();
	rpm_region();
	rpm_digests();
	rpm_variants();
	rpm_other_tags();
	rpm_digests_last();
	payloads();
	trailers();
	tlv_good();
	tlv_bad();
	compact();
	pkcs7();
	pkcs7_bytes();
	return 0;
}
