// SPDX-License-Identifier: LGPL-2.1-or-later
/* What becomes of real packages, package headers and an rpm database. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/x509.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmts.h>

#include "../../../lib/base/io.h"
#include "../../../lib/crypto/verify.h"
#include "../../../lib/format/payload.h"
#include "../../../lib/pkgdb/import.h"
#include "../../../lib/pkgdb/rpmdb.h"
#include "../../../lib/pkgdb/rpmfile.h"
#include "../base/testdata.h"

#define NOW 1764000000ULL

static struct cert_set keys;

/* Packages whose outcome is not that of their folder. */
static const struct {
	const char *file;
	enum import_outcome outcome;
	const char *text;
} special[] = {
	{"centos-release-as-2.1AS-4.noarch.rpm", IMPORT_UNSIGNED, "header and archive together"},
	{"empty-signed-eddsa-0-0.x86_64.rpm", IMPORT_SIG_ALGO, "EdDSA"},
	{"empty-signed-v6-multiple-0-0.x86_64.rpm", IMPORT_NO_FILES, "no regular file"},
	{"gettext-runtime-32bit-0.17-61.40.x86_64.rpm", IMPORT_KEY_UNUSABLE, "1024 bits"},
	{"hello-2.0-1.x86_64-signed-revoked.rpm", IMPORT_SIG_ALGO, "EdDSA"},
	{"rpm-basic-multiple-signatures-2.3.4-5.el9.noarch.rpm", IMPORT_SIG_VERSION, "version 6"},
	{"rpm-basic-with-ed25519-2.3.4-5.el9.noarch.rpm", IMPORT_SIG_ALGO, "EdDSA"},
	{"foo.i386.rpm", IMPORT_MALFORMED, "no immutable region"},
	{"bad-crc-uncompressed-1.0-9.1.x86_64.rpm", IMPORT_UNKNOWN_KEY, "d9de6a3341e160ac"},
	/* Only archive or extended attributes are damaged: the header is whole and signed. */
	{"hello-2.0-1.x86_64-badima.rpm", IMPORT_OK, ""},
	{"hello-2.0-1.x86_64-corrupted.rpm", IMPORT_OK, ""},
	{"signed_broken.rpm", IMPORT_NO_FILES, ""},
	{"unsigned_broken_header.rpm", IMPORT_UNSIGNED, ""},
	{"broken.rpm", IMPORT_MALFORMED, "offset 78"},
};

static void import_one(const struct rpmpkg *p, struct import_result *r)
{
	struct import_options opt = {
		.vendor_keys = &keys, .now = NOW, .ingest_buffer = DIGLIM_INGEST_MAX};
	struct err e;

	if (import_rpm(p, &opt, r, &e) < 0)
		fail_msg("%s: %s", p->name, e.text);
}

typedef void (*package_fn)(const char *path, const char *name, enum import_outcome usual);

static void each_package(package_fn fn)
{
	static const struct {
		const char *folder;
		enum import_outcome usual;
	} folders[] = {
		{"signed", IMPORT_OK},
		{"unknown-key", IMPORT_UNKNOWN_KEY},
		{"unsigned", IMPORT_UNSIGNED},
		{"malformed", IMPORT_MALFORMED},
	};
	char path[1200];

	for (size_t i = 0; i < 4; i++) {
		DIR *d = opendir(testdata_path(folders[i].folder));
		struct dirent *f;

		assert_non_null(d);
		while ((f = readdir(d))) {
			if (f->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%s", testdata_path(folders[i].folder),
				 f->d_name);
			fn(path, f->d_name, folders[i].usual);
		}
		closedir(d);
	}
}

static int n_packages, n_imported;

static void check_outcome(const char *path, const char *name, enum import_outcome usual)
{
	struct import_result r;
	struct rpmpkg p = {0};
	const char *text = "";
	struct err e;

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (!strcmp(special[i].file, name)) {
			usual = special[i].outcome;
			text = special[i].text;
		}
	if (rpmfile_read(path, &p, &e) < 0)
		import_malformed(&r, name, &e);
	else
		import_one(&p, &r);
	if (r.outcome != usual || !strstr(r.text, text))
		fail_msg("%s: %s: %s", name, import_outcome_name(r.outcome), r.text);
	assert_int_equal(r.outcome == IMPORT_OK, !r.text[0]);
	n_packages++;
	n_imported += r.outcome == IMPORT_OK;
	import_result_done(&r);
	rpmpkg_done(&p);
}

