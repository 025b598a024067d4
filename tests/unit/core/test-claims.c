// SPDX-License-Identifier: GPL-2.0-only
/*
 * The name of each file of test data is a claim. What should fail does so for its own reason, at
 * its own place; what is good is accepted to the end. A file without a row here is an error.
 */
#include <dirent.h>

#include "walk.h"

struct claim {
	const char *name;
	__u32 code;
	__u32 off;
};

#define E(x) DIGLIM_E_##x

/* clang-format off */
static const struct claim claims[] = {
	{ "should-fail-algo-absent-means-md5.hdr", E(ALGO), 16 },
	{ "should-fail-algo-sha512.hdr", E(ALGO), 1568 },
	{ "should-fail-algo-twice.hdr", E(RPM_TYPE), 208 },
	{ "should-fail-authenticated-attributes.p7", E(SIG_FORMAT), 113 },
	{ "should-fail-byte-behind.p7", E(SIG_FORMAT), 4 },
	{ "should-fail-certificates.p7", E(SIG_FORMAT), 56 },
	{ "should-fail-compact-count-wraps.payload", E(COUNT), 8 },
	{ "should-fail-compact-garbage-behind.payload", E(TRAILING), 48 },
	{ "should-fail-compact-length-not-count.payload", E(COUNT), 8 },
	{ "should-fail-compact-length-not-multiple.payload", E(COUNT), 8 },
	{ "should-fail-compact-reserved-in-second-block.payload", E(TRAILING), 16 },
	{ "should-fail-compact-sha1.payload", E(ALGO), 6 },
	{ "should-fail-compact-sha512.payload", E(ALGO), 6 },
	{ "should-fail-compact-truncated-header.payload", E(TRUNCATED), 208 },
	{ "should-fail-compact-truncated.payload", E(TRUNCATED), 12 },
	{ "should-fail-compact-type-3.payload", E(COMPACT_TYPE), 2 },
	{ "should-fail-compact-unknown-modifier.payload", E(VALUE), 4 },
	{ "should-fail-compact-version-2.payload", E(FORMAT), 0 },
	{ "should-fail-content.p7", E(SIG_FORMAT), 43 },
	{ "should-fail-digest-ends-behind-its-tag.hdr", E(DIGEST_LEN), 1506 },
	{ "should-fail-digest-not-hexadecimal.hdr", E(DIGEST_LEN), 274 },
	{ "should-fail-digest-of-directory.hdr", E(VALUE), 244 },
	{ "should-fail-digest-slash.hdr", E(DIGEST_LEN), 274 },
	{ "should-fail-digest-too-long.hdr", E(DIGEST_LEN), 274 },
	{ "should-fail-digest-too-short.hdr", E(DIGEST_LEN), 274 },
	{ "should-fail-digest-upper-case.hdr", E(DIGEST_LEN), 274 },
	{ "should-fail-digests-fewer-than-their-count.hdr", E(RPM_INDEX), 1506 },
	{ "should-fail-digests-without-end.hdr", E(DIGEST_LEN), 274 },
	{ "should-fail-directory-index-outside.hdr", E(RPM_INDEX), 1184 },
	{ "should-fail-ecdsa-of-another-hash.p7", E(SIG_ALGO), 115 },
	{ "should-fail-ed25519.p7", E(SIG_ALGO), 115 },
	{ "should-fail-empty.hdr", E(TRUNCATED), 0 },
	{ "should-fail-empty.p7", E(SIG_FORMAT), 0 },
	{ "should-fail-empty.payload", E(EMPTY), 0 },
	{ "should-fail-indefinite-length.p7", E(SIG_FORMAT), 0 },
	{ "should-fail-index-binary-overlaps-next.hdr", E(RPM_INDEX), 224 },
	{ "should-fail-index-count-outside.hdr", E(RPM_INDEX), 192 },
	{ "should-fail-index-count-wraps.hdr", E(RPM_INDEX), 128 },
	{ "should-fail-index-count-zero.hdr", E(RPM_INDEX), 128 },
	{ "should-fail-index-int16-misaligned.hdr", E(RPM_INDEX), 144 },
	{ "should-fail-index-int16-overlaps-next.hdr", E(RPM_INDEX), 160 },
	{ "should-fail-index-int32-overlaps-next.hdr", E(RPM_INDEX), 176 },
	{ "should-fail-index-int64-misaligned.hdr", E(RPM_INDEX), 176 },
	{ "should-fail-index-int64-overlaps-next.hdr", E(RPM_INDEX), 192 },
	{ "should-fail-index-misaligned.hdr", E(RPM_INDEX), 128 },
	{ "should-fail-index-negative-offset.hdr", E(RPM_INDEX), 112 },
	{ "should-fail-index-outside.hdr", E(RPM_INDEX), 112 },
	{ "should-fail-index-overlaps-entry-before.hdr", E(RPM_INDEX), 128 },
	{ "should-fail-index-strings-overlap-next.hdr", E(RPM_INDEX), 240 },
	{ "should-fail-index-tag-of-region.hdr", E(RPM_TYPE), 128 },
	{ "should-fail-index-two-strings-in-string.hdr", E(RPM_TYPE), 32 },
	{ "should-fail-index-type-ten.hdr", E(RPM_TYPE), 240 },
	{ "should-fail-index-type-zero.hdr", E(RPM_TYPE), 112 },
	{ "should-fail-intro-data-length-wraps.hdr", E(TRUNCATED), 1588 },
	{ "should-fail-intro-data-shorter-than-region.hdr", E(RPM_REGION), 16 },
	{ "should-fail-intro-million-entries.hdr", E(TOO_MANY), 8 },
	{ "should-fail-intro-no-entries.hdr", E(RPM_REGION), 8 },
	{ "should-fail-intro-one-entry-too-many.hdr", E(TRUNCATED), 1588 },
	{ "should-fail-issuer-of-no-names.p7", E(SIG_FORMAT), 71 },
	{ "should-fail-issuer-with-a-name-cut.p7", E(SIG_FORMAT), 71 },
	{ "should-fail-key-identifier.p7", E(SIG_FORMAT), 67 },
	{ "should-fail-length-not-minimal.p7", E(SIG_FORMAT), 0 },
	{ "should-fail-magic-reserved.hdr", E(RPM_MAGIC), 0 },
	{ "should-fail-magic.hdr", E(RPM_MAGIC), 0 },
	{ "should-fail-md5.p7", E(SIG_HASH), 30 },
	{ "should-fail-object-identifier-like-ecdsa.p7", E(SIG_ALGO), 115 },
	{ "should-fail-region-alone.hdr", E(RPM_TAG), 16 },
	{ "should-fail-region-before-the-end.hdr", E(RPM_REGION), 16 },
	{ "should-fail-region-leaves-out-an-entry.hdr", E(RPM_REGION), 1572 },
	{ "should-fail-region-missing.hdr", E(RPM_REGION), 16 },
	{ "should-fail-region-of-wrong-size.hdr", E(RPM_REGION), 16 },
	{ "should-fail-region-of-wrong-type.hdr", E(RPM_REGION), 16 },
	{ "should-fail-region-trailer-tag.hdr", E(RPM_REGION), 1572 },
	{ "should-fail-rpm-byte-behind-v3-trailer.payload", E(SIG_VERSION), 1588 },
	{ "should-fail-rpm-byte-behind-v4-trailer.payload", E(SIG_TRAILER), 1592 },
	{ "should-fail-rpm-without-trailer.payload", E(SIG_TRAILER), 1588 },
	{ "should-fail-serial-22-bytes.p7", E(SIG_FORMAT), 90 },
	{ "should-fail-serial-like-a-name.p7", E(SIG_FORMAT), 90 },
	{ "should-fail-serial-with-leading-zero.p7", E(SIG_FORMAT), 90 },
	{ "should-fail-sha1-only-in-signer.p7", E(SIG_HASH), 100 },
	{ "should-fail-sha1.p7", E(SIG_HASH), 30 },
	{ "should-fail-sha224.p7", E(SIG_HASH), 30 },
	{ "should-fail-tag-arch-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-digests-as-binary.hdr", E(RPM_TYPE), 112 },
	{ "should-fail-tag-digests-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-directory-names-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-duplicate.hdr", E(DUPLICATE), 48 },
	{ "should-fail-tag-fewer-colors-than-files.hdr", E(RPM_TYPE), 1508 },
	{ "should-fail-tag-fewer-digests-than-files.hdr", E(RPM_TYPE), 274 },
	{ "should-fail-tag-files-without-names.hdr", E(RPM_TYPE), 274 },
	{ "should-fail-tag-flags-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-modes-as-int8.hdr", E(RPM_TYPE), 96 },
	{ "should-fail-tag-modes-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-more-directory-names-than-there-are.hdr", E(RPM_INDEX), 1354 },
	{ "should-fail-tag-name-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-release-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tag-version-missing.hdr", E(RPM_TAG), 16 },
	{ "should-fail-tlv-algo-length.payload", E(VALUE), 2 },
	{ "should-fail-tlv-algo-sha512.payload", E(ALGO), 6 },
	{ "should-fail-tlv-algo-twice.payload", E(DUPLICATE), 8 },
	{ "should-fail-tlv-allow-with-a-key.payload", E(TLV_FIELD), 34 },
	{ "should-fail-tlv-byte-behind-the-end.payload", E(TRAILING), 81 },
	{ "should-fail-tlv-control-17-orders.payload", E(TOO_MANY), 60 },
	{ "should-fail-tlv-control-boot-of-15-bytes.payload", E(VALUE), 20 },
	{ "should-fail-tlv-control-counter-zero.payload", E(VALUE), 64 },
	{ "should-fail-tlv-control-identity-of-15-bytes.payload", E(VALUE), 76 },
	{ "should-fail-tlv-control-mode-without-window.payload", E(VALUE), 76 },
	{ "should-fail-tlv-control-no-order.payload", E(COUNT), 60 },
	{ "should-fail-tlv-control-two-orders-in-one.payload", E(TLV_FIELD), 70 },
	{ "should-fail-tlv-control-unknown-mode.payload", E(VALUE), 76 },
	{ "should-fail-tlv-control-unseal-with-data.payload", E(VALUE), 76 },
	{ "should-fail-tlv-control-with-a-key.payload", E(TLV_FIELD), 70 },
	{ "should-fail-tlv-control-without-boot.payload", E(TLV_FIELD), 42 },
	{ "should-fail-tlv-count-length.payload", E(VALUE), 10 },
	{ "should-fail-tlv-count-million.payload", E(TOO_MANY), 14 },
	{ "should-fail-tlv-count-too-large.payload", E(COUNT), 14 },
	{ "should-fail-tlv-count-too-small.payload", E(TRAILING), 18 },
	{ "should-fail-tlv-deny-digest-for-a-use.payload", E(TLV_FIELD), 40 },
	{ "should-fail-tlv-deny-key-begins-with-zero.payload", E(VALUE), 40 },
	{ "should-fail-tlv-deny-key-empty.payload", E(VALUE), 40 },
	{ "should-fail-tlv-deny-key-of-21-bytes.payload", E(VALUE), 40 },
	{ "should-fail-tlv-deny-key-twice.payload", E(DUPLICATE), 43 },
	{ "should-fail-tlv-deny-key-with-name.payload", E(TLV_FIELD), 43 },
	{ "should-fail-tlv-deny-with-a-counter.payload", E(TLV_FIELD), 42 },
	{ "should-fail-tlv-digest-length.payload", E(DIGEST_LEN), 26 },
	{ "should-fail-tlv-digest-not-first.payload", E(TLV_FIELD), 24 },
	{ "should-fail-tlv-digest-twice.payload", E(DUPLICATE), 62 },
	{ "should-fail-tlv-ends-before-count.payload", E(TRUNCATED), 8 },
	{ "should-fail-tlv-entry-outside.payload", E(TRUNCATED), 20 },
	{ "should-fail-tlv-field-crosses-end-of-entry.payload", E(TRUNCATED), 62 },
	{ "should-fail-tlv-floor-byte-behind-the-last-field.payload", E(TRUNCATED), 53 },
	{ "should-fail-tlv-floor-epoch-of-2-bytes.payload", E(VALUE), 59 },
	{ "should-fail-tlv-floor-version-empty.payload", E(VALUE), 50 },
	{ "should-fail-tlv-floor-version-not-ascii.payload", E(VALUE), 50 },
	{ "should-fail-tlv-floor-with-a-digest.payload", E(TLV_FIELD), 34 },
	{ "should-fail-tlv-floor-without-name.payload", E(TLV_FIELD), 34 },
	{ "should-fail-tlv-floor-without-version.payload", E(TLV_FIELD), 34 },
	{ "should-fail-tlv-limits-key-without-limit.payload", E(TLV_FIELD), 34 },
	{ "should-fail-tlv-limits-name-of-64-bytes.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-name-with-blank.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-no-use.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-path-relative.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-path-without-final-slash.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-path-without-nul.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-unknown-use.payload", E(VALUE), 52 },
	{ "should-fail-tlv-limits-without-key.payload", E(TLV_FIELD), 34 },
	{ "should-fail-tlv-name-behind-count.payload", E(TRAILING), 18 },
	{ "should-fail-tlv-name-empty-at-the-end.payload", E(VALUE), 10 },
	{ "should-fail-tlv-name-empty.payload", E(VALUE), 10 },
	{ "should-fail-tlv-name-twice.payload", E(DUPLICATE), 15 },
	{ "should-fail-tlv-path-outside-entry.payload", E(TRUNCATED), 64 },
	{ "should-fail-tlv-path-twice.payload", E(DUPLICATE), 71 },
	{ "should-fail-tlv-path-without-nul.payload", E(VALUE), 62 },
	{ "should-fail-tlv-time-length.payload", E(VALUE), 10 },
	{ "should-fail-tlv-time-twice.payload", E(DUPLICATE), 22 },
	{ "should-fail-tlv-truncated-in-entry-header.payload", E(COUNT), 14 },
	{ "should-fail-tlv-truncated.payload", E(TRUNCATED), 20 },
	{ "should-fail-tlv-type-twice.payload", E(DUPLICATE), 18 },
	{ "should-fail-tlv-type-unknown.payload", E(VALUE), 14 },
	{ "should-fail-tlv-unknown-field-before-count.payload", E(TLV_FIELD), 8 },
	{ "should-fail-tlv-unknown-field-for-entry.payload", E(TLV_FIELD), 18 },
	{ "should-fail-tlv-unknown-field-in-entry.payload", E(TLV_FIELD), 62 },
	{ "should-fail-tlv-use-length.payload", E(VALUE), 73 },
	{ "should-fail-tlv-use-unknown-bit.payload", E(VALUE), 77 },
	{ "should-fail-tlv-use-zero.payload", E(VALUE), 77 },
	{ "should-fail-truncated-by-one-byte.hdr", E(TRUNCATED), 1587 },
	{ "should-fail-truncated-in-intro.hdr", E(TRUNCATED), 0 },
	{ "should-fail-truncated.p7", E(SIG_FORMAT), 4 },
	{ "should-fail-two-hashes.p7", E(SIG_FORMAT), 113 },
	{ "should-fail-two-signers.p7", E(SIG_FORMAT), 64 },
	{ "should-fail-unauthenticated-attributes.p7", E(SIG_FORMAT), 132 },
	{ "should-fail-unknown-format.payload", E(FORMAT), 0 },
	{ "should-fail-v3-truncated.trailer", E(SIG_TRAILER), 0 },
	{ "should-fail-v3-type.trailer", E(SIG_TYPE), 0 },
	{ "should-fail-v4-end-marker-ff.trailer", E(SIG_TRAILER), 4 },
	{ "should-fail-v4-end-marker-version.trailer", E(SIG_TRAILER), 4 },
	{ "should-fail-v4-hashed-length-outside.trailer", E(SIG_TRAILER), 4 },
	{ "should-fail-v4-length-differs.trailer", E(SIG_TRAILER), 4 },
	{ "should-fail-v4-md5.trailer", E(SIG_HASH), 3 },
	{ "should-fail-v4-ripemd160.trailer", E(SIG_HASH), 3 },
	{ "should-fail-v4-sha1.trailer", E(SIG_HASH), 3 },
	{ "should-fail-v4-sha224.trailer", E(SIG_HASH), 3 },
	{ "should-fail-v4-subpacket-of-length-zero.trailer", E(SIG_TRAILER), 6 },
	{ "should-fail-v4-subpacket-outside.trailer", E(SIG_TRAILER), 6 },
	{ "should-fail-v4-time-cut.trailer", E(SIG_TRAILER), 6 },
	{ "should-fail-v4-time-too-short.trailer", E(SIG_TRAILER), 6 },
	{ "should-fail-v4-two-times.trailer", E(DUPLICATE), 12 },
	{ "should-fail-v4-type.trailer", E(SIG_TYPE), 1 },
	{ "should-fail-v6.trailer", E(SIG_VERSION), 0 },
	{ "should-fail-version-3.p7", E(SIG_FORMAT), 23 },
};
/* clang-format on */

