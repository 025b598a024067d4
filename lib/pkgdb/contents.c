// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contents.h"

static void file_done(struct contents_file *f)
{
	free(f->path);
	free(f->caps);
	free(f->label);
}

void contents_done(struct contents *c)
{
	for (size_t i = 0; i < c->n; i++)
		file_done(&c->files[i]);
	free(c->files);
	free(c->index);
	*c = (struct contents){0};
}

/* FNV-1a: no attacker gains by collisions but in the time of his own import. */
static size_t hash(const char *path)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	while (*path)
		h = (h ^ (uint8_t)*path++) * 0x100000001b3ULL;
	return (size_t)(h ^ h >> 32);
}

/* The place in the index of @path, or the free one where it belongs. Holds number + 1. */
static uint32_t *place(const struct contents *c, uint32_t *index, size_t size, const char *path)
{
	size_t at = hash(path) & (size - 1);

	while (index[at] && strcmp(c->files[index[at] - 1].path, path))
		at = (at + 1) & (size - 1);
	return &index[at];
}

static int grow_index(struct contents *c)
{
	size_t size = c->index_size ? 2 * c->index_size : 1024;
	uint32_t *index = calloc(size, sizeof(*index));

	if (!index)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		*place(c, index, size, c->files[i].path) = (uint32_t)i + 1;
	free(c->index);
	c->index = index;
	c->index_size = size;
	return 0;
}

static int grow(struct contents *c)
{
	size_t size = c->size ? 2 * c->size : 256;
	struct contents_file *files;

	if (2 * (c->n + 1) > c->index_size && grow_index(c))
		return -ENOMEM;
	if (c->n < c->size)
		return 0;
	files = reallocarray(c->files, size, sizeof(*files));
	if (!files)
		return -ENOMEM;
	c->files = files;
	c->size = size;
	return 0;
}

static int copy(struct contents_file *to, const struct contents_file *f)
{
	*to = *f;
	to->path = strdup(f->path);
	to->caps = f->caps ? strdup(f->caps) : NULL;
	to->label = f->label ? strdup(f->label) : NULL;
	if (to->path && (to->caps || !f->caps) && (to->label || !f->label))
		return 0;
	file_done(to);
	return -ENOMEM;
}

static size_t bytes_of(const struct contents_file *f)
{
	return strlen(f->path) + (f->caps ? strlen(f->caps) : 0) +
	       (f->label ? strlen(f->label) : 0);
}

int contents_put(struct contents *c, const struct contents_file *f, struct err *e)
{
	struct contents_file new;
	uint32_t *at;

	c->bytes += bytes_of(f);
	if (c->n >= CONTENTS_MAX)
		return err_set(e, -E2BIG, "more than %d files", CONTENTS_MAX);
	if (c->bytes > CONTENTS_BYTES_MAX)
		return err_set(e, -E2BIG, "more than %llu MiB of file names",
			       CONTENTS_BYTES_MAX >> 20);
	if (grow(c) || copy(&new, f))
		return err_set(e, -ENOMEM, "out of memory");
	at = place(c, c->index, c->index_size, f->path);
	if (!*at) {
		c->files[c->n++] = new;
		*at = (uint32_t)c->n;
		return 0;
	}
	if (c->files[*at - 1].type == CONTENTS_DIR && f->type != CONTENTS_DIR)
		contents_remove(c, f->path, 1);
	file_done(&c->files[*at - 1]);
	c->files[*at - 1] = new;
	return 0;
}

const struct contents_file *contents_find(const struct contents *c, const char *path)
{
	uint32_t at = c->index_size ? *place(c, c->index, c->index_size, path) : 0;

	return at && c->files[at - 1].type ? &c->files[at - 1] : NULL;
}

void contents_remove(struct contents *c, const char *path, int only_below)
{
	size_t len = strcmp(path, "/") ? strlen(path) : 0;

	for (size_t i = 0; i < c->n; i++) {
		const char *p = c->files[i].path;

		if (strncmp(p, path, len))
			continue;
		if (p[len] == '/' || (!p[len] && !only_below))
			c->files[i].type = CONTENTS_GONE;
	}
}

/* One component; false for "..". */
static bool put_part(char *ret, size_t *len, const char *part, size_t n)
{
	if (!n || (n == 1 && *part == '.'))
		return true;
	if ((n == 2 && part[0] == '.' && part[1] == '.') || *len + n + 2 > DIGLIM_PATH_LONG)
		return false;
	ret[(*len)++] = '/';
	memcpy(ret + *len, part, n);
	*len += n;
	return true;
}

int contents_path(const char *path, char ret[DIGLIM_PATH_LONG])
{
	size_t len = 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (!put_part(ret, &len, path, n))
			return -EINVAL;
		path += n;
		path += *path == '/';
	}
	if (!len)
		ret[len++] = '/';
	ret[len] = '\0';
	return 0;
}
