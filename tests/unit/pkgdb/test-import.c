// SPDX-License-Identifier: LGPL-2.1-or-later
/* From packages that the test makes itself to list files, or to a refusal with its reason. */
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
#include "../../../lib/crypto/verify.h"
#include "../../../lib/format/listfile.h"
#include "../../../lib/format/payload.h"
#include "../../../lib/pkgdb/import.h"
#include "../../../lib/pkgdb/rpmfile.h"
#include "../base/testdata.h"
#include "../crypto/pgpmake.h"
#include "mkrpm.h"

#define T0  1600000000U
#define NOW 1700000000U

static struct pgpmake_key *rsa, *p256, *ed, *weak, *stranger, *revoked, *expired;
static struct cert_set keys;
static struct buf header; /* three files, SHA-256 */

static struct pgpmake_key *add_key(const char *kind, uint32_t expires_after, bool revoke)
{
	struct pgpmake_key *k = pgpmake_key(kind, T0);
	struct pgpmake_cert c = {.primary = k,
				 .uid = "Vendor",
				 .flags = 3,
				 .expires_after = expires_after,
				 .revoke = revoke};
	struct buf b = BUF_INIT;

	pgpmake_cert(&b, &c);
	assert_int_equal(cert_set_read(&keys, b.data, b.len, "key", NOW, NULL), 1);
	buf_free(&b);
	return k;
}

static int set_up(void **state)
{
	struct mkrpm m = {.name = "hello", .files = 3, .digest_algo = 8};

	rsa = add_key("rsa2048", 0, false);
	p256 = add_key("P-256", 0, false);
	ed = add_key("ed25519", 0, false);
	weak = add_key("rsa1024", 0, false);
	revoked = add_key("rsa2048", 0, true);
	expired = add_key("rsa2048", 100, false);
	stranger = pgpmake_key("rsa2048", T0);
	mkrpm_header(&header, &m);
	return 0;
}

static int tear_down(void **state)
{
	struct pgpmake_key *all[] = {rsa, p256, ed, weak, stranger, revoked, expired};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pgpmake_key_free(all[i]);
	cert_set_done(&keys);
	buf_free(&header);
	return 0;
}

/* Appends a signature packet over @h. */
static void sign(struct buf *to, const struct buf *h, const struct pgpmake_sig *how)
{
	struct buf body = BUF_INIT;

	pgpmake_sign(&body, how, h->data, h->len);
	pgpmake_packet(to, 2, body.data, body.len);
	buf_free(&body);
}

static void import_with(const struct rpmpkg *p, size_t ingest, struct import_result *r)
{
	struct import_options opt = {.vendor_keys = &keys, .now = NOW, .ingest_buffer = ingest};
	struct err e;

	assert_int_equal(import_rpm(p, &opt, r, &e), 0);
	if (r->outcome == IMPORT_OK) {
		assert_non_null(r->signer);
		assert_int_equal(r->text[0], 0);
		assert_int_equal(verify_list(r->payload.data, r->payload.len, r->sig.data,
					     r->sig.len, &keys, NULL, &e),
				 0);
	} else {
		assert_null(r->signer);
		assert_true(r->text[0]);
		assert_true(r->way_out[0]);
		assert_int_equal(r->payload.len, 0);
		assert_int_equal(r->sig.len, 0);
	}
}

/* One signature made as @how says, over @h. */
static enum import_outcome outcome(const struct buf *h, const struct pgpmake_sig *how)
{
	struct rpmpkg p = {0};
	struct import_result r;
	struct buf sig = BUF_INIT;

	sign(&sig, h, how);
	assert_int_equal(rpmpkg_set_header(&p, h->data, h->len, NULL), 0);
	assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_RSAHEADER, sig.data, sig.len, NULL), 0);
	import_with(&p, 0, &r);
	import_result_done(&r);
	rpmpkg_done(&p);
	buf_free(&sig);
	return r.outcome;
}

