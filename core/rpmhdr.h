/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of an RPM header: digest and permitted use of each, and the package's name.
 */
#ifndef DIGLIM_CORE_RPMHDR_H
#define DIGLIM_CORE_RPMHDR_H

#include "digest.h"
#include "hex.h"
#include "rpmindex.h"

/* Hash numbers of RPM are those of OpenPGP (RFC 9580, section 9.5). */
#define CORE_RPM_ALGO_SHA256 8

/* rpmfileAttrs of rpm (include/rpm/rpmfiles.h). */
#define CORE_RPM_FILE_DOC   (1U << 1)
#define CORE_RPM_FILE_GHOST (1U << 6)

#define CORE_MODE_TYPE	  0170000
#define CORE_MODE_REGULAR 0100000
#define CORE_MODE_EXEC	  0111

/* What the files of the directory whose name is at @off are for, besides being run. */
CORE_INLINE __u8 core_rpm_dir_class(const struct core_view *v, __u32 off)
{
	if (core_is_literal(v, off, "/boot/"))
		return DIGLIM_USE_KEXEC;
	if (core_is_literal(v, off, "/usr/"))
		off += 4;
	if (core_is_literal(v, off, "/lib/modules/"))
		return DIGLIM_USE_MODULE | DIGLIM_USE_KEXEC;
	if (core_is_literal(v, off, "/lib/firmware/"))
		return DIGLIM_USE_FIRMWARE;
	return 0;
}

/* Byte @i of the directory names. Names end with a NUL; classifies at the first byte of each. */
CORE_BODY core_rpm_dir_byte(__u32 i, void *arg)
{
	struct core_rpm_walk *w = arg;
	struct core_rpm *r = w->r;
	__u32 off = r->tag[CORE_RPM_DIRNAMES].off + i;
	const __u8 *p = core_at(w->v, off, 1);
	__u32 dir = r->dir;

	if (!p)
		return 1;
	if (r->prev_end) {
		r->prev_end = 0;
		if (dir < CORE_RPM_DIRS_MAX)
			r->dir_use[core_below(dir, CORE_RPM_DIRS_MAX)] =
				core_rpm_dir_class(w->v, off);
	}
	if (*p)
		return 0;
	r->prev_end = 1;
	r->dir++;
	return r->dir >= r->tag[CORE_RPM_DIRNAMES].count;
}

CORE_INLINE int core_rpm_dirs(const struct core_view *v, struct core_rpm *r, struct core_err *e)
{
	struct core_rpm_walk w = {.v = v, .r = r, .e = e, .ret = 0};
	const struct core_rpm_tag *t = &r->tag[CORE_RPM_DIRNAMES];

	r->dir = 0;
	r->prev_end = 1; /* from here on: a name begins */
	core_loop(t->end - t->off, core_rpm_dir_byte, &w);
	if (r->dir != t->count)
		return core_fail(e, v, DIGLIM_E_RPM_INDEX, t->off);
	return 0;
}

/* Each per-file tag must have one item for each of the @n files. */
CORE_INLINE int core_rpm_per_file(const struct core_view *v, const struct core_rpm *r, __u32 slot,
				  __u32 n, struct core_err *e)
{
	const struct core_rpm_tag *t = &r->tag[slot];

	if (t->count == n)
		return 0;
	if (!t->count)
		return core_fail(e, v, DIGLIM_E_RPM_TAG, CORE_RPM_INTRO_LEN);
	return core_fail(e, v, DIGLIM_E_RPM_TYPE, t->off);
}

/* Packages without files are real; theirs is a list without digests. */
CORE_INLINE int core_rpm_check(const struct core_view *v, struct core_rpm *r, struct core_err *e)
{
	__u32 n = r->tag[CORE_RPM_BASENAMES].count;
	const struct core_rpm_tag *algo = &r->tag[CORE_RPM_ALGO];
	const __u8 *p;

	if (!r->tag[CORE_RPM_NAME].count || !r->tag[CORE_RPM_VERSION].count ||
	    !r->tag[CORE_RPM_RELEASE].count || !r->tag[CORE_RPM_ARCH].count)
		return core_fail(e, v, DIGLIM_E_RPM_TAG, CORE_RPM_INTRO_LEN);
	if (n > DIGLIM_LIST_ENTRIES_MAX)
		return core_fail(e, v, DIGLIM_E_TOO_MANY, r->tag[CORE_RPM_BASENAMES].off);
	if (core_rpm_per_file(v, r, CORE_RPM_DIGESTS, n, e) ||
	    core_rpm_per_file(v, r, CORE_RPM_MODES, n, e) ||
	    core_rpm_per_file(v, r, CORE_RPM_FLAGS, n, e) ||
	    core_rpm_per_file(v, r, CORE_RPM_DIRINDEXES, n, e))
		return -1;
	if (r->tag[CORE_RPM_COLORS].count && core_rpm_per_file(v, r, CORE_RPM_COLORS, n, e))
		return -1;
	r->files = n;
	if (!n)
		return 0;
	if (!r->tag[CORE_RPM_DIRNAMES].count)
		return core_fail(e, v, DIGLIM_E_RPM_TAG, CORE_RPM_INTRO_LEN);
	if (!algo->count) /* MD5 */
		return core_fail(e, v, DIGLIM_E_ALGO, CORE_RPM_INTRO_LEN);
	p = core_at(v, algo->off, 4);
	if (!p || core_get_be32(p) != CORE_RPM_ALGO_SHA256)
		return core_fail(e, v, DIGLIM_E_ALGO, algo->off);
	return core_rpm_dirs(v, r, e);
}

