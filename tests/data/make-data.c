// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the test data of core/ into the directory given: every file's name is the claim about it.
 *   .hdr bare RPM header   .payload whole payload   .trailer OpenPGP trailer   .p7 PKCS#7
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "build-sig.h"
#include "make-data.h"

static const char *dir;
struct build o;

void put(const char *name)
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

static void put_trailer(const char *name, uint8_t hash, const void *sub, size_t n)
{
	o.len = 0;
	build_trailer_raw(&o, hash, sub, n);
	put(name);
}

static void trailer_hashes(void)
{
	static const struct {
		uint8_t hash;
		const char *name;
	} t[] = {
		{1, "should-fail-v4-md5.trailer"},	 {2, "should-fail-v4-sha1.trailer"},
		{3, "should-fail-v4-ripemd160.trailer"}, {11, "should-fail-v4-sha224.trailer"},
		{8, "good-v4-hash-8.trailer"},		 {9, "good-v4-hash-9.trailer"},
		{10, "good-v4-hash-10.trailer"},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		o.len = 0;
		build_trailer_v4(&o, t[i].hash);
		put(t[i].name);
	}
}

/* A good trailer with one byte changed. */
static void put_trailer_byte(const char *name, size_t from_end, size_t at, uint8_t value)
{
	o.len = 0;
	build_trailer_v4(&o, 8);
	o.b[from_end ? o.len - from_end : at] = value;
	put(name);
}

static void trailers(void)
{
	o.len = 0;
	build_trailer_v3(&o);
	put("good-v3.trailer");
	o.b[0] = 1;
	put("should-fail-v3-type.trailer");
	o.len--;
	put("should-fail-v3-truncated.trailer");
	put_trailer_byte("should-fail-v4-length-differs.trailer", 1, 0, 200);
	put_trailer_byte("should-fail-v4-type.trailer", 0, 1, 0x10);
	put_trailer_byte("should-fail-v6.trailer", 0, 0, 6);
	put_trailer_byte("should-fail-v4-hashed-length-outside.trailer", 0, 5, 200);
	put_trailer_byte("should-fail-v4-end-marker-version.trailer", 6, 0, 5);
	put_trailer_byte("should-fail-v4-end-marker-ff.trailer", 5, 0, 0xfe);
}

static void trailer_subpackets(void)
{
	static const uint8_t subs[] = {5, 2, 1, 2, 3, 4, 5, 0x82, 1, 2, 3, 5};
	static const uint8_t short_time[] = {4, 2, 1, 2, 3, 3, 100, 0, 0};
	static const uint8_t zero[] = {0};
	static const uint8_t lying[] = {9, 100, 0};
	/* A subpacket with a length of two bytes, then one with a length of five. */
	static uint8_t big[302 + 305] = {0xc0, 300 - 192, 100};

	put_trailer("good-v4-time-only.trailer", 8, subs, 6);
	put_trailer("good-v4-no-subpackets.trailer", 8, subs, 0);
	put_trailer("should-fail-v4-two-times.trailer", 8, subs, sizeof(subs));
	put_trailer("should-fail-v4-time-cut.trailer", 8, subs, 5);
	put_trailer("should-fail-v4-time-too-short.trailer", 8, short_time, sizeof(short_time));
	put_trailer("should-fail-v4-subpacket-of-length-zero.trailer", 8, zero, 1);
	put_trailer("should-fail-v4-subpacket-outside.trailer", 8, lying, sizeof(lying));
	big[302] = 255;
	big[305] = 300 >> 8;
	big[306] = 300 & 0xff;
	big[307] = 101;
	put_trailer("good-v4-long-subpackets.trailer", 8, big, sizeof(big));
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
	put_tlv("should-fail-tlv-use-unknown-bit.payload", 79, 1);
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

#define SIG(...) ((struct build_sig){__VA_ARGS__})

static void pkcs7(void)
{
	put_sig("good-rsa-sha256.p7", SIG(.hash = 1));
	put_sig("good-rsa-sha384-rsa4096.p7", SIG(.hash = 2, .sig = 512));
	put_sig("good-rsa-sha512-no-parameters.p7", SIG(.hash = 3, .no_null = 1));
	put_sig("good-ecdsa-sha256.p7", SIG(.hash = 1, .pk = BUILD_ECDSA, .sig = 71));
	put_sig("good-ecdsa-sha384.p7", SIG(.hash = 2, .pk = BUILD_ECDSA, .sig = 103));
	put_sig("good-serial-21-bytes.p7", SIG(.serial = 21));
	put_sig("should-fail-serial-22-bytes.p7", SIG(.serial = 22));
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
	struct build_sig s = {.hash = 1};
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

/* A good signature with other bytes where @find stands. */
static void put_sig_bytes(const char *name, const char *find, size_t n, const char *instead)
{
	struct build_sig s = {.hash = 1};

	build_pkcs7(&o, &s);
	for (size_t i = 0; i + n < o.len; i++)
		if (!memcmp(o.b + i, find, n))
			memcpy(o.b + i, instead, n);
	put(name);
}

/* What would make one signer pass for another. */
static void pkcs7_signer(void)
{
	put_sig_bytes("should-fail-serial-with-leading-zero.p7", "\x02\x08\x5a", 3, "\x02\x08\0");
	put_sig_bytes("should-fail-serial-like-a-name.p7", "\x02\x08\x5a\x5a\x5a", 5,
		      "\x02\x08\x31\x5a\x30");
	put_sig_bytes("should-fail-issuer-of-no-names.p7", "\x31\x0f\x30\x0d\x06\x03", 6,
		      "\x30\x0f\x30\x0d\x06\x03");
	put_sig_bytes("should-fail-issuer-with-a-name-cut.p7", "\x31\x0f\x30\x0d\x06\x03", 6,
		      "\x31\x10\x30\x0d\x06\x03");
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
	rpm_headers();
	payloads();
	trailer_hashes();
	trailers();
	trailer_subpackets();
	tlv_good();
	tlv_bad();
	compact();
	pkcs7();
	pkcs7_bytes();
	pkcs7_signer();
	rules();
	return 0;
}
