// SPDX-License-Identifier: LGPL-2.1-or-later
/* What becomes of real vendors' keys. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>

#include "../../../lib/base/hex.h"
#include "../../../lib/base/io.h"
#include "../../../lib/crypto/cert.h"
#include "../../../lib/crypto/pgpplain.h"
#include "../../../lib/crypto/x509wrap.h"
#include "../base/testdata.h"

#define NOW 1764000000ULL

static const struct {
	const char *file;
	const char *key_id; /* of the key that is looked at */
	enum cert_state state;
	enum cert_algo algo;
	unsigned int bits;
	bool subkey;
} expected[] = {
	{"keys/RPM-GPG-KEY-AlmaLinux-9.asc", "d36cb86cb86b3716", CERT_USABLE, CERT_ALGO_RSA, 4096,
	 0},
	{"keys/RPM-GPG-KEY-redhat6-release.asc", "199e2f91fd431d51", CERT_USABLE, CERT_ALGO_RSA,
	 4096, 0},
	{"keys/RPM-GPG-KEY-redhat6-release.asc", "45689c882fa658e0", CERT_NO_ALGO, 0, 1024, 0},
	{"keys/RPM-GPG-KEY-CentOS-2.asc", "2802e89216ff0e46", CERT_NO_ALGO, 0, 1024, 0},
	{"keys/RPM-GPG-KEY-CentOS-6.asc", "0946fca2c105b9de", CERT_EXPIRED, CERT_ALGO_RSA, 4096, 0},
	{"keys/RPM-GPG-KEY-SuSE-SLE-11.asc", "e3a5c360307e3d54", CERT_WEAK, CERT_ALGO_RSA, 1024, 0},
	{"keys/RPM-GPG-KEY-openSUSE.asc", "b88b2fd43dbdc284", CERT_EXPIRED, CERT_ALGO_RSA, 2048, 0},
	{"keys/RPM-GPG-KEY-fedora-39-primary.asc", "75cf5ac418b8e74c", CERT_USABLE, CERT_ALGO_RSA,
	 4096, 0},
	{"keys/alice.asc", "b3a771bfeb04e625", CERT_NOT_SIGNING, CERT_ALGO_RSA, 3072, 0},
	{"keys/alice.asc", "1f71177215217ee0", CERT_USABLE, CERT_ALGO_RSA, 3072, 1},
	{"keys/rpm-testkey-v4-ecdsa-nistp256.asc", "105c3db6d139a931", CERT_USABLE, CERT_ALGO_P256,
	 256, 0},
	{"keys/rpm-testkey-v4-ed25519.asc", "522e846427933839", CERT_NO_ALGO, 0, 256, 0},
	{"keys/rpm.org-ed25519-subkey-test.pub", "dbf8808f7bab107a", CERT_REVOKED, 0, 256, 1},
	{"keys/rpm-testkey-v6-rsa4k.asc", "12e1f31e46105918", CERT_NO_ALGO, CERT_ALGO_RSA, 4096, 1},
	{"keys-more/alma_RPM-GPG-KEY-AlmaLinux-8", "51d6647ec21ad6ea", CERT_EXPIRED, CERT_ALGO_RSA,
	 3072, 1},
	{"keys-more/redhat_RPM-GPG-KEY-redhat9-PQC-release", "fcd355b305707a62", CERT_NO_ALGO, 0, 0,
	 0},
	{"keys-more/docker_fedora.gpg", "c52feb6b621e9f35", CERT_USABLE, CERT_ALGO_RSA, 4096, 0},
};

static void states(void **state)
{
	struct cert_set set = {0};
	uint8_t id[8];
	struct err e;

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct cert *c;

		if (cert_set_read_file(&set, testdata_path(expected[i].file), NOW, &e) < 0)
			fail_msg("%s", e.text);
		assert_int_equal(hex_decode(expected[i].key_id, 16, id, 8), 0);
		c = cert_set_by_key_id(&set, id);
		if (!c || c->state != expected[i].state)
			fail_msg("%s: key %s is %s (%s)", expected[i].file, expected[i].key_id,
				 c ? cert_state_name(c->state) : "missing", c ? c->why : "");
		assert_int_equal(c->algo, expected[i].algo);
		assert_int_equal(c->bits, expected[i].bits);
		assert_int_equal(c->subkey, expected[i].subkey);
		assert_int_equal(!c->why[0], c->state == CERT_USABLE);
		cert_set_done(&set);
	}
}

