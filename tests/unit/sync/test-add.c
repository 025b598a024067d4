// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A package is added while a kernel is there: it is asked first and once, and what it does not take
 * is verified here. The kernel is played by __wrap_engine_list_add().
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../abi/error.h"
#include "../../../lib/crypto/verify.h"
#include "../../../lib/format/listfile.h"
#include "../../../lib/pkgdb/rpmfile.h"
#include "../../../lib/sync/package.h"
#include "../crypto/pgpmake.h"
#include "../pkgdb/mkrpm.h"

#define T0  1600000000U
#define NOW 1700000000U

static struct cert_set keys;
static struct pgpmake_key *rsa, *other;
static struct buf header;
static struct places places;
static struct sync sync_job;
static char dir[] = "/tmp/diglim-add.XXXXXX";

static unsigned int asked, verified;
static int answers[4]; /* of the kernel, to each question */

int __wrap_engine_list_add(struct engine *g, const void *payload, size_t payload_len,
			   const void *sig, size_t sig_len, struct err *e);
int __wrap_engine_list_add(struct engine *g, const void *payload, size_t payload_len,
			   const void *sig, size_t sig_len, struct err *e)
{
	int r = answers[asked];

	assert_ptr_equal(g, sync_job.g);
	assert_true(payload && payload_len > header.len && sig && sig_len);
	assert_true(++asked < sizeof(answers) / sizeof(answers[0]));
	return r ? err_set(e, r, "the kernel says %d", r) : 0;
}

struct engine_status;
int __wrap_engine_status_get(struct engine *g, struct engine_status *s, struct err *e);
int __wrap_engine_status_get(struct engine *g, struct engine_status *s, struct err *e)
{
	(void)g;
	(void)s;
	return err_set(e, -ENOTCONN, "no kernel");
}

int __real_verify_list(const void *payload, size_t payload_len, const void *sig, size_t sig_len,
		       const struct cert_set *set, struct verify_info *ret, struct err *e);
int __wrap_verify_list(const void *payload, size_t payload_len, const void *sig, size_t sig_len,
		       const struct cert_set *set, struct verify_info *ret, struct err *e);
int __wrap_verify_list(const void *payload, size_t payload_len, const void *sig, size_t sig_len,
		       const struct cert_set *set, struct verify_info *ret, struct err *e)
{
	verified++;
	return __real_verify_list(payload, payload_len, sig, sig_len, set, ret, e);
}

static struct pgpmake_key *add_key(const char *kind)
{
	struct pgpmake_key *k = pgpmake_key(kind, T0);
	struct pgpmake_cert c = {.primary = k, .uid = "Vendor", .flags = 3};
	struct buf b = BUF_INIT;

	pgpmake_cert(&b, &c);
	assert_int_equal(cert_set_read(&keys, b.data, b.len, "key", NOW, NULL), 1);
	buf_free(&b);
	return k;
}

static int judge(const struct sync *s, const struct rpmpkg *p, struct import_result *ret,
		 struct err *e)
{
	struct import_options opt = s->import;

	opt.vendor_keys = &keys; /* all of them */
	return import_rpm(p, &opt, ret, e);
}

static int set_up(void **state)
{
	struct mkrpm m = {.name = "hello", .files = 3, .digest_algo = 8};

	(void)state;
	rsa = add_key("rsa2048");
	other = add_key("P-256");
	mkrpm_header(&header, &m);
	assert_non_null(mkdtemp(dir));
	snprintf(places.lists[PLACES_MADE], sizeof(places.lists[PLACES_MADE]), "%s", dir);
	sync_job = (struct sync){
		.places = &places,
		.import = {.vendor_keys = &keys, .now = NOW},
		.g = (struct engine *)&places, /* only passed on */
		.judge = judge,
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pgpmake_key_free(rsa);
	pgpmake_key_free(other);
	cert_set_done(&keys);
	buf_free(&header);
	return rmdir(dir);
}

/* A package with a signature over its header, or over other bytes. */
static void sign(struct rpmpkg *p, const struct pgpmake_key *by, bool good)
{
	struct pgpmake_sig how = {
		.by = by, .version = 4, .hash = PGPMAKE_SHA256, .created = T0 + 50};
	struct buf body = BUF_INIT, sig = BUF_INIT;

	pgpmake_sign(&body, &how, header.data, good ? header.len : header.len - 1);
	pgpmake_packet(&sig, 2, body.data, body.len);
	assert_int_equal(rpmpkg_add_sig(p, RPMSIG_OPENPGP, sig.data, sig.len, NULL), 0);
	buf_free(&body);
	buf_free(&sig);
}

/* Adds the package and frees it; the kernel gives these answers, the rest are 0. */
static int add(struct rpmpkg *p, int first, struct import_result *why, struct sync_added *a,
	       struct err *e)
{
	int r;

	assert_int_equal(rpmpkg_set_header(p, header.data, header.len, NULL), 0);
	rpmpkg_name(p);
	asked = verified = 0;
	memset(answers, 0, sizeof(answers));
	answers[0] = first;
	*e = (struct err){0};
	r = sync_add(&sync_job, p, why, a, e);
	rpmpkg_done(p);
	return r;
}

static void the_kernel_alone_verifies(void **state)
{
	struct import_result why;
	struct sync_added a;
	struct listfile lf;
	struct rpmpkg p = {0};
	struct err e;

	(void)state;
	sign(&p, rsa, true);
	assert_int_equal(add(&p, 0, &why, &a, &e), 1);
	assert_int_equal(asked, 1);
	assert_int_equal(verified, 0);
	assert_true(a.loaded && a.written);
	assert_int_equal(listfile_read(a.path, &lf, NULL), 0);
	assert_int_equal(__real_verify_list(lf.payload, lf.payload_len, lf.sig, lf.sig_len, &keys,
					    NULL, NULL),
			 0);
	listfile_done(&lf);
	unlink(a.path);
	sync_added_done(&a);
}

static void what_it_refuses_is_verified_here(void **state)
{
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0};
	struct err e;

	(void)state;
	sign(&p, rsa, false);
	assert_int_equal(add(&p, -DIGLIM_E_SIG_INVALID, &why, &a, &e), 0);
	assert_int_equal(why.outcome, IMPORT_SIG_INVALID);
	assert_int_equal(asked, 1);
	assert_int_equal(verified, 1);
	assert_false(a.loaded || a.written);
	sync_added_done(&a);
}

