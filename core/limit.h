/* SPDX-License-Identifier: GPL-2.0-only */
/* What a restricted key may vouch for, and whether a list keeps within it. */
#ifndef DIGLIM_CORE_LIMIT_H
#define DIGLIM_CORE_LIMIT_H

#include "list.h"
#include "rule.h"

struct core_limit {
	__u32 use;	 /* mask; properties that only restrict are always allowed */
	__u32 name_len;	 /* 0: any name */
	__u32 beginning; /* 1: the name may go on */
	__u32 path_len;	 /* 0: any path */
	char name[DIGLIM_LIMIT_NAME_MAX];
	char path[DIGLIM_LIMIT_PATH_MAX]; /* "/…/" */
	/* Of a walk; not on the stack, where the verifier would follow it. */
	__u32 pos;  /* in the name or path */
	__u32 dots; /* 1 behind a slash, 2 behind "/.", 3 behind "/..", else 0 */
	__u32 bad;
	__u32 dir;
};

struct core_limit_copy {
	const struct core_view *v;
	char *to;
	__u32 off;
	__u32 len;
};

CORE_BODY core_limit_name_char(__u32 i, void *arg)
{
	struct core_limit_copy *c = arg;
	const __u8 *p = core_at(c->v, c->off + i, 1);

	if (!p || i >= c->len)
		return 1;
	c->to[core_below(i, DIGLIM_LIMIT_NAME_MAX)] = (char)*p;
	return 0;
}

CORE_BODY core_limit_path_char(__u32 i, void *arg)
{
	struct core_limit_copy *c = arg;
	const __u8 *p = core_at(c->v, c->off + i, 1);

	if (!p || i >= c->len)
		return 1;
	c->to[core_below(i, DIGLIM_LIMIT_PATH_MAX)] = (char)*p;
	return 0;
}

/* From an entry of a limits list that core_rule_read() has checked. */
CORE_INLINE void core_limit_set(const struct core_view *v, const struct core_rule *r,
				struct core_limit *l)
{
	const struct core_text *name = &r->word[CORE_WORD_NAME], *path = &r->word[CORE_WORD_PATH];
	struct core_limit_copy c = {.v = v, .to = l->name, .off = name->off, .len = name->len};
	const __u8 *last;

	__builtin_memset(l, 0, sizeof(*l));
	l->use = r->has & CORE_RULE_USE ? r->use : DIGLIM_USE_ALL;
	last = name->len ? core_at(v, name->off + name->len - 1, 1) : NULL;
	l->beginning = last && *last == '*';
	/* "*" alone: any name, as if there were none. */
	c.len -= l->beginning;
	l->name_len = c.len;
	core_loop(DIGLIM_LIMIT_NAME_MAX, core_limit_name_char, &c);
	c.to = l->path;
	c.off = path->off;
	c.len = path->len;
	l->path_len = c.len;
	core_loop(DIGLIM_LIMIT_PATH_MAX, core_limit_path_char, &c);
}

struct core_limit_walk {
	const struct core_view *v;
	struct core_limit *l;
	struct core_rpm *r; /* directories */
	__u32 off;
	__u32 end;
};

CORE_INLINE void core_limit_start(struct core_limit *l)
{
	l->pos = 0;
	l->dots = 0;
	l->bad = 0;
}

CORE_BODY core_limit_name_step(__u32 i, void *arg)
{
	struct core_limit_walk *w = arg;
	const __u8 *p = w->off + i < w->end ? core_at(w->v, w->off + i, 1) : NULL;
	__u8 c = p ? *p : 0;

	if (i >= w->l->name_len) {
		w->l->bad = c && !w->l->beginning;
		return 1;
	}
	w->l->bad = c != (__u8)w->l->name[core_below(i, DIGLIM_LIMIT_NAME_MAX)];
	return w->l->bad ? 1 : 0;
}

/* Is the package, or the owner's list, one of those that the limit names? */
CORE_INLINE bool core_limit_name(const struct core_view *v, const struct core_list *list,
				 struct core_limit *l)
{
	struct core_limit_walk w = {.v = v, .l = l};

