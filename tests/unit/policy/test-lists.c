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

#include "fixture.h"
#include "../../../abi/error.h"
#include "../../../abi/use.h"

#define LIST_TIME 1700000000

static const uint8_t digest_a[DIGLIM_DIGEST_SIZE] = {0xaa}, digest_b[DIGLIM_DIGEST_SIZE] = {0xbb};

/* A list that gives /bin/tool the digest @digest. */
static void make_list(struct fixture *f, const char *name, const uint8_t *digest, uint32_t use)
{
	struct signer_config cfg = {.key = f->key, .cert = f->cert};
	struct tlvwrite *w = tlvwrite_new(name, LIST_TIME);
	struct buf payload = BUF_INIT, sig = BUF_INIT;
	struct signer *s = NULL;
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", f->places.lists[PLACES_MADE], name);
	assert_int_equal(signer_open(&cfg, &s, NULL), 0);
	assert_int_equal(tlvwrite_add(w, digest, "/bin/tool", use, NULL), 0);
	assert_int_equal(tlvwrite_finish(w, &payload, NULL), 0);
	assert_int_equal(signer_sign(s, DIGEST_NONE, payload.data, payload.len, &sig, NULL), 0);
	assert_int_equal(listfile_write(path, payload.data, payload.len, sig.data, sig.len, NULL),
			 0);
	assert_int_equal(lists_payload_time(payload.data, payload.len), LIST_TIME);
	buf_free(&payload);
	buf_free(&sig);
	signer_close(s);
	tlvwrite_free(w);
}

static const char *list_path(struct fixture *f, const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", f->places.lists[PLACES_MADE], name);
	return path;
}

static void test_a_list_is_judged_by_the_keys(void **state)
{
	struct fixture *f = *state;
	struct lists_info info;
	struct keys keys;

	make_list(f, "one", digest_a, DIGLIM_USE_EXEC);
	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(lists_examine(list_path(f, "one"), &keys, &info, NULL, NULL, NULL), 0);
	assert_int_equal(info.verdict, -DIGLIM_E_SIG_NO_KEY);
	keys_done(&keys);

	fixture_copy(f->cert, f->places.owner_keys, "mine");
	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(lists_examine(list_path(f, "one"), &keys, &info, NULL, NULL, NULL), 0);
	assert_int_equal(info.verdict, 0);
	assert_string_equal(info.name, "one");
	assert_int_equal(info.time, LIST_TIME);
	assert_int_equal(info.payload.digests, 1);
	assert_non_null(info.sig.signer);
	keys_done(&keys);
}

static void test_a_vendor_key_does_not_vouch_for_an_owners_list(void **state)
{
	struct fixture *f = *state;
	struct lists_info info;
	struct keys keys;

	make_list(f, "one", digest_a, DIGLIM_USE_EXEC);
	fixture_copy(f->cert, f->places.vendor_keys, "mine");
	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(lists_examine(list_path(f, "one"), &keys, &info, NULL, NULL, NULL), 0);
	assert_int_equal(info.verdict, -DIGLIM_E_SIG_NO_KEY);
	assert_non_null(strstr(info.refused.text, "vendor keys vouch for RPM headers only"));
	keys_done(&keys);
}

static void test_an_altered_list_is_refused(void **state)
{
	struct fixture *f = *state;
	struct buf data = BUF_INIT;
	struct lists_info info;
	struct io_part part;
	struct keys keys;
	uint8_t *at;

	make_list(f, "one", digest_a, DIGLIM_USE_EXEC);
	fixture_copy(f->cert, f->places.owner_keys, "mine");
	assert_int_equal(io_read_file(list_path(f, "one"), 1 << 20, &data, NULL), 0);
	at = memmem(data.data, data.len, digest_a, sizeof(digest_a));
	assert_non_null(at);
	at[5] ^= 1;
	part = (struct io_part){data.data, data.len};
	assert_int_equal(io_write_atomic(list_path(f, "one"), &part, 1, 0644, NULL), 0);
	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(lists_examine(list_path(f, "one"), &keys, &info, NULL, NULL, NULL), 0);
	assert_int_equal(info.verdict, -DIGLIM_E_SIG_INVALID);
	keys_done(&keys);
	buf_free(&data);
}

static void find(struct fixture *f, struct lists_query *q, size_t n, size_t *broken)
{
	struct lists lists = {0};
	struct keys keys;

	assert_int_equal(keys_read(&keys, &f->places, NULL), 0);
	assert_int_equal(lists_add_places(&lists, &f->places, NULL), 0);
	assert_int_equal(lists_find(&lists, &keys, q, n, broken, NULL, NULL, NULL), 0);
	lists_done(&lists);
	keys_done(&keys);
}

static void test_digests_and_altered_paths_are_found(void **state)
{
	struct fixture *f = *state;
	struct lists_query q[3] = {{.path = "/usr/bin/tool"}, {.path = NULL}, {.path = NULL}};
	size_t broken;

	make_list(f, "a-module", digest_a, DIGLIM_USE_MODULE);
	make_list(f, "b-exec", digest_b, DIGLIM_USE_EXEC);
	fixture_copy(f->cert, f->places.owner_keys, "mine");
	fixture_copy("/etc/passwd", f->places.lists[PLACES_MADE], "no-list");
	memcpy(q[0].digest, digest_b, sizeof(digest_b));
	memcpy(q[1].digest, digest_b, sizeof(digest_b));
	find(f, q, 3, &broken);
	assert_int_equal(broken, 1);

	assert_non_null(q[0].hits);
	assert_string_equal(q[0].hits->info.name, "b-exec");
	assert_int_equal(q[0].hits->use, DIGLIM_USE_EXEC);
	assert_false(q[0].hits->altered);
	assert_non_null(q[0].hits->next);
	assert_true(q[0].hits->next->altered);
	assert_string_equal(q[0].hits->next->info.name, "a-module");

	assert_non_null(q[1].hits); /* the same digest twice, without a path */
	assert_null(q[1].hits->next);
	assert_null(q[2].hits);
	for (int i = 0; i < 3; i++)
		lists_query_done(&q[i]);
}

static void test_directories_are_listed_in_order_and_flat(void **state)
{
	struct fixture *f = *state;
	struct lists l = {0};
	char sub[2 * PATH_MAX];

	make_list(f, "b", digest_b, DIGLIM_USE_EXEC);
	make_list(f, "a", digest_a, DIGLIM_USE_EXEC);
	make_list(f, ".hidden", digest_a, DIGLIM_USE_EXEC);
	snprintf(sub, sizeof(sub), "%s/sub", f->places.lists[PLACES_MADE]);
	assert_int_equal(mkdir(sub, 0755), 0);
	assert_int_equal(lists_add(&l, f->places.lists[PLACES_MADE], NULL), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(strrchr(l.paths[0], '/'), "/a");
	assert_string_equal(strrchr(l.paths[1], '/'), "/b");
	assert_int_equal(lists_add(&l, "/nonexistent", NULL), -ENOENT);
	lists_done(&l);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(test_a_list_is_judged_by_the_keys),
		WITH_FIXTURE(test_a_vendor_key_does_not_vouch_for_an_owners_list),
		WITH_FIXTURE(test_an_altered_list_is_refused),
		WITH_FIXTURE(test_digests_and_altered_paths_are_found),
		WITH_FIXTURE(test_directories_are_listed_in_order_and_flat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
