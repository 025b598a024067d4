/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"

int known_add(struct known *k, const uint8_t id[DIGLIM_LIST_ID_SIZE], const char *path,
	      const char *name, struct err *e)
{
	struct known_list l = {.path = path ? strdup(path) : NULL, .name = strdup(name)};

	if (k->n == k->room) {
		size_t room = k->room ? 2 * k->room : 64;
		void *lists = realloc(k->lists, room * sizeof(*k->lists));

		if (lists) {
			k->lists = lists;
			k->room = room;
		}
	}
	if (k->n == k->room || (path && !l.path) || !l.name) {
		free(l.path);
		free(l.name);
		return err_set(e, -ENOMEM, "out of memory");
	}
	memcpy(l.id, id, sizeof(l.id));
	k->lists[k->n++] = l;
	return 0;
}

void known_done(struct known *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->lists[i].path);
		free(k->lists[i].name);
	}
	free(k->lists);
	*k = (struct known){0};
}

static int by_path(const void *a, const void *b)
{
	const struct known_list *x = a, *y = b;

	return strcmp(x->path ? x->path : "", y->path ? y->path : "");
}

static int by_id(const void *a, const void *b)
{
	const struct known_list *x = a, *y = b;

	return memcmp(x->id, y->id, sizeof(x->id));
}

void known_sort_paths(struct known *k)
{
	if (k->n)
		qsort(k->lists, k->n, sizeof(*k->lists), by_path);
}

void known_sort_ids(struct known *k)
{
	if (k->n)
		qsort(k->lists, k->n, sizeof(*k->lists), by_id);
}

const struct known_list *known_by_path(const struct known *k, const char *path)
{
	struct known_list key = {.path = (char *)path};

	return k->n ? bsearch(&key, k->lists, k->n, sizeof(key), by_path) : NULL;
}

const struct known_list *known_by_id(const struct known *k, const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	struct known_list key;

	memcpy(key.id, id, sizeof(key.id));
	return k->n ? bsearch(&key, k->lists, k->n, sizeof(key), by_id) : NULL;
}
