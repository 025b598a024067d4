/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rpm/header.h>
#include <rpm/rpmfiles.h>

#include "metadata.h"

#define MAGIC_LEN 8
#define INTRO_LEN 16 /* magic, numbers of entries and bytes */
#define ENTRY_LEN 16

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Behind the header is the trailer of its signature. 0: there is no room for one. */
static size_t header_size(const uint8_t *p, size_t len)
{
	uint64_t size = len < INTRO_LEN
				? UINT64_MAX
				: INTRO_LEN + (uint64_t)ENTRY_LEN * be32(p + 8) + be32(p + 12);

	return size > len ? 0 : (size_t)size;
}

static int one(rpmfiles files, int i, metadata_fn fn, void *arg)
{
	uint32_t checked = (uint32_t)rpmfilesVFlags(files, i);
	const char *caps = rpmfilesFCaps(files, i);
	char *path = rpmfilesFN(files, i);
	struct metadata m = {
		.path = path,
		.has_uid = checked & RPMVERIFY_USER,
		.has_gid = checked & RPMVERIFY_GROUP,
		.has_mode = checked & RPMVERIFY_MODE,
		.user = rpmfilesFUser(files, i),
		.group = rpmfilesFGroup(files, i),
		.mode = (uint32_t)rpmfilesFMode(files, i) & 0xffff,
		.caps = checked & RPMVERIFY_CAPS ? (caps ? caps : "") : NULL,
	};
	int r = path ? fn(&m, arg) : -ENOMEM;

	free(path);
	return r;
}

int metadata_walk_rpm(const void *payload, size_t len, const char *name, metadata_fn fn, void *arg,
		      struct err *e)
{
	const uint8_t *p = payload;
	size_t size = header_size(p, len);
	rpmfiles files;
	Header h;
	int r = 0;

	h = size > MAGIC_LEN && size <= UINT32_MAX
		    ? headerImport((void *)(p + MAGIC_LEN), (unsigned int)(size - MAGIC_LEN),
				   HEADERIMPORT_COPY)
		    : NULL;
	if (!h)
		return err_set(e, -EINVAL, "%s: librpm does not take its header", name);
	files = rpmfilesNew(NULL, h, RPMTAG_BASENAMES, 0);
	for (int i = 0; !r && i < (int)rpmfilesFC(files); i++)
		if (!(rpmfilesFFlags(files, i) & RPMFILE_GHOST))
			r = one(files, i, fn, arg);
	rpmfilesFree(files);
	headerFree(h);
	return r == -ENOMEM ? err_set(e, r, "out of memory") : r;
}
