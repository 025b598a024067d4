/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which lists there are; by itself, since whoever only feeds them needs no cryptography. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lists.h"

void lists_done(struct lists *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->paths[i]);
	free(l->paths);
	*l = (struct lists){0};
}

/* Takes @path. */
static int take_path(struct lists *l, char *path)
{
	char **paths = path ? realloc(l->paths, (l->n + 1) * sizeof(*paths)) : NULL;

	if (!paths) {
		free(path);
		return -ENOMEM;
	}
	l->paths = paths;
	paths[l->n++] = path;
	return 0;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Directories inside are not entered. A file system may leave d_type open: then ask. */
static int add_entry(struct lists *l, const char *dir, const struct dirent *d)
{
	const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
	struct stat st;
	char *path;

	if (asprintf(&path, "%s%s%s", dir, slash, d->d_name) < 0)
		return -ENOMEM;
	if (d->d_type == DT_DIR ||
	    (d->d_type == DT_UNKNOWN && !stat(path, &st) && S_ISDIR(st.st_mode))) {
		free(path);
		return 0;
	}
	return take_path(l, path);
}

int lists_add(struct lists *l, const char *path, struct err *e)
{
	struct dirent **names;
	struct stat st;
	int n, r = 0;

	if (stat(path, &st))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		r = take_path(l, strdup(path));
		return r ? err_set(e, r, "%s: no memory", path) : 0;
	}
	n = scandir(path, &names, is_visible, by_bytes);
	if (n < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!r)
			r = add_entry(l, path, names[i]);
		free(names[i]);
	}
	free(names);
	return r ? err_set(e, r, "%s: no memory", path) : 0;
}

int lists_add_places(struct lists *l, const struct places *places, struct err *e)
{
	for (int i = 0; i < PLACES_LIST_DIRS; i++) {
		int r = lists_add(l, places->lists[i], e);

		if (r && r != -ENOENT)
			return r;
	}
	return 0;
}
