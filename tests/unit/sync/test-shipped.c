// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists that packages bring and take away. The kernel is played by the wrapped engine functions. */
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
#include "../../../abi/use.h"
#include "../../../lib/base/io.h"
#include "../../../lib/format/listfile.h"
#include "../../../lib/format/payload.h"
#include "../../../lib/format/tlvwrite.h"
#include "../../../lib/sync/shipped.h"

enum { LISTS = 8 };

static char dir[] = "/tmp/diglim-test.XXXXXX";
static struct places places;
static struct sync job = {.places = &places};
static uint8_t ids[LISTS][DIGLIM_LIST_ID_SIZE];
static bool in_kernel[LISTS];
static int refuse_remove; /* an answer to every removal */
static unsigned int count[SYNC_WHATS];
static struct err e;

static int number_of(const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	for (int i = 0; i < LISTS; i++)
		if (!memcmp(ids[i], id, DIGLIM_LIST_ID_SIZE))
			return i;
	fail();
	return -1;
}

int __wrap_engine_list_add(struct engine *g, const void *payload, size_t payload_len,
			   const void *sig, size_t sig_len, struct err *err);
int __wrap_engine_list_add(struct engine *g, const void *payload, size_t payload_len,
			   const void *sig, size_t sig_len, struct err *err)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	int n;

	(void)g;
	(void)sig;
	(void)sig_len;
	payload_id(payload, payload_len, id);
	n = number_of(id);
	if (in_kernel[n])
		return err_set(err, -DIGLIM_E_EXISTS, "is loaded");
	in_kernel[n] = true;
	return 0;
}

int __wrap_engine_list_remove(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE],
			      struct err *err);
int __wrap_engine_list_remove(struct engine *g, const uint8_t id[DIGLIM_LIST_ID_SIZE],
			      struct err *err)
{
	int n = number_of(id);

	(void)g;
	if (refuse_remove)
		return err_set(err, refuse_remove, "the kernel says no");
	if (!in_kernel[n])
		return err_set(err, -DIGLIM_E_ABSENT, "is not loaded");
	in_kernel[n] = false;
	return 0;
}

static void event(const struct sync_event *ev, void *arg)
{
	(void)arg;
	count[ev->what]++;
}

static const char *path_of(int place, int n, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%.3000s/tlv-%d", places.lists[place], n);
	return ret;
}

static void put(int place, int n)
{
	struct tlvwrite *w;
	struct buf payload = BUF_INIT;
	uint8_t digest[DIGLIM_DIGEST_SIZE] = {(uint8_t)n};
	char path[PATH_MAX];

	w = tlvwrite_new("list", (uint64_t)n + 1);
	assert_int_equal(tlvwrite_add(w, digest, "/x", DIGLIM_USE_EXEC, &e), 0);
	assert_int_equal(tlvwrite_finish(w, &payload, &e), 0);
	tlvwrite_free(w);
	payload_id(payload.data, payload.len, ids[n]);
	assert_int_equal(
		listfile_write(path_of(place, n, path), payload.data, payload.len, "x", 1, &e), 0);
	buf_free(&payload);
}

static void take(int place, int n)
{
	char path[PATH_MAX];

	assert_int_equal(unlink(path_of(place, n, path)), 0);
}

static void follow(void)
{
	memset(count, 0, sizeof(count));
	assert_int_equal(shipped_follow(&job, event, NULL, &e), 0);
}

static int set_up(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s/*", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(places_set(&places, dir, &e), 0);
	for (int i = 0; i < PLACES_LIST_DIRS; i++)
		assert_int_equal(places_make_dir(places.lists[i], &e), 0);
	memset(in_kernel, 0, sizeof(in_kernel));
	refuse_remove = 0;
	job.g = (struct engine *)&job; /* never looked into */
	return 0;
}