static void every_package_has_its_outcome(void **state)
{
	each_package(check_outcome);
	print_message("%d packages, %d imported\n", n_packages, n_imported);
	assert_true(n_packages >= 53);
	assert_true(n_imported >= 25);
}

/* The same list under other conditions must not verify. */
static void must_fail(const struct import_result *r, const struct cert_set *set)
{
	struct err e;

	assert_true(verify_list(r->payload.data, r->payload.len, r->sig.data, r->sig.len, set, NULL,
				&e) < 0);
}

/* Where the public key lies in the certificate. */
static uint8_t *find_key(const struct cert *c, size_t *len)
{
	const uint8_t *p = c->der;
	X509 *x = d2i_X509(NULL, &p, (long)c->der_len);
	uint8_t *spki = NULL, *ret;

	*len = (size_t)i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
	ret = memmem(c->der, c->der_len, spki, *len);
	OPENSSL_free(spki);
	X509_free(x);
	assert_non_null(ret);
	return ret;
}

static void flip_bits(const char *path, const char *name, enum import_outcome usual)
{
	struct cert *c;
	struct cert_set one = {&c, 1};
	struct import_result r = {0};
	struct rpmpkg p = {0};
	size_t key_len;
	uint8_t *key;
	struct err e;

	if (rpmfile_read(path, &p, &e) < 0 || (import_one(&p, &r), r.outcome != IMPORT_OK)) {
		import_result_done(&r);
		rpmpkg_done(&p);
		return;
	}
	c = (struct cert *)r.signer;
	key = find_key(c, &key_len);
	assert_int_equal(
		verify_list(r.payload.data, r.payload.len, r.sig.data, r.sig.len, &one, NULL, &e),
		0);
	for (int i = 0; i < 64; i++) {
		size_t at = r.payload.len * (size_t)i / 64;

		r.payload.data[at] ^= 1U << i % 8;
		must_fail(&r, &one);
		r.payload.data[at] ^= 1U << i % 8;
		at = r.sig.len * (size_t)i / 64;
		r.sig.data[at] ^= 1U << i % 8;
		must_fail(&r, &one);
		r.sig.data[at] ^= 1U << i % 8;
		at = key_len * (size_t)i / 64;
		key[at] ^= 1U << i % 8;
		must_fail(&r, &one);
		key[at] ^= 1U << i % 8;
	}
	import_result_done(&r);
	rpmpkg_done(&p);
}

static void one_bit_flipped(void **state)
{
	each_package(flip_bits);
}

struct expected {
	rpmfiles files;
	int n;
	int digests;
};

static int compare_entry(const struct payload_entry *entry, void *arg)
{
	struct expected *x = arg;
	const unsigned char *digest;
	size_t len = 0;
	int algo = 0;
	char *path = rpmfilesFN(x->files, (int)entry->index);

	digest = rpmfilesFDigest(x->files, (int)entry->index, &algo, &len);
	assert_non_null(digest);
	assert_int_equal(len, 32);
	assert_memory_equal(digest, entry->digest, 32);
	assert_non_null(entry->path);
	assert_string_equal(path, entry->path);
	free(path);
	x->n++;
	return 0;
}

static Header read_with_librpm(const char *path)
{
	rpmts ts = rpmtsCreate();
	FD_t fd = Fopen(path, "r.ufdio");
	Header h = NULL;

	rpmtsSetVSFlags(ts, _RPMVSF_NODIGESTS | _RPMVSF_NOSIGNATURES | RPMVSF_NOHDRCHK);
	(void)rpmReadPackageFile(ts, fd, NULL, &h);
	Fclose(fd);
	rpmtsFree(ts);
	return h;
}

