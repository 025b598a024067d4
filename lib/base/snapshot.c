// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "snapshot.h"

#define PIECE 262144

/* Since Linux 6.3; where it is asked for by sysctl, a memfd without it is refused. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int make(const char *path, struct err *e)
{
	static const char name[] = "diglim-snapshot";
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd >= 0 ? fd : err_set(e, -errno, "%s: no copy of it: %s", path, strerror(errno));
}

/* Not by copy_file_range() or sendfile(): they may hand over pages that others still write to. */
static int copy(int from, int to, uint64_t max, uint8_t *buf, const char *path, uint64_t *size,
		struct err *e)
{
	uint64_t at = 0;

	for (;;) {
		ssize_t n = pread(from, buf, PIECE, (off_t)at);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, -errno, "%s: offset %llu: %s", path,
				       (unsigned long long)at, strerror(errno));
		if (!n)
			break;
		at += (uint64_t)n;
		if (at > max)
			return err_set(e, -EFBIG, "%s: more than %llu bytes", path,
				       (unsigned long long)max);
		r = io_write_all(to, buf, (size_t)n);
		if (r)
			return err_set(e, r, "%s: no room in memory for a copy of it: %s", path,
				       strerror(-r));
	}
	if (size)
		*size = at;
	return 0;
}

static int seal(int fd, const char *path, struct err *e)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) ||
	    lseek(fd, 0, SEEK_SET))
		return err_set(e, -errno, "%s: its copy cannot be sealed: %s", path,
			       strerror(errno));
	return 0;
}

int snapshot_fd(int fd, uint64_t max, const char *path, uint64_t *size, struct err *e)
{
	uint8_t *buf = malloc(PIECE);
	int ret, r;

	if (!buf)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	ret = make(path, e);
	r = ret < 0 ? ret : copy(fd, ret, max, buf, path, size, e);
	if (!r)
		r = seal(ret, path, e);
	free(buf);
	if (r && ret >= 0)
		close(ret);
	return r ? r : ret;
}
