// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/io.h"
#include "rpmkeys.h"

#define KEY_FILE_MAX (4U << 20)
#define HEX	     "0123456789abcdefABCDEF"

struct job {
	rpmdb_key_fn fn;
	void *arg;
	struct err *e;
};

static int is_key_file(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 4 && !strcmp(d->d_name + len - 4, ".key");
}

static int is_prefix(const struct dirent *d)
{
	return strlen(d->d_name) == 2 && strspn(d->d_name, HEX) == 2;
}

/* What is left of a fingerprint; a file that rpm is just writing has another name. */
static int is_rest(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len >= 38 && strspn(d->d_name, HEX) == len;
}

static int do_file(const struct job *j, const char *path)
{
	struct buf data = BUF_INIT;
	struct err why = {0};
	int r;

	if (io_read_file(path, KEY_FILE_MAX, &data, &why))
		r = why.code == -ENOMEM ? err_set(j->e, -ENOMEM, "out of memory")
					: j->fn(path, NULL, 0, why.text, j->arg);
	else
		r = j->fn(path, data.data, data.len, NULL, j->arg);
	buf_free(&data);
	return r;
}

/* Entries of @dir that @is allows, by name. */
static int each(const struct job *j, const char *dir, int (*is)(const struct dirent *),
		int (*fn)(const struct job *j, const char *path))
{
	struct dirent **names = NULL;
	char path[PATH_MAX];
	int n = scandir(dir, &names, is, alphasort), r = 0;

	/* Not a directory: what stands there is no folder of keys. */
	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_set(j->e, -errno, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!r && snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name) >=
				  (int)sizeof(path))
			r = err_set(j->e, -ENAMETOOLONG, "%s: name too long", dir);
		if (!r)
			r = fn(j, path);
		free(names[i]);
	}
	free(names);
	return r;
}

static int do_folder(const struct job *j, const char *path)
{
	return each(j, path, is_rest, do_file);
}

int rpmkeys_walk(const char *dir, rpmdb_key_fn fn, void *arg, struct err *e)
{
	const struct job j = {.fn = fn, .arg = arg, .e = e};
	int r = each(&j, dir, is_key_file, do_file);

	return r ? r : each(&j, dir, is_prefix, do_folder);
}