static void compare_files(const char *path, const char *name, enum import_outcome usual)
{
	struct expected x = {0};
	struct import_result r = {0};
	struct rpmpkg p = {0};
	struct err e;
	Header h;

	if (rpmfile_read(path, &p, &e) < 0 || (import_one(&p, &r), r.outcome != IMPORT_OK)) {
		import_result_done(&r);
		rpmpkg_done(&p);
		return;
	}
	h = read_with_librpm(path);
	assert_non_null(h);
	x.files = rpmfilesNew(NULL, h, 0, RPMFI_KEEPHEADER);
	for (int i = 0; i < (int)rpmfilesFC(x.files); i++)
		x.digests += S_ISREG(rpmfilesFMode(x.files, i)) &&
			     !(rpmfilesFFlags(x.files, i) & RPMFILE_GHOST);
	assert_int_equal(
		payload_walk(r.payload.data, r.payload.len, name, NULL, compare_entry, &x, &e), 0);
	assert_int_equal(x.n, x.digests);
	rpmfilesFree(x.files);
	headerFree(h);
	import_result_done(&r);
	rpmpkg_done(&p);
}

static void digests_and_paths_are_librpms(void **state)
{
	each_package(compare_files);
}

static int counts[IMPORT_OUTCOME_MAX];

static void import_header(const char *path)
{
	struct buf header = BUF_INIT, sig = BUF_INIT;
	struct import_result r;
	struct rpmpkg p = {0};
	char name[1200];
	struct err e;

	snprintf(name, sizeof(name), "%.*s.sig", (int)strlen(path) - 4, path);
	if (io_read_file(path, 64 << 20, &header, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(rpmpkg_set_header(&p, header.data, header.len, &e), 0);
	if (!io_read_file(name, 1 << 20, &sig, &e))
		assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_RSAHEADER, sig.data, sig.len, &e), 0);
	import_one(&p, &r);
	counts[r.outcome]++;
	if (r.outcome != IMPORT_OK && counts[r.outcome] <= 2)
		print_message("  %s: %s: %s\n", r.name, import_outcome_name(r.outcome), r.text);
	import_result_done(&r);
	rpmpkg_done(&p);
	buf_free(&header);
	buf_free(&sig);
}

/* Headers of one distribution; returns how many, their outcomes are in counts[]. */
static int import_headers(const char *archive)
{
	char *dir = temp_dir(), cmd[1500], path[1200];
	FILE *list;
	int n = 0;

	memset(counts, 0, sizeof(counts));
	snprintf(cmd, sizeof(cmd), "tar -xJf '%s' -C '%s'", testdata_path(archive), dir);
	assert_int_equal(system(cmd), 0);
	snprintf(cmd, sizeof(cmd), "find '%s' -name '*.hdr'", dir);
	list = popen(cmd, "r");
	while (list && fgets(path, sizeof(path), list)) {
		path[strcspn(path, "\n")] = '\0';
		import_header(path);
		n++;
	}
	pclose(list);
	temp_dir_remove(dir);
	for (int i = 0; i < IMPORT_OUTCOME_MAX; i++)
		if (counts[i])
			print_message("  %s: %s %d\n", archive,
				      import_outcome_name((enum import_outcome)i), counts[i]);
	return n;
}

static void installed_headers(void **state)
{
	/* Whatever is signed with RSA and SHA-2 verifies; nothing is malformed. */
	assert_int_equal(import_headers("headers/el8.tar.xz"), 518);
	assert_int_equal(counts[IMPORT_OK] + counts[IMPORT_NO_FILES] + counts[IMPORT_UNSIGNED] +
				 counts[IMPORT_UNKNOWN_KEY],
			 518);
	assert_int_equal(import_headers("headers/amzn2.tar.xz"), 103);
	assert_int_equal(counts[IMPORT_OK] + counts[IMPORT_NO_FILES], 103);
	assert_int_equal(import_headers("headers/el6.tar.xz"), 328);
	assert_int_equal(counts[IMPORT_OK] + counts[IMPORT_NO_FILES] + counts[IMPORT_SIG_HASH] +
				 counts[IMPORT_FILE_DIGESTS],
			 328);
	assert_true(counts[IMPORT_SIG_HASH] > 0);
}