static void outcomes(void **state)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};

	assert_int_equal(outcome(&header, &how), IMPORT_OK);
	how.version = 3;
	assert_int_equal(outcome(&header, &how), IMPORT_OK);
	how.hash = PGPMAKE_SHA1;
	assert_int_equal(outcome(&header, &how), IMPORT_SIG_HASH);
	how.version = 4;
	how.hash = PGPMAKE_MD5;
	assert_int_equal(outcome(&header, &how), IMPORT_SIG_HASH);
	how.hash = PGPMAKE_SHA512;
	how.by = p256;
	assert_int_equal(outcome(&header, &how), IMPORT_OK);
	how.by = ed;
	assert_int_equal(outcome(&header, &how), IMPORT_SIG_ALGO);
	how.by = weak;
	assert_int_equal(outcome(&header, &how), IMPORT_KEY_UNUSABLE);
	how.by = revoked;
	assert_int_equal(outcome(&header, &how), IMPORT_KEY_UNUSABLE);
	how.by = stranger;
	assert_int_equal(outcome(&header, &how), IMPORT_UNKNOWN_KEY);
	how.by = expired; /* signed while it was valid */
	assert_int_equal(outcome(&header, &how), IMPORT_OK);
	how.created = T0 + 101;
	assert_int_equal(outcome(&header, &how), IMPORT_SIG_EXPIRED);
	how.by = rsa;
	how.type = 1;
	assert_int_equal(outcome(&header, &how), IMPORT_MALFORMED);
}

static void contents(void **state)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct mkrpm m = {.name = "x", .files = 0, .digest_algo = 8};
	struct buf h = BUF_INIT;

	mkrpm_header(&h, &m);
	assert_int_equal(outcome(&h, &how), IMPORT_NO_FILES);
	buf_free(&h);
	m.files = 2;
	m.digest_algo = 0; /* MD5 */
	mkrpm_header(&h, &m);
	assert_int_equal(outcome(&h, &how), IMPORT_FILE_DIGESTS);
	buf_free(&h);
	m.digest_algo = 10; /* SHA-512 */
	mkrpm_header(&h, &m);
	assert_int_equal(outcome(&h, &how), IMPORT_FILE_DIGESTS);
	buf_free(&h);
	m.digest_algo = 8;
	mkrpm_header(&h, &m);
	buf_add_u8(&h, 0); /* signed, but not part of the header */
	assert_int_equal(outcome(&h, &how), IMPORT_MALFORMED);
	h.len -= 2;
	assert_int_equal(outcome(&h, &how), IMPORT_MALFORMED);
	buf_free(&h);
}

static void size_limit(void **state)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct rpmpkg p = {0};
	struct import_result r;
	struct buf sig = BUF_INIT;
	size_t need;

	sign(&sig, &header, &how);
	assert_int_equal(rpmpkg_set_header(&p, header.data, header.len, NULL), 0);
	assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_RSAHEADER, sig.data, sig.len, NULL), 0);
	import_with(&p, 0, &r);
	need = r.payload.len + r.sig.len;
	import_result_done(&r);
	import_with(&p, need, &r);
	assert_int_equal(r.outcome, IMPORT_OK);
	import_result_done(&r);
	import_with(&p, need - 1, &r);
	assert_int_equal(r.outcome, IMPORT_TOO_LARGE);
	assert_non_null(strstr(r.way_out, "buffer in [ingest]"));
	import_result_done(&r);
	rpmpkg_done(&p);
	buf_free(&sig);
}

