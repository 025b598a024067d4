// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/hex.h"
#include "../format/listfile.h"
#include "../format/payload.h"
#include "import.h"

void import_file_name(const char *prefix, const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "%s-%s", prefix, name);
	for (char *p = ret; *p; p++)
		if (*p == '/' || (unsigned char)*p <= ' ' || *p == 0x7f)
			*p = '_';
}

/* Names that were cut need something that tells them apart. */
static void list_name(const struct import_result *r, char *ret, size_t size)
{
	struct payload_info info = {0};
	char id[2 * 4 + 1];
	size_t n;

	import_file_name(IMPORT_PREFIX, r->name, ret, size);
	if (strlen(r->name) < sizeof(r->name) - 1 ||
	    payload_walk(r->payload.data, r->payload.len, "", &info, NULL, NULL, NULL) < 0)
		return;
	n = strlen(ret);
	snprintf(ret + n, size - n, "-%s", hex_encode(info.list_id, 4, id));
}

static bool is_equal(const struct buf *b, const uint8_t *data, size_t len)
{
	return b->len == len && !memcmp(b->data, data, len);
}

int import_path(const struct import_result *r, const char *dir, char **ret, struct err *e)
{
	char name[DIGLIM_NAME_MAX + 32];

	list_name(r, name, sizeof(name));
	if (asprintf(ret, "%s/%s", dir, name) >= 0)
		return 0;
	*ret = NULL;
	return err_set(e, -ENOMEM, "out of memory");
}

bool import_is_written(const struct import_result *r, const char *path)
{
	struct listfile old;
	bool same;

	if (listfile_read(path, &old, NULL) < 0)
		return false;
	same = is_equal(&r->payload, old.payload, old.payload_len) &&
	       is_equal(&r->sig, old.sig, old.sig_len);
	listfile_done(&old);
	return same;
}

int import_write(struct import_result *r, const char *dir, char *path, size_t path_size,
		 struct err *e)
{
	char *full;
	int ret;

	if (r->outcome != IMPORT_OK)
		return err_set(e, -EINVAL, "%s: was refused, there is no list to write", r->name);
	ret = import_path(r, dir, &full, e);
	if (ret)
		return ret;
	if (path)
		snprintf(path, path_size, "%s", full);
	if (import_is_written(r, full))
		r->outcome = IMPORT_PRESENT;
	else
		ret = listfile_write_later(full, r->payload.data, r->payload.len, r->sig.data,
					   r->sig.len, e);
	free(full);
	return ret;
}