static struct walk w, short_one;

static const struct claim *find(const char *name)
{
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		if (!strcmp(claims[i].name, name))
			return &claims[i];
	return NULL;
}

static int check(const char *name)
{
	const struct claim *c = find(name);
	int ret;

	walk_file(&w, name);
	ret = walk_run(&w, name);
	walk_free(&w);
	if (!strncmp(name, "good-", 5)) {
		if (!ret)
			return 0;
		print_error("%s: error %u at %u\n", name, w.e.code, w.e.off);
		return 1;
	}
	if (!c) {
		print_error("%s: no row says how it should fail\n", name);
		return 1;
	}
	if (ret == -1 && w.e.code == c->code && w.e.off == c->off)
		return 0;
	print_error("%s: returned %d, error %u at %u instead of %u at %u\n", name, ret, w.e.code,
		    w.e.off, c->code, c->off);
	return 1;
}

static void test_claims(void **state)
{
	DIR *d = opendir(DIGLIM_CORE_DATA);
	size_t bad = 0, good = 0;
	struct dirent *f;

	(void)state;
	assert_non_null(d);
	while ((f = readdir(d))) {
		if (f->d_name[0] == '.')
			continue;
		if (check(f->d_name))
			bad++;
		else
			good++;
	}
	closedir(d);
	assert_int_equal(bad, 0);
	/* Rows whose file is gone would be claims that nobody checks. */
	assert_true(good > sizeof(claims) / sizeof(claims[0]));
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		walk_file(&w, claims[i].name);
		walk_free(&w);
	}
}

/* Every good file is refused once its last byte is missing, or one byte follows. */
static void test_length(void **state)
{
	static const char *const names[] = {
		"good-rpm-v4.payload",
		"good-rpm-v3.payload",
		"good-tlv-all-fields.payload",
		"good-tlv-digest-cache-v6.payload",
		"good-compact-three-blocks.payload",
		"good-v4-hash-9.trailer",
		"good-rsa-sha256.p7",
		"good-ecdsa-sha384.p7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		__u8 *longer;

		walk_file(&w, names[i]);
		longer = calloc(1, w.v.len + 1);
		assert_non_null(longer);
		memcpy(longer, w.v.data, w.v.len);
		walk_bytes(&short_one, longer, w.v.len - 1);
		if (walk_run(&short_one, names[i]) != -1)
			fail_msg("%s without its last byte was accepted", names[i]);
		walk_free(&short_one);
		walk_bytes(&short_one, longer, w.v.len + 1);
		if (walk_run(&short_one, names[i]) != -1)
			fail_msg("%s with a byte behind it was accepted", names[i]);
		walk_free(&short_one);
		walk_free(&w);
		free(longer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests_name("core: claims", tests, NULL, NULL);
}