/* No setting helps then. */
static void above_every_buffer(void **state)
{
	struct mkrpm m = {
		.name = "big", .files = 1, .digest_algo = 8, .padding = DIGLIM_INGEST_MAX};
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct buf h = BUF_INIT, sig = BUF_INIT;
	struct rpmpkg p = {0};
	struct import_result r;

	mkrpm_header(&h, &m);
	sign(&sig, &h, &how);
	assert_int_equal(rpmpkg_set_header(&p, h.data, h.len, NULL), 0);
	assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_RSAHEADER, sig.data, sig.len, NULL), 0);
	import_with(&p, 0, &r);
	assert_int_equal(r.outcome, IMPORT_TOO_LARGE);
	assert_null(strstr(r.way_out, "raise"));
	assert_non_null(strstr(r.way_out, "smaller lists (diglim sign)"));
	import_result_done(&r);
	rpmpkg_done(&p);
	buf_free(&sig);
	buf_free(&h);
}

/* Of several signatures the one that every kernel can check is taken, whatever else is there. */
static void several_signatures(void **state)
{
	struct pgpmake_sig how = {.version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	const struct pgpmake_key *by[] = {ed, p256, stranger, rsa};
	struct rpmpkg p = {0};
	struct import_result r;

	assert_int_equal(rpmpkg_set_header(&p, header.data, header.len, NULL), 0);
	import_with(&p, 0, &r);
	assert_int_equal(r.outcome, IMPORT_UNSIGNED);
	p.only_payload_sig = true;
	import_with(&p, 0, &r);
	assert_non_null(strstr(r.text, "header and archive together"));
	assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_OPENPGP, "junk", 4, NULL), 0);
	import_with(&p, 0, &r);
	assert_int_equal(r.outcome, IMPORT_MALFORMED);
	for (int i = 0; i < 4; i++) {
		struct buf sig = BUF_INIT;

		how.by = by[i];
		sign(&sig, &header, &how);
		assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_OPENPGP, sig.data, sig.len, NULL), 0);
		buf_free(&sig);
	}
	import_with(&p, 0, &r);
	assert_int_equal(r.outcome, IMPORT_OK);
	assert_memory_equal(r.key_id, rsa->fingerprint + 12, 8);
	import_result_done(&r);
	rpmpkg_done(&p);
}

