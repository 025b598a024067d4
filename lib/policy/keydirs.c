/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

const char *keys_dir(const struct places *places, enum keys_kind kind)
{
	if (kind == KEYS_VENDOR)
		return places->vendor_keys;
	return kind == KEYS_OWNER ? places->owner_keys : places->restricted_keys;
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visit(const char *dir, const char *name, enum keys_kind kind, keys_visit_fn fn,
		 void *arg, struct err *e)
{
	char *path;
	int r;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return err_set(e, -ENOMEM, "%s: no memory", dir);
	r = fn(kind, path, arg, e);
	free(path);
	return r;
}

static int walk_dir(const char *dir, enum keys_kind kind, keys_visit_fn fn, void *arg,
		    struct err *e)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_visible, by_bytes), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!r && names[i]->d_type != DT_DIR)
			r = visit(dir, names[i]->d_name, kind, fn, arg, e);
		free(names[i]);
	}
	free(names);
	return r;
}

int keys_walk(const struct places *places, keys_visit_fn fn, void *arg, struct err *e)
{
	int r = 0;

	for (int kind = 0; !r && kind < KEYS_KINDS; kind++)
		r = walk_dir(keys_dir(places, kind), kind, fn, arg, e);
	return r;
}
