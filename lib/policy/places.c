/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "places.h"
#include "../base/root.h"

/* Nothing of another system may be read or written by way of a link in this one. */
static int place(char ret[PATH_MAX], const struct places *p, const char *path, struct err *e)
{
	/* Cannot be cut: the root takes at most half. */
	snprintf(ret, PATH_MAX, "%s%s", p->root, path);
	return root_check_inside(p->root, path, e);
}

/* Absolute and without links, so that paths below it can be told from others. */
static int set_root(struct places *p, const char *root, struct err *e)
{
	char real[PATH_MAX];
	struct stat st;

	p->root[0] = '\0';
	if (!root)
		return 0;
	if (!realpath(root, real) || stat(real, &st))
		return err_set(e, -errno, "root directory %s: %s", root, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "root directory %s: not a directory", root);
	if (strcmp(real, "/") == 0)
		return 0;
	if (strlen(real) >= sizeof(p->root))
		return err_set(e, -ENAMETOOLONG, "root directory: name too long");
	strcpy(p->root, real);
	return 0;
}

int places_set(struct places *p, const char *root, struct err *e)
{
	int r = set_root(p, root, e);

	if (r)
		return r;
	r = place(p->conf, p, PLACES_CONF, e);
	r = r ?: place(p->vendor_keys, p, PLACES_KEYS "/vendor", e);
	r = r ?: place(p->owner_keys, p, PLACES_KEYS "/owner", e);
	r = r ?: place(p->restricted_keys, p, PLACES_KEYS "/restricted", e);
	r = r ?: place(p->lists[0], p, PLACES_LISTS_OWNER, e);
	r = r ?: place(p->lists[1], p, PLACES_LISTS_SHIPPED, e);
	r = r ?: place(p->lists[PLACES_MADE], p, PLACES_LISTS_MADE, e);
	r = r ?: place(p->metadata, p, PLACES_METADATA, e);
	r = r ?: place(p->boot, p, PLACES_BOOT, e);
	r = r ?: place(p->trial, p, PLACES_TRIAL, e);
	r = r ?: place(p->wanted, p, PLACES_WANTED, e);
	return r ?: place(p->run, p, PLACES_RUN, e);
}

int places_make_dir(const char *dir, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", dir);
	for (char *p = path + 1;; p++) {
		char end = *p;

		if (end && end != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return err_set(e, -errno, "cannot make directory %s: %s", path,
				       strerror(errno));
		*p = end;
		if (!end)
			break;
	}
	if (stat(path, &st))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return S_ISDIR(st.st_mode) ? 0 : err_set(e, -ENOTDIR, "%s: not a directory", path);
}
