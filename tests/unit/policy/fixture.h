/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A system below a temporary directory, with an owner's key. */
#ifndef DIGLIM_TEST_POLICY_FIXTURE_H
#define DIGLIM_TEST_POLICY_FIXTURE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../lib/base/io.h"
#include "../../../lib/crypto/signer.h"
#include "../../../lib/format/listfile.h"
#include "../../../lib/format/tlvwrite.h"
#include "../../../lib/policy/lists.h"
#include "../base/testdata.h"

/* valgrind up to 3.21 does not know openat2(2), without which no place below a root is opened. */
__attribute__((constructor)) static void fixture_needs_openat2(void)
{
	if (syscall(SYS_openat2, -1, "", NULL, 0) < 0 && errno == ENOSYS) {
		printf("skip: openat2(2) does not work here\n");
		exit(77);
	}
}

struct fixture {
	char *dir;
	char key[256], cert[256];
	struct places places;
};

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || !(f->dir = temp_dir()) || places_set(&f->places, f->dir, NULL))
		return -1;
	snprintf(f->key, sizeof(f->key), "%s/key.pem", f->dir);
	snprintf(f->cert, sizeof(f->cert), "%s/cert.pem", f->dir);
	*state = f;
	return signer_create(f->key, f->cert, "fixture", 10, NULL, NULL, NULL) ||
	       places_make_dir(f->places.vendor_keys, NULL) ||
	       places_make_dir(f->places.owner_keys, NULL) ||
	       places_make_dir(f->places.lists[PLACES_MADE], NULL);
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

static inline void fixture_copy(const char *from, const char *dir, const char *name)
{
	struct buf data = BUF_INIT;
	char path[2 * PATH_MAX];
	struct io_part part;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(io_read_file(from, 1 << 20, &data, NULL), 0);
	part = (struct io_part){data.data, data.len};
	assert_int_equal(io_write_atomic(path, &part, 1, 0644, NULL), 0);
	buf_free(&data);
}

#endif
