// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "../base/io.h"
#include "cert.h"
#include "pgpkey.h"
#include "x509.h"

int cert_set_read(struct cert_set *set, const void *data, size_t len, const char *name,
		  uint64_t now, struct err *e)
{
	int r;

	if (!len)
		return err_set(e, -EINVAL, "%s: empty, no key in it", name);
	if (pgpkey_recognise(data, len))
		r = pgpkey_read(set, data, len, name, now, e);
	else
		r = x509_read(set, data, len, name, now, e);
	cert_set_revoke(set);
	return r;
}

int cert_set_read_file(struct cert_set *set, const char *path, uint64_t now, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_file(path, CERT_FILE_MAX, &b, e);

	if (!r)
		r = cert_set_read(set, b.data, b.len, path, now, e);
	buf_free(&b);
	return r;
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int cert_set_read_dir(struct cert_set *set, const char *dir, uint64_t now, struct err *e)
{
	struct dirent **entries;
	int n, r = 0, found = 0;

	n = scandir(dir, &entries, not_hidden, by_bytes);
	if (n < 0)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		char *path = NULL;

		if (r >= 0 && entries[i]->d_type != DT_DIR) {
			if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
				r = err_set(e, -ENOMEM, "out of memory");
			else
				r = cert_set_read_file(set, path, now, e);
			found += r > 0 ? r : 0;
		}
		if (path)
			free(path);
		free(entries[i]);
	}
	free(entries);
	return r < 0 ? r : found;
}
