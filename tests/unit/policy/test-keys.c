/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../../../lib/policy/plainkeys.h"
#include "fixture.h"

static void test_missing_directories_are_empty(void **state)
{
	struct places places;
	struct keys keys;

	(void)state;
	assert_int_equal(places_set(&places, "/proc", NULL), 0);
	assert_int_equal(keys_read(&keys, &places, NULL), 0);
	assert_int_equal(keys.n_files, 0);
	keys_done(&keys);
}

static void test_a_key_is_of_the_kind_of_its_directory(void **state)
{
	struct fixture *f = *state;
	const struct cert *c;
	struct keys keys;

	fixture_copy(f->cert, f->places.owner_keys, "mine");
	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(keys.n_files, 1);
	assert_int_equal(keys.set[KEYS_OWNER].n, 1);
	assert_int_equal(keys.set[KEYS_VENDOR].n, 0);
	c = keys.set[KEYS_OWNER].certs[0];
	assert_ptr_equal(keys_file_of(&keys, c), &keys.files[0]);
	assert_int_equal(keys_kind_guess(&keys.set[KEYS_OWNER]), KEYS_OWNER);
	keys_done(&keys);
}

static void test_a_broken_file_keeps_its_reason_and_hides_no_other(void **state)
{
	struct fixture *f = *state;
	struct keys keys;

	fixture_copy(f->cert, f->places.owner_keys, "mine");
	fixture_copy("/etc/passwd", f->places.owner_keys, "broken");
	fixture_copy("/etc/passwd", f->places.owner_keys, ".hidden");
	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(keys.n_files, 2);
	assert_int_not_equal(keys.files[0].broken.code, 0);
	assert_true(strlen(keys.files[0].broken.text) > 0);
	assert_int_equal(keys.files[1].broken.code, 0);
	assert_int_equal(keys.set[KEYS_OWNER].n, 1);
	keys_done(&keys);
}

static void test_a_key_is_kept_under_its_fingerprint(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], again[PATH_MAX];
	struct cert_set set = {0};

	assert_int_equal(cert_set_read_file(&set, f->cert, 0, NULL), 1);
	assert_int_equal(keys_file_path(path, &f->places, KEYS_OWNER, &set, NULL), 0);
	assert_int_equal(keys_file_path(again, &f->places, KEYS_OWNER, &set, NULL), 0);
	assert_string_equal(path, again);
	assert_memory_equal(path, f->places.owner_keys, strlen(f->places.owner_keys));
	assert_int_equal(strlen(strrchr(path, '/') + 1), 64);
	cert_set_done(&set);
}

static int no_sha1(const void *data, size_t len, uint8_t ret[20])
{
	(void)data;
	(void)len;
	(void)ret;
	fail(); /* there is no OpenPGP key in these tests */
	return -1;
}

static void test_of_plain_keys_only_vendors_count(void **state)
{
	struct fixture *f = *state;
	struct plainkeys keys;
	struct err e = {0};

	fixture_copy(f->cert, f->places.owner_keys, "mine");
	fixture_copy("/etc/passwd", f->places.owner_keys, "broken");
	assert_int_equal(plainkeys_read(&keys, &f->places, no_sha1, &e), 0);
	assert_int_equal(keys.vendor.n, 0);
	plainkeys_done(&keys);
	/* A certificate may be another shape of an OpenPGP key. */
	fixture_copy(f->cert, f->places.vendor_keys, "wrapped");
	assert_int_equal(plainkeys_read(&keys, &f->places, no_sha1, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.text, "wrapped: no OpenPGP key"));
	assert_int_equal(keys.vendor.n, 0);
	plainkeys_done(&keys);
}

static void test_kinds_and_formats(void **state)
{
	(void)state;
	assert_int_equal(keys_kind_for(DIGLIM_FORMAT_RPM), KEYS_VENDOR);
	assert_int_equal(keys_kind_for(DIGLIM_FORMAT_TLV), KEYS_OWNER);
	assert_int_equal(keys_kind_for(DIGLIM_FORMAT_COMPACT), KEYS_OWNER);
}

static void test_places_follow_the_root(void **state)
{
	struct fixture *f = *state;
	struct places p;
	char file[2 * PATH_MAX];

	assert_int_equal(places_set(&p, "/", NULL), 0);
	assert_string_equal(p.conf, "/etc/diglim/diglim.conf");
	assert_int_equal(places_set(&p, f->dir, NULL), 0);
	snprintf(file, sizeof(file), "%s/etc/diglim/diglim.conf", f->dir);
	assert_string_equal(p.conf, file);
	assert_int_equal(places_set(&p, "/nonexistent", NULL), -ENOENT);
	assert_int_equal(places_set(&p, f->cert, NULL), -ENOTDIR);
}

static void test_directories_are_made_with_their_parents(void **state)
{
	struct fixture *f = *state;
	char path[2 * PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/a/b/c", f->dir);
	assert_int_equal(places_make_dir(path, NULL), 0);
	assert_int_equal(places_make_dir(path, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	snprintf(path, sizeof(path), "%s/x", f->cert);
	assert_int_equal(places_make_dir(path, NULL), -ENOTDIR);
	assert_int_equal(places_make_dir(f->cert, NULL), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_directories_are_empty),
		cmocka_unit_test_setup_teardown(test_a_key_is_of_the_kind_of_its_directory,
						fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_a_broken_file_keeps_its_reason_and_hides_no_other, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_key_is_kept_under_its_fingerprint,
						fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_of_plain_keys_only_vendors_count,
						fixture_setup, fixture_teardown),
		cmocka_unit_test(test_kinds_and_formats),
		cmocka_unit_test_setup_teardown(test_places_follow_the_root, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_directories_are_made_with_their_parents,
						fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
