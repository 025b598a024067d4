// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "initramfs.h"
#include "unpack.h"

#define HEAD	  110 /* "070701" and 13 numbers of 8 digits */
#define FILESIZE  (6 + 6 * 8)
#define NAMESIZE  (6 + 11 * 8)
#define TRAILER	  "TRAILER!!!"
#define ROUND4(n) (((n) + 3) & ~(size_t)3)

static bool is_newc(const uint8_t *p, size_t len)
{
	return len >= HEAD && (!memcmp(p, "070701", 6) || !memcmp(p, "070702", 6));
}

static bool number(const uint8_t *p, size_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 8; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = p[i] ? strchr(digits, p[i] | (p[i] >= 'A' ? 0x20 : 0)) : NULL;

		if (!at)
			return false;
		*ret = *ret << 4 | (size_t)(at - digits);
	}
	return true;
}

int64_t initramfs_segment(const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t at = 0, name, size;

	while (is_newc(p + at, len - at)) {
		bool last;

		if (!number(p + at + NAMESIZE, &name) || !number(p + at + FILESIZE, &size) ||
		    !name || name > len - at - HEAD || size > len)
			return -EBADMSG;
		last = name == sizeof(TRAILER) && !memcmp(p + at + HEAD, TRAILER, name);
		at = ROUND4(at + HEAD + name);
		if (at > len || size > len - at)
			return -EBADMSG;
		at = ROUND4(at + size);
		if (last)
			break;
		if (at >= len)
			return -EBADMSG; /* ended without its trailer */
	}
	while (at && at < len && !p[at])
		at++;
	return (int64_t)(at < len ? at : len);
}

int initramfs_read(const void *data, size_t len, const char *name, struct contents *c,
		   struct err *e)
{
	static const struct unpack_options opt = {.format = UNPACK_CPIO};
	const uint8_t *p = data;
	size_t at = 0;
	int r = 0;

	if (!len)
		return err_set(e, -EBADMSG, "%s: empty", name);
	while (!r && at < len) {
		int64_t n = initramfs_segment(p + at, len - at);

		if (n < 0)
			return err_set(e, -EBADMSG, "%s: offset %zu: damaged cpio archive", name,
				       at);
		/* What is compressed goes to the end of the file. */
		r = unpack_memory(p + at, n ? (size_t)n : len - at, name, &opt, c, e);
		at = n ? at + (size_t)n : len;
	}
	return r;
}
