/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads test data and takes it through the parser that its suffix names. */
#ifndef DIGLIM_TESTS_UNIT_CORE_WALK_H
#define DIGLIM_TESTS_UNIT_CORE_WALK_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../core/list.h"
#include "../../../core/listid.h"
#include "../../../core/pkcs7.h"

#define WALK_UNUSED static __attribute__((unused))

struct walk {
	struct core_view v;
	struct core_err e;
	struct core_list l;
	__u32 calls; /* of next(), with the last */
	__u32 digests;
	struct core_digest d[64];
	struct core_sigtrailer trailer;
	struct core_pkcs7 pkcs7;
};

/* Exactly as many bytes as there are, so that the sanitizer sees one too far. */
WALK_UNUSED void walk_bytes(struct walk *w, const void *p, size_t n)
{
	__u8 *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memset(w, 0, sizeof(*w));
	memcpy(copy, p, n);
	w->v.data = copy;
	w->v.len = (__u32)n;
}

WALK_UNUSED void walk_free(struct walk *w)
{
	free((void *)(uintptr_t)w->v.data);
	w->v.data = NULL;
}

WALK_UNUSED void walk_file(struct walk *w, const char *name)
{
	static char bytes[65536];
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", DIGLIM_CORE_DATA, name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot read %s", path);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	walk_bytes(w, bytes, n);
}

/* The steps of an opened list or header; what the last one returned. */
WALK_UNUSED int walk_steps(struct walk *w, int bare)
{
	struct core_digest d;
	int ret;

	do {
		memset(&d, 0, sizeof(d));
		ret = bare ? core_rpm_next(&w->v, &w->l.rpm, &d, &w->e)
			   : core_list_next(&w->v, &w->l, &d, &w->e);
		w->calls++;
		if (ret == 1 && w->digests < 64)
			w->d[w->digests++] = d;
	} while (ret > 0);
	return ret;
}

/* 0, or -1 with w->e set. */
WALK_UNUSED int walk_run(struct walk *w, const char *name)
{
	const char *suffix = strrchr(name, '.');

	assert_non_null(suffix);
	if (!strcmp(suffix, ".trailer"))
		return core_sigtrailer_open(&w->v, 0, &w->trailer, &w->e);
	if (!strcmp(suffix, ".p7"))
		return core_pkcs7_open(&w->v, &w->pkcs7, &w->e);
	if (!strcmp(suffix, ".hdr"))
		return core_rpm_open(&w->v, &w->l.rpm, &w->e) ? -1 : walk_steps(w, 1);
	assert_string_equal(suffix, ".payload");
	return core_list_open(&w->v, &w->l, &w->e) ? -1 : walk_steps(w, 0);
}

#endif
