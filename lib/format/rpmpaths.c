// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpmpaths.h"

/* Offsets of the strings of @tag; those that are not there become 0. */
static uint32_t *string_offsets(const struct core_view *v, const struct core_rpm_tag *tag)
{
	uint32_t *ret = calloc((size_t)tag->count + 1, sizeof(*ret));
	const uint8_t *base = v->data + v->start, *nul;
	uint32_t off = tag->off;

	for (uint32_t i = 0; ret && i < tag->count && off < tag->end; i++) {
		nul = memchr(base + off, 0, tag->end - off);
		if (!nul)
			break;
		ret[i] = off;
		off = (uint32_t)(nul - base) + 1;
	}
	return ret;
}

int rpmpaths_open(struct rpmpaths *p, const struct core_view *v, const struct core_rpm *rpm,
		  struct err *e)
{
	*p = (struct rpmpaths){.v = v, .rpm = rpm};
	p->dirs = string_offsets(v, &rpm->tag[CORE_RPM_DIRNAMES]);
	p->names = string_offsets(v, &rpm->tag[CORE_RPM_BASENAMES]);
	if (p->dirs && p->names)
		return 0;
	rpmpaths_done(p);
	return err_set(e, -ENOMEM, "out of memory");
}

void rpmpaths_done(struct rpmpaths *p)
{
	free(p->dirs);
	free(p->names);
	free(p->path);
	*p = (struct rpmpaths){0};
}

const char *rpmpaths_get(struct rpmpaths *p, uint32_t i)
{
	const char *base = (const char *)p->v->data + p->v->start, *dir, *name;
	uint32_t d;
	size_t need;
	char *more;

	if (i >= p->rpm->tag[CORE_RPM_BASENAMES].count || !p->names[i])
		return NULL;
	d = core_rpm_int32(p->v, p->rpm, CORE_RPM_DIRINDEXES, i);
	if (d >= p->rpm->tag[CORE_RPM_DIRNAMES].count || !p->dirs[d])
		return NULL;
	dir = base + p->dirs[d];
	name = base + p->names[i];
	need = strlen(dir) + strlen(name) + 1;
	if (need > p->size) {
		more = realloc(p->path, need);
		if (!more) {
			p->failed = true;
			return NULL;
		}
		p->path = more;
		p->size = need;
	}
	return strcat(strcpy(p->path, dir), name);
}
