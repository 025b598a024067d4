/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ld.so.cache: every path that is told ends inside the input. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/format/ldcache.h"

struct input {
	const char *data;
	size_t size;
};

static int check(const char *path, bool hwcaps, void *arg)
{
	const struct input *in = arg;

	(void)hwcaps;
	ORACLE(path >= in->data && path < in->data + in->size);
	ORACLE(strnlen(path, in->size - (size_t)(path - in->data)) <
	       in->size - (size_t)(path - in->data));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {(const char *)data, size};
	int r = ldcache_find(data, size, "libc.so.6", check, &in, NULL);

	ORACLE(!r || r == -EBADMSG || r == -ENOTSUP);
	return 0;
}