static int count_db(const struct rpmpkg *p, const char *broken, void *arg)
{
	struct import_result r;

	if (broken)
		fail_msg("%s: %s", p->name, broken);
	import_one(p, &r);
	counts[r.outcome]++;
	import_result_done(&r);
	(*(int *)arg)++;
	return 0;
}

static int stop_at_once(const struct rpmpkg *p, const char *broken, void *arg)
{
	return 42;
}

static void rpm_database(void **state)
{
	char *dir = temp_dir(), cmd[1500];
	struct err e;
	int n = 0;

	memset(counts, 0, sizeof(counts));
	snprintf(cmd, sizeof(cmd),
		 "mkdir -p '%s/root/var/lib/rpm' '%s/empty' && "
		 "xz -dc '%s' >'%s/root/var/lib/rpm/rpmdb.sqlite'",
		 dir, dir, testdata_path("rpmdb/amazonlinux2023.sqlite.xz"), dir);
	assert_int_equal(system(cmd), 0);
	snprintf(cmd, sizeof(cmd), "%s/root", dir);
	assert_int_equal(rpmdb_count(cmd, NULL, &e), 102);
	if (rpmdb_walk(cmd, NULL, count_db, &n, &e))
		fail_msg("%s", e.text);
	assert_int_equal(n, 102);
	assert_int_equal(counts[IMPORT_OK] + counts[IMPORT_NO_FILES], 102);
	assert_true(counts[IMPORT_OK] >= 98);
	assert_int_equal(rpmdb_walk(cmd, "/var/lib/rpm", stop_at_once, NULL, &e), 42);
	/* Where there is none, none is made. */
	snprintf(cmd, sizeof(cmd), "%s/empty", dir);
	assert_int_equal(rpmdb_walk(cmd, NULL, count_db, &n, &e), -ENOENT);
	assert_int_equal(rpmdb_walk(NULL, cmd, count_db, &n, &e), -ENOENT);
	assert_int_equal(rpmdb_count(cmd, NULL, &e), -ENOENT);
	snprintf(cmd, sizeof(cmd), "test -z \"$(ls -A %s/empty)\"", dir);
	assert_int_equal(system(cmd), 0);
	temp_dir_remove(dir);
}

static int count_whole(const struct rpmpkg *p, const char *broken, void *arg)
{
	*(int *)arg += !broken;
	return 0;
}

/* librpm reads what it can and ends: that is not the end of the database. */
static void damaged_rpm_database(void **state)
{
	char *dir = temp_dir(), cmd[1500];
	struct err e = {0};
	int n = 0, r;

	snprintf(cmd, sizeof(cmd),
		 "d='%s/var/lib/rpm'; mkdir -p $d && xz -dc '%s' >$d/rpmdb.sqlite && "
		 "dd if=/dev/zero of=$d/rpmdb.sqlite bs=4096 conv=notrunc count=200 status=none "
		 "seek=$(($(stat -c %%s $d/rpmdb.sqlite) / 8192))",
		 dir, testdata_path("rpmdb/amazonlinux2023.sqlite.xz"));
	assert_int_equal(system(cmd), 0);
	r = rpmdb_walk(dir, NULL, count_whole, &n, &e);
	assert_true(n < 102);
	assert_int_equal(r, -EIO);
	assert_non_null(strstr(e.text, "cannot be read to its end"));
	print_message("  %s\n", e.text);
	temp_dir_remove(dir);
}

static int set_up(void **state)
{
	struct err e;

	if (rpmReadConfigFiles(NULL, NULL))
		return -1;
	return cert_set_read_dir(&keys, testdata_path("keys"), NOW, &e) > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	cert_set_done(&keys);
	rpmFreeRpmrc();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_package_has_its_outcome),
		cmocka_unit_test(one_bit_flipped),
		cmocka_unit_test(digests_and_paths_are_librpms),
		cmocka_unit_test(installed_headers),
		cmocka_unit_test(rpm_database),
		cmocka_unit_test(damaged_rpm_database),
	};

	(void)testdata_dir();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
