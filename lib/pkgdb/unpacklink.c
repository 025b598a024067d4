/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files with several names in an archive. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unpackint.h"

static const struct contents_file *link_target(struct reader *r, const char *target)
{
	char path[DIGLIM_PATH_LONG], full[DIGLIM_PATH_LONG];

	if (r->opt->prefix &&
	    snprintf(full, sizeof(full), "%s/%s", r->opt->prefix, target) < (int)sizeof(full))
		target = full;
	return contents_path(target, path) ? NULL : contents_find(r->c, path);
}

int unpack_link(struct reader *r, const char *target, struct contents_file *f)
{
	const struct contents_file *other = link_target(r, target);

	if (!other || other->type != CONTENTS_FILE)
		return err_set(r->e, -EBADMSG, "%s: %s is a link to %s, which is not there",
			       r->name, r->path, target);
	*f = *other;
	f->path = r->path;
	f->kind = file_kind(f->path, f->mode, r->head, 0, &f->use);
	/* Content decides as well: what it is under one name it may be under the other. */
	f->use |= other->use;
	f->kind = f->kind ? f->kind : other->kind;
	return contents_put(r->c, f, r->e);
}

int unpack_note_name(struct reader *r, const char *link)
{
	const struct contents_file *target = link_target(r, link);
	const struct contents_file *self = contents_find(r->c, r->path);

	if (!self || !target)
		return 0;
	if (r->n_names == NAMES_MAX)
		return err_set(r->e, -E2BIG, "%s: more than %d names of files with several",
			       r->name, NAMES_MAX);
	r->names[r->n_names++] =
		(struct name){(uint32_t)(target - r->c->files), (uint32_t)(self - r->c->files)};
	return 0;
}

static int copy_content(struct reader *r, size_t to, size_t from)
{
	struct contents_file f = r->c->files[to];

	if (to == from || f.type != CONTENTS_FILE)
		return 0;
	memcpy(f.digest, r->c->files[from].digest, sizeof(f.digest));
	f.size = r->c->files[from].size;
	f.kind = file_kind(f.path, f.mode, r->head, r->head_len, &f.use);
	return contents_put(r->c, &f, r->e);
}

int unpack_spread_content(struct reader *r, const char *link)
{
	const struct contents_file *target = link_target(r, link), *self;
	size_t first, last;
	int ret;

	self = contents_find(r->c, r->path);
	if (!target || !self)
		return 0;
	first = (size_t)(target - r->c->files);
	last = (size_t)(self - r->c->files);
	ret = copy_content(r, first, last);
	for (size_t i = 0; !ret && i < r->n_names; i++)
		if (r->names[i].target == first)
			ret = copy_content(r, r->names[i].self, last);
	return ret;
}