/* Checks the header at the start of @v; bytes behind it are the caller's. */
CORE_INLINE int core_rpm_open(const struct core_view *v, struct core_rpm *r, struct core_err *e)
{
	if (core_rpm_index(v, r, e) || core_rpm_check(v, r, e))
		return -1;
	r->next = 0;
	r->cursor = r->tag[CORE_RPM_DIGESTS].off;
	r->name = r->tag[CORE_RPM_BASENAMES].off;
	return 0;
}

/* Item @i of the INT32 tag @slot; 0 if it is not there. */
CORE_INLINE __u32 core_rpm_int32(const struct core_view *v, const struct core_rpm *r, __u32 slot,
				 __u32 i)
{
	const __u8 *p;

	if (i >= r->tag[slot].count)
		return 0;
	p = core_at(v, r->tag[slot].off + 4 * i, 4);
	return p ? core_get_be32(p) : 0;
}

/* Documentation is never run, even where it carries an execute bit (samples). */
CORE_INLINE __u32 core_rpm_use(const struct core_view *v, const struct core_rpm *r, __u32 i,
			       __u32 dir, __u32 mode, __u32 flags)
{
	__u32 use = 0;

	if (flags & CORE_RPM_FILE_DOC)
		return DIGLIM_USE_DATA;
	/* Directories beyond the limit have no class: their modules and firmware are refused. */
	if (dir < CORE_RPM_DIRS_MAX)
		use = r->dir_use[core_below(dir, CORE_RPM_DIRS_MAX)] & ~CORE_RPM_DIR_UNDER;
	if (mode & CORE_MODE_EXEC || core_rpm_int32(v, r, CORE_RPM_COLORS, i) ||
	    core_is_text_name(r->stem.tail))
		use |= DIGLIM_USE_EXEC;
	return use ? use : DIGLIM_USE_DATA;
}

/* Reads the base name of the next file. */
CORE_INLINE int core_rpm_basename(const struct core_view *v, struct core_rpm *r, struct core_err *e)
{
	__u32 len = core_stem_read(v, r->name, r->tag[CORE_RPM_BASENAMES].end, &r->stem);

	if (!len)
		return core_fail(e, v, DIGLIM_E_RPM_INDEX, r->name);
	r->name += len;
	return 0;
}

/*
 * The next file: 1 with @d set, 2 for a file without digest, 0 after the last, -1 with @e set.
 * A digest is 64 lower-case hexadecimal digits, the only form rpm writes. Only regular files have
 * one; that of a ghost (older rpm records it) is of a file that the package does not bring.
 */
CORE_INLINE int core_rpm_next(const struct core_view *v, struct core_rpm *r, struct core_digest *d,
			      struct core_err *e)
{
	__u32 i = r->next, cur = r->cursor, dir, flags, mode;
	const __u8 *p;

	if (i >= r->files)
		return 0;
	p = core_at(v, r->tag[CORE_RPM_MODES].off + 2 * i, 2);
	mode = p ? core_get_be16(p) : 0;
	flags = core_rpm_int32(v, r, CORE_RPM_FLAGS, i);
	dir = core_rpm_int32(v, r, CORE_RPM_DIRINDEXES, i);
	if (dir >= r->tag[CORE_RPM_DIRNAMES].count)
		return core_fail(e, v, DIGLIM_E_RPM_INDEX, r->tag[CORE_RPM_DIRINDEXES].off + 4 * i);
	r->next = i + 1;
	if (core_rpm_basename(v, r, e))
		return -1;
	p = core_at(v, cur, 1);
	if (!p || cur >= r->tag[CORE_RPM_DIGESTS].end)
		return core_fail(e, v, DIGLIM_E_RPM_INDEX, cur);
	if (!*p) {
		r->cursor = cur + 1;
		return 2;
	}
	p = core_at(v, cur, CORE_HEX_SHA256 + 1);
	if (!p || cur + CORE_HEX_SHA256 >= r->tag[CORE_RPM_DIGESTS].end || p[CORE_HEX_SHA256] ||
	    core_hex_sha256(p, d->value))
		return core_fail(e, v, DIGLIM_E_DIGEST_LEN, cur);
	r->cursor = cur + CORE_HEX_SHA256 + 1;
	if (flags & CORE_RPM_FILE_GHOST)
		return 2;
	if ((mode & CORE_MODE_TYPE) != CORE_MODE_REGULAR)
		return core_fail(e, v, DIGLIM_E_VALUE, r->tag[CORE_RPM_MODES].off + 2 * i);
	d->use = core_rpm_use(v, r, i, dir, mode, flags);
	d->kinds = 0;
	if (mode & CORE_MODE_EXEC && d->use & DIGLIM_USE_EXEC)
		core_digest_mark(d, &r->stem);
	d->verity = 0;
	d->under = 0;
	if (dir < CORE_RPM_DIRS_MAX)
		d->under = r->dir_use[core_below(dir, CORE_RPM_DIRS_MAX)] / CORE_RPM_DIR_UNDER;
	d->index = i;
	d->off = v->start + cur;
	return 1;
}

#endif