/* The first has the cheaper algorithm, and is wrong. */
static void another_signature_is_tried(void **state)
{
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0};
	struct err e;

	(void)state;
	sign(&p, rsa, false);
	sign(&p, other, true);
	assert_int_equal(add(&p, -DIGLIM_E_SIG_INVALID, &why, &a, &e), 1);
	assert_int_equal(asked, 2);
	assert_true(a.loaded && a.written);
	unlink(a.path);
	sync_added_done(&a);
}

/* Good, but there is no room for it: written for later, and not asked for again. */
static void a_refusal_of_a_good_list_stands(void **state)
{
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0};
	struct err e;

	(void)state;
	sign(&p, rsa, true);
	assert_int_equal(add(&p, -DIGLIM_E_FULL, &why, &a, &e), -DIGLIM_E_FULL);
	assert_non_null(strstr(e.text, "the kernel says"));
	assert_int_equal(asked, 1);
	assert_int_equal(verified, 1);
	assert_true(a.written && !a.loaded);
	unlink(a.path);
	sync_added_done(&a);
}

/* A full disk keeps no vouched software from running. */
static void loaded_though_not_written(void **state)
{
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0};
	struct err e;

	(void)state;
	sign(&p, rsa, true);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(add(&p, 0, &why, &a, &e), -ENOENT);
	assert_true(a.loaded && !a.written);
	assert_int_equal(mkdir(dir, 0700), 0);
	sync_added_done(&a);
}

/* Nothing that the kernel could be asked about: so it is verified here. */
static void without_files_it_is_verified_here(void **state)
{
	struct mkrpm m = {.name = "meta", .files = 0, .digest_algo = 8};
	const struct buf files = header;
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0}, q = {0};
	struct err e;

	(void)state;
	header = (struct buf)BUF_INIT;
	mkrpm_header(&header, &m);
	sign(&p, rsa, true);
	assert_int_equal(add(&p, 0, &why, &a, &e), 1);
	assert_int_equal(why.outcome, IMPORT_NO_FILES);
	assert_int_equal(asked, 0);
	assert_int_equal(verified, 1);
	sync_added_done(&a);
	sign(&q, rsa, false);
	assert_int_equal(add(&q, 0, &why, &a, &e), 0);
	assert_int_equal(why.outcome, IMPORT_SIG_INVALID);
	sync_added_done(&a);
	buf_free(&header);
	header = files;
}

/* The keys for the kernel's judgement may be fewer than there are. */
static void what_it_is_not_asked_about_is_verified_here(void **state)
{
	static const struct cert_set none;
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0};
	struct err e;

	(void)state;
	sync_job.import.vendor_keys = &none;
	sign(&p, rsa, true);
	assert_int_equal(add(&p, 0, &why, &a, &e), 1);
	assert_int_equal(asked, 1);
	assert_int_equal(verified, 1);
	assert_true(a.loaded && a.written);
	unlink(a.path);
	sync_added_done(&a);
	sync_job.import.vendor_keys = &keys;
}

static int no_judge(const struct sync *s, const struct rpmpkg *p, struct import_result *ret,
		    struct err *e)
{
	(void)s;
	(void)p;
	(void)ret;
	return err_set(e, -ENOENT, "no judge");
}

/* Of what nobody could verify nothing is believed. */
static void without_a_judge_the_kernel_decides(void **state)
{
	struct import_result why;
	struct sync_added a;
	struct rpmpkg p = {0}, q = {0};
	struct err e;

	(void)state;
	sync_job.judge = no_judge;
	sign(&p, rsa, true);
	assert_int_equal(add(&p, 0, &why, &a, &e), 1);
	unlink(a.path);
	sync_added_done(&a);
	sign(&q, rsa, true);
	assert_int_equal(add(&q, -DIGLIM_E_SIG_NO_KEY, &why, &a, &e), -ENOENT);
	assert_string_equal(e.text, "no judge");
	assert_true(why.outcome != IMPORT_OK && why.outcome != IMPORT_NO_FILES);
	assert_false(a.loaded || a.written);
	sync_added_done(&a);
	sync_job.judge = judge;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_alone_verifies),
		cmocka_unit_test(what_it_refuses_is_verified_here),
		cmocka_unit_test(another_signature_is_tried),
		cmocka_unit_test(a_refusal_of_a_good_list_stands),
		cmocka_unit_test(loaded_though_not_written),
		cmocka_unit_test(without_files_it_is_verified_here),
		cmocka_unit_test(what_it_is_not_asked_about_is_verified_here),
		cmocka_unit_test(without_a_judge_the_kernel_decides),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