/* Wrapped and read back, every key is described as before, and wrapping is reproducible. */
static void wrappers(void **state)
{
	struct cert_set set = {0}, back = {0}, again = {0};
	size_t n = 0;
	struct err e;

	assert_true(cert_set_read_dir(&set, testdata_path("keys"), NOW, &e) > 50);
	assert_true(cert_set_read_dir(&again, testdata_path("keys"), NOW, &e) > 50);
	for (size_t i = 0; i < set.n; i++) {
		const struct cert *c = set.certs[i], *b;

		if (!c->der)
			continue;
		n++;
		assert_int_equal(c->der_len, again.certs[i]->der_len);
		assert_memory_equal(c->der, again.certs[i]->der, c->der_len);
		if (cert_set_read(&back, c->der, c->der_len, "wrapper", NOW, &e) != 1)
			fail_msg("%s: %s", c->owner, e.text);
		b = back.certs[0];
		assert_int_equal(b->kind, CERT_OPENPGP);
		assert_int_equal(b->state, c->state);
		assert_string_equal(b->owner, c->owner);
		assert_memory_equal(b->fingerprint, c->fingerprint, 20);
		assert_memory_equal(b->primary, c->primary, 20);
		assert_memory_equal(b->key_id, c->key_id, 8);
		assert_int_equal(b->subkey, c->subkey);
		assert_int_equal(b->created, c->created);
		assert_int_equal(b->expires, c->expires);
		assert_int_equal(b->der_len, c->der_len);
		assert_memory_equal(b->der, c->der, c->der_len);
		cert_set_done(&back);
	}
	assert_true(n > 30);
	cert_set_done(&set);
	cert_set_done(&again);
}

/* A wrapper with one bit changed never passes for the key that it was made from. */
static void forged_wrappers(void **state)
{
	struct cert_set set = {0}, back = {0};
	uint8_t *der;
	struct err e;
	size_t len;

	assert_int_equal(cert_set_read_file(&set, testdata_path("keys/microsoft.asc"), NOW, &e), 1);
	len = set.certs[0]->der_len;
	der = malloc(len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		memcpy(der, set.certs[0]->der, len);
		der[bit / 8] ^= 1U << (bit % 8);
		if (cert_set_read(&back, der, len, "wrapper", NOW, &e) > 0 &&
		    back.certs[0]->kind == CERT_OPENPGP) {
			assert_memory_equal(back.certs[0]->fingerprint, set.certs[0]->fingerprint,
					    20);
			assert_int_equal(back.certs[0]->created, set.certs[0]->created);
		}
		cert_set_done(&back);
	}
	free(der);
	cert_set_done(&set);
}

static int sha1(const void *data, size_t len, uint8_t ret[20])
{
	size_t n;

	return EVP_Q_digest(NULL, "SHA1", NULL, data, len, ret, &n) ? 0 : -EIO;
}

/* The keys of @file that are plain are usable, too, and until then at least. Returns how many. */
static size_t plain_ones(const char *file)
{
	struct pgpplain plain = {0};
	struct cert_set set = {0}, quick = {0};
	struct buf b = BUF_INIT;
	size_t n;

	assert_int_equal(io_read_file(testdata_path(file), CERT_FILE_MAX, &b, NULL), 0);
	assert_int_equal(pgpplain_read(&plain, b.data, b.len, file, true, NOW, sha1, NULL), 0);
	assert_int_equal(pgpplain_lend(&plain, &quick, NULL), 0);
	assert_true(cert_set_read(&set, b.data, b.len, file, NOW, NULL) > 0);
	for (size_t i = 0; i < quick.n; i++) {
		const struct cert *q = quick.certs[i];
		const struct cert *c = cert_set_by_fingerprint(&set, q->fingerprint, 20);

		if (!c || c->state != CERT_USABLE)
			fail_msg("%s: a plain key is not usable", file);
		assert_int_equal(c->bits, q->bits);
		assert_int_equal(c->created, q->created);
		assert_true(q->expires ? !c->expires || q->expires <= c->expires : !c->expires);
		assert_int_equal(c->serial_len, q->serial_len);
		assert_memory_equal(c->serial, q->serial, c->serial_len);
	}
	n = quick.n;
	free(quick.certs);
	pgpplain_done(&plain);
	cert_set_done(&set);
	buf_free(&b);
	return n;
}

static void plain_keys(void **state)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		(void)plain_ones(expected[i].file);
	assert_int_equal(plain_ones("keys/RPM-GPG-KEY-fedora-39-primary.asc"), 1);
	assert_int_equal(plain_ones("keys/RPM-GPG-KEY-CentOS-Official.asc"), 1);
	assert_int_equal(plain_ones("keys/RPM-GPG-KEY-amazon-linux-2023.asc"), 1);
	assert_int_equal(plain_ones("keys/RPM-GPG-KEY-oracle-ol10.asc"), 2);
	assert_int_equal(plain_ones("keys/RPM-GPG-KEY-CentOS-6.asc"), 0);
	assert_int_equal(plain_ones("keys/RPM-GPG-KEY-openSUSE.asc"), 0);
}

static void clear_refusals(void **state)
{
	struct cert_set set = {0};
	struct err e;

	assert_true(cert_set_read_file(&set,
				       testdata_path("keys-more/epel_RPM-GPG-KEY-EPEL-10-IMA"), NOW,
				       &e) < 0);
	assert_non_null(strstr(e.text, "bare public key"));
	assert_true(cert_set_read_file(&set, testdata_path("signed/hello-fedora39.rpm"), NOW, &e) <
		    0);
	assert_int_equal(set.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),	   cmocka_unit_test(wrappers),
		cmocka_unit_test(forged_wrappers), cmocka_unit_test(plain_keys),
		cmocka_unit_test(clear_refusals),
	};

	(void)testdata_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