static void a_flipped_bit_is_noticed(void **state)
{
	struct pgpmake_sig how = {
		.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct rpmpkg p = {0};
	struct import_result r;
	struct buf sig = BUF_INIT;

	sign(&sig, &header, &how);
	assert_int_equal(rpmpkg_set_header(&p, header.data, header.len, NULL), 0);
	assert_int_equal(rpmpkg_add_sig(&p, RPMSIG_RSAHEADER, sig.data, sig.len, NULL), 0);
	for (size_t bit = 0; bit < 8 * header.len; bit += 3) {
		p.header.data[bit / 8] ^= 1U << bit % 8;
		import_with(&p, 0, &r);
		assert_true(r.outcome == IMPORT_SIG_INVALID || r.outcome == IMPORT_MALFORMED ||
			    r.outcome == IMPORT_FILE_DIGESTS);
		p.header.data[bit / 8] ^= 1U << bit % 8;
	}
	/* The unhashed area and the left 16 bits are nobody's business. */
	for (size_t i = 0; i < sig.len; i++) {
		p.sigs[0].packet.data[i] ^= 0x10;
		import_with(&p, 0, &r);
		if (r.outcome == IMPORT_OK)
			assert_memory_equal(r.key_id, rsa->fingerprint + 12, 8);
		import_result_done(&r);
		p.sigs[0].packet.data[i] ^= 0x10;
	}
	rpmpkg_done(&p);
	buf_free(&sig);
}

static void make_package(struct buf *to, const struct pgpmake_key *by, uint32_t type)
{
	struct pgpmake_sig how = {
		.by = by, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct buf sig = BUF_INIT, text = BUF_INIT;
	struct mkrpm_sig s = {.tag = RPMSIG_RSAHEADER, .type = 7};

	sign(&sig, &header, &how);
	s.count = (uint32_t)sig.len;
	s.data = sig.data;
	s.len = sig.len;
	if (type == 8) {
		buf_reserve(&text, 2 * sig.len);
		s.tag = RPMSIG_OPENPGP;
		s.type = 8;
		s.count = 1;
		s.len = (size_t)EVP_EncodeBlock(text.data, sig.data, (int)sig.len) + 1;
		s.data = text.data;
	}
	mkrpm_package(to, &header, &s, 1);
	buf_free(&sig);
	buf_free(&text);
}

static void package_files(void **state)
{
	struct import_result r;
	struct buf b = BUF_INIT;
	struct rpmpkg p = {0};
	struct err e;

	for (uint32_t type = 7; type <= 8; type++) {
		buf_free(&b);
		make_package(&b, rsa, type);
		assert_int_equal(rpmfile_parse(b.data, b.len, "x.rpm", &p, &e), 0);
		assert_string_equal(p.name, "hello-1.0-1.noarch");
		assert_int_equal(p.header.len, header.len);
		assert_memory_equal(p.header.data, header.data, header.len);
		assert_int_equal(p.n_sigs, 1);
		import_with(&p, 0, &r);
		assert_int_equal(r.outcome, IMPORT_OK);
		assert_int_equal(r.digests, 3);
		import_result_done(&r);
		rpmpkg_done(&p);
	}
	/* Cut anywhere before the archive: refused with file and offset. */
	for (size_t len = 0; len < b.len - 7; len++) {
		assert_true(rpmfile_parse(b.data, len, "x.rpm", &p, &e) < 0);
		assert_non_null(strstr(e.text, "x.rpm: "));
		rpmpkg_done(&p);
	}
	for (size_t bit = 0; bit < 8 * (b.len - header.len); bit++) {
		b.data[bit / 8] ^= 1U << bit % 8;
		if (!rpmfile_parse(b.data, b.len, "x.rpm", &p, &e)) {
			import_with(&p, 0, &r);
			import_result_done(&r);
		}
		rpmpkg_done(&p);
		b.data[bit / 8] ^= 1U << bit % 8;
	}
	buf_free(&b);
}

/* @at: offset of a be32 that is set to @value. */
static void broken_package(size_t at, uint32_t value, const char *text)
{
	struct rpmpkg p = {0};
	struct buf b = BUF_INIT;
	struct err e;

	make_package(&b, rsa, 7);
	for (int i = 0; i < 4; i++)
		b.data[at + (size_t)i] = (uint8_t)(value >> (24 - 8 * i));
	assert_true(rpmfile_parse(b.data, b.len, "x.rpm", &p, &e) < 0);
	if (!strstr(e.text, text))
		fail_msg("\"%s\" does not say \"%s\"", e.text, text);
	rpmpkg_done(&p);
	buf_free(&b);
}

static void lying_packages(void **state)
{
	broken_package(0, 0, "offset 0: not an RPM package");
	broken_package(4, 0x02000000, "offset 4: RPM package format 2");
	broken_package(76, 0, "offset 78: signature of kind 0");
	broken_package(96, 0, "offset 96: no magic of a signature header");
	broken_package(104, 0xffffffff, "offset 104: signature header with 4294967295 entries");
	broken_package(104, 0xffff, "ends inside the package header");
	broken_package(108, 0xffffffff, "offset 104: signature header of");
	broken_package(108, 0x1000, "ends inside the package header");
	/* Second entry: tag, type, offset, count. */
	broken_package(132, 4, "type 4, expected binary");
	broken_package(136, 0x7fffffff, "points outside the signature header");
	broken_package(140, 0xffffffff, "points outside the header");
}

static void not_packages(void **state)
{
	char *dir = temp_dir(), path[300];
	struct rpmpkg p = {0};
	struct err e;
	FILE *f;

	assert_int_equal(rpmfile_read(dir, &p, &e), -EISDIR);
	snprintf(path, sizeof(path), "%s/x", dir);
	assert_int_equal(rpmfile_read(path, &p, &e), -ENOENT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(rpmfile_read(path, &p, &e), -EINVAL);
	snprintf(path, sizeof(path), "%s/y", dir);
	f = fopen(path, "w");
	assert_int_equal(rpmfile_read(path, &p, &e), -DIGLIM_E_EMPTY);
	fputs("#!/bin/sh\n", f);
	fclose(f);
	assert_int_equal(rpmfile_read(path, &p, &e), -DIGLIM_E_FORMAT);
	assert_false(rpmfile_recognise("#!/bin/sh", 9));
	assert_int_equal(rpmfile_read("/dev/zero", &p, &e), -EINVAL);
	temp_dir_remove(dir);
}

static void writing(void **state)
{
	char *dir = temp_dir(), path[300];
	struct import_result r, twice;
	struct payload_info info;
	struct rpmpkg p = {0};
	struct buf b = BUF_INIT;
	struct listfile l;
	struct err e;

	make_package(&b, rsa, 7);
	assert_int_equal(rpmfile_parse(b.data, b.len, "x.rpm", &p, &e), 0);
	import_with(&p, 0, &r);
	assert_int_equal(import_write(&r, dir, path, sizeof(path), &e), 0);
	assert_int_equal(r.outcome, IMPORT_OK);
	assert_string_equal(path + strlen(dir), "/rpm-hello-1.0-1.noarch");
	assert_int_equal(listfile_read(path, &l, &e), 0);
	assert_int_equal(verify_list(l.payload, l.payload_len, l.sig, l.sig_len, &keys, NULL, &e),
			 0);
	assert_int_equal(payload_walk(l.payload, l.payload_len, path, &info, NULL, NULL, &e), 0);
	assert_string_equal(info.name, "hello-1.0-1.noarch");
	assert_int_equal(info.digests, 3);
	listfile_done(&l);
	import_with(&p, 0, &twice);
	assert_int_equal(import_write(&twice, dir, NULL, 0, &e), 0);
	assert_int_equal(twice.outcome, IMPORT_PRESENT);
	assert_int_equal(import_write(&twice, dir, NULL, 0, &e), -EINVAL);
	/* The payload alone does not make a list that loads: a damaged one is written again. */
	r.sig.data[r.sig.len - 1] ^= 1;
	listfile_write(path, r.payload.data, r.payload.len, r.sig.data, r.sig.len, &e);
	twice.outcome = IMPORT_OK;
	assert_int_equal(import_write(&twice, dir, NULL, 0, &e), 0);
	assert_int_equal(twice.outcome, IMPORT_OK);
	assert_int_equal(listfile_read(path, &l, &e), 0);
	assert_int_equal(verify_list(l.payload, l.payload_len, l.sig, l.sig_len, &keys, NULL, &e),
			 0);
	listfile_done(&l);
	import_result_done(&twice);
	import_result_done(&r);
	rpmpkg_done(&p);
	buf_free(&b);
	temp_dir_remove(dir);
}

static void names(void **state)
{
	char name[64];
	struct import_result r;
	struct err why;

	import_file_name("rpm", "a/../b c\n", name, sizeof(name));
	assert_string_equal(name, "rpm-a_.._b_c_");
	for (int i = 0; i < IMPORT_OUTCOME_MAX; i++)
		assert_string_not_equal(import_outcome_name((enum import_outcome)i), "unknown");
	assert_string_equal(import_outcome_name(IMPORT_OUTCOME_MAX), "unknown");
	err_set(&why, -EINVAL, "f.rpm: offset 1: bad");
	import_malformed(&r, "f.rpm", &why);
	assert_int_equal(r.outcome, IMPORT_MALFORMED);
	assert_string_equal(r.text, "f.rpm: offset 1: bad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes),
		cmocka_unit_test(contents),
		cmocka_unit_test(size_limit),
		cmocka_unit_test(above_every_buffer),
		cmocka_unit_test(several_signatures),
		cmocka_unit_test(a_flipped_bit_is_noticed),
		cmocka_unit_test(package_files),
		cmocka_unit_test(lying_packages),
		cmocka_unit_test(not_packages),
		cmocka_unit_test(writing),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