static void comes_and_goes(void **state)
{
	(void)state;
	put(PLACES_SHIPPED, 0);
	put(PLACES_SHIPPED, 1);
	follow();
	assert_true(in_kernel[0] && in_kernel[1]);
	assert_int_equal(count[SYNC_LOADED], 2);
	/* An upgrade: one stays, one goes, one is new. */
	take(PLACES_SHIPPED, 0);
	put(PLACES_SHIPPED, 2);
	follow();
	assert_true(!in_kernel[0] && in_kernel[1] && in_kernel[2]);
	assert_int_equal(count[SYNC_UNLOADED], 1);
	assert_int_equal(count[SYNC_LOADED], 1);
	follow();
	assert_int_equal(count[SYNC_UNLOADED] + count[SYNC_LOADED] + count[SYNC_REFUSED], 0);
	/* Removed, directory and all. */
	take(PLACES_SHIPPED, 1);
	take(PLACES_SHIPPED, 2);
	assert_int_equal(rmdir(places.lists[PLACES_SHIPPED]), 0);
	follow();
	assert_true(!in_kernel[1] && !in_kernel[2]);
}

static void others_stay(void **state)
{
	(void)state;
	put(PLACES_SHIPPED, 0);
	put(PLACES_SHIPPED, 1);
	put(0, 1); /* the owner has it, too */
	put(0, 3); /* loaded by the owner, and deleted since */
	in_kernel[3] = true;
	take(0, 3);
	follow();
	take(PLACES_SHIPPED, 0);
	take(PLACES_SHIPPED, 1);
	follow();
	assert_true(!in_kernel[0] && in_kernel[1] && in_kernel[3]);
}

/* What was loaded before anybody wrote it down, as at boot. */
static void noted_before_a_change(void **state)
{
	(void)state;
	put(PLACES_SHIPPED, 0);
	in_kernel[0] = true;
	assert_int_equal(shipped_note(&places, false, &e), 0);
	take(PLACES_SHIPPED, 0);
	/* Not again: what is gone meanwhile would be forgotten. */
	assert_int_equal(shipped_note(&places, false, &e), 0);
	follow();
	assert_false(in_kernel[0]);
	/* A new attachment knows nothing of what was. */
	put(PLACES_SHIPPED, 1);
	follow();
	take(PLACES_SHIPPED, 1);
	assert_int_equal(shipped_note(&places, true, &e), 0);
	in_kernel[1] = true;
	follow();
	assert_true(in_kernel[1]);
}

static void what_cannot_be_unloaded_is_tried_again(void **state)
{
	(void)state;
	put(PLACES_SHIPPED, 0);
	follow();
	take(PLACES_SHIPPED, 0);
	refuse_remove = -DIGLIM_E_SEALED;
	follow();
	assert_int_equal(count[SYNC_REFUSED], 1);
	refuse_remove = 0;
	follow();
	assert_int_equal(count[SYNC_UNLOADED], 1);
	assert_false(in_kernel[0]);
}

static void damage_unloads_nothing(void **state)
{
	struct known record;
	char path[PATH_MAX];
	const struct io_part nonsense = {"nonsense\n", 9};

	(void)state;
	put(PLACES_SHIPPED, 0);
	put(PLACES_SHIPPED, 1);
	follow();
	assert_int_equal(io_write_later(path_of(PLACES_SHIPPED, 0, path), &nonsense, 1, 0644, &e),
			 0);
	take(PLACES_SHIPPED, 1);
	follow();
	assert_true(in_kernel[0] && in_kernel[1]);
	/* Mended: what is gone goes. */
	put(PLACES_SHIPPED, 0);
	follow();
	assert_true(in_kernel[0] && !in_kernel[1]);
	/* The record itself. */
	(void)snprintf(path, sizeof(path), "%.3000s/shipped", places.run);
	assert_int_equal(io_write_later(path, &nonsense, 1, 0644, &e), 0);
	assert_int_equal(shipped_read(&places, &record, &e), -EBADMSG);
	follow();
	assert_int_equal(count[SYNC_REFUSED], 1);
	assert_true(in_kernel[0]);
	assert_int_equal(shipped_read(&places, &record, &e), 0);
	assert_int_equal(record.n, 1);
	known_done(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(comes_and_goes, set_up),
		cmocka_unit_test_setup(others_stay, set_up),
		cmocka_unit_test_setup(noted_before_a_change, set_up),
		cmocka_unit_test_setup(what_cannot_be_unloaded_is_tried_again, set_up),
		cmocka_unit_test_setup(damage_unloads_nothing, set_up),
	};
	char command[64];
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) || r;
}