	if (!l->name_len)
		return true;
	core_limit_start(l);
	if (list->format == DIGLIM_FORMAT_RPM) {
		w.off = list->rpm.tag[CORE_RPM_NAME].off;
		w.end = list->rpm.tag[CORE_RPM_NAME].end;
	} else if (list->format == DIGLIM_FORMAT_TLV) {
		w.off = list->tlv.name_off;
		w.end = list->tlv.name_off + list->tlv.name_len;
	}
	core_loop(DIGLIM_LIMIT_NAME_MAX + 1, core_limit_name_step, &w);
	return !l->bad;
}

/* One character of a path, NUL at its end. */
CORE_INLINE void core_limit_path_take(struct core_limit_walk *w, __u8 c)
{
	if (w->l->pos < w->l->path_len)
		w->l->bad |= c != (__u8)w->l->path[core_below(w->l->pos, DIGLIM_LIMIT_PATH_MAX)];
	w->l->bad |= w->l->dots == 3 && (!c || c == '/');
	if (c == '/')
		w->l->dots = 1;
	else
		w->l->dots = c == '.' && w->l->dots && w->l->dots < 3 ? w->l->dots + 1 : 0;
	w->l->pos++;
}

CORE_BODY core_limit_path_step(__u32 i, void *arg)
{
	struct core_limit_walk *w = arg;
	const __u8 *p = w->off + i < w->end ? core_at(w->v, w->off + i, 1) : NULL;

	core_limit_path_take(w, p ? *p : 0);
	return !p || !*p || w->l->bad;
}

/* Is the path in [@off, @off + @len) below that of the limit? No path is not. */
CORE_INLINE bool core_limit_path(const struct core_view *v, __u32 off, __u32 len,
				 struct core_limit *l)
{
	struct core_limit_walk w = {.v = v, .l = l, .off = off, .end = off + len};

	if (!l->path_len)
		return true;
	if (!len)
		return false;
	core_limit_start(l);
	core_loop(DIGLIM_PATH_LONG + 1, core_limit_path_step, &w);
	return !l->bad;
}

CORE_BODY core_limit_dir_step(__u32 i, void *arg)
{
	struct core_limit_walk *w = arg;
	struct core_rpm *r = w->r;
	const __u8 *p = core_at(w->v, w->off + i, 1);

	if (!p || w->off + i >= w->end || w->l->dir >= CORE_RPM_DIRS_MAX)
		return 1;
	/* A directory's name ends with a slash, and what has one cannot end inside "..". */
	if (!*p)
		w->l->bad |= w->l->dots != 1;
	core_limit_path_take(w, *p);
	if (*p)
		return 0;
	if (!w->l->bad)
		r->dir_use[core_below(w->l->dir, CORE_RPM_DIRS_MAX)] |= CORE_RPM_DIR_UNDER;
	w->l->dir++;
	core_limit_start(w->l);
	return 0;
}

CORE_BODY core_limit_base_step(__u32 i, void *arg)
{
	struct core_limit_walk *w = arg;
	const __u8 *p = core_at(w->v, w->off + i, 1);

	if (!p || w->off + i >= w->end)
		return 1;
	w->l->bad = *p == '/';
	return w->l->bad ? 1 : 0;
}

/* Marks the directories of an opened header that are below the limit's path. */
CORE_INLINE bool core_limit_dirs(const struct core_view *v, struct core_rpm *r,
				 struct core_limit *l)
{
	struct core_limit_walk w = {.v = v, .l = l, .r = r};

	core_limit_start(l);
	l->dir = 0;
	w.off = r->tag[CORE_RPM_BASENAMES].off;
	w.end = r->tag[CORE_RPM_BASENAMES].end;
	if (r->files)
		core_loop(w.end - w.off, core_limit_base_step, &w);
	if (l->bad)
		return false;
	w.off = r->tag[CORE_RPM_DIRNAMES].off;
	w.end = r->tag[CORE_RPM_DIRNAMES].end;
	if (r->files)
		core_loop(w.end - w.off, core_limit_dir_step, &w);
	return true;
}

/* Is the digest that core_list_next() has just given within the limit? */
CORE_INLINE bool core_limit_digest(const struct core_view *v, const struct core_list *list,
				   const struct core_digest *d, struct core_limit *l)
{
	if (d->use & ~(l->use | DIGLIM_USE_INTERPRETER))
		return false;
	if (!l->path_len)
		return true;
	if (list->format == DIGLIM_FORMAT_TLV)
		return core_limit_path(v, list->tlv.path.off, list->tlv.path.len, l);
	return list->format == DIGLIM_FORMAT_RPM && d->under;
}

#endif
