// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <linux/fsverity.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "../base/io.h"
#include "verity.h"

/* SHA-512 is the longest that there is. */
#define MEASURED_MAX 64

union measured {
	struct fsverity_digest head;
	uint8_t room[sizeof(struct fsverity_digest) + MEASURED_MAX];
};

/* 1: @ret is set; 0: no fs-verity; -EOPNOTSUPP: with another algorithm. */
static int measure(int fd, uint8_t ret[DIGLIM_DIGEST_SIZE])
{
	union measured m = {.head.digest_size = MEASURED_MAX};

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &m))
		return errno == EOVERFLOW ? -EOPNOTSUPP : 0;
	if (m.head.digest_algorithm != FS_VERITY_HASH_ALG_SHA256 ||
	    m.head.digest_size != DIGLIM_DIGEST_SIZE)
		return -EOPNOTSUPP;
	memcpy(ret, m.room + sizeof(m.head), DIGLIM_DIGEST_SIZE);
	return 1;
}

bool verity_measured(int fd, uint8_t ret[DIGLIM_DIGEST_SIZE])
{
	return measure(fd, ret) > 0;
}

int verity_fd(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e)
{
	int r = measure(fd, ret);

	if (r < 0)
		return err_set(e, r, "%s: has fs-verity on with another algorithm than SHA-256",
			       path);
	return r ? 0 : verity_computed(fd, path, ret, e);
}

#ifdef HAVE_LIBFSVERITY
#include <libfsverity.h>
#include <stdlib.h>

#define BLOCK 4096

bool verity_computes(void)
{
	return true;
}

struct reader {
	int fd;
	uint64_t off;
	const char *path;
	struct err *e;
};

static int read_more(void *arg, void *buf, size_t count)
{
	struct reader *r = arg;
	int ret = io_read_exact(r->fd, buf, count, r->off, r->path, r->e);

	r->off += count;
	return ret;
}

int verity_computed(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e)
{
	struct libfsverity_merkle_tree_params params = {
		.version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = BLOCK};
	struct reader reader = {.fd = fd, .path = path, .e = e};
	struct libfsverity_digest *digest = NULL;
	struct stat st;
	int r;

	if (fstat(fd, &st))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	params.file_size = (uint64_t)st.st_size;
	r = libfsverity_compute_digest(&reader, read_more, &params, &digest);
	/* What ends before its size was cut short meanwhile. */
	if (r == -ENODATA)
		return err_set(e, -EBUSY, "%s: changed while it was read", path);
	if (r || !digest || digest->digest_size != DIGLIM_DIGEST_SIZE) {
		free(digest);
		return err_set(e, r ? r : -EIO, "%s: no fs-verity digest: %s", path,
			       strerror(r ? -r : EIO));
	}
	memcpy(ret, digest->digest, DIGLIM_DIGEST_SIZE);
	free(digest);
	return io_check_unchanged(fd, &st, path, e);
}

#else

bool verity_computes(void)
{
	return false;
}

int verity_computed(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e)
{
	return err_set(e, -EOPNOTSUPP,
		       "%s: no fs-verity digest: it is not on, and this program was built without "
		       "libfsverity, which computes them",
		       path);
}
#endif
