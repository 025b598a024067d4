/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel and the host both do with a payload, and where they leave what came of it. */
#ifndef DIGLIM_TESTS_KERNEL_CORE_AGREE_H
#define DIGLIM_TESTS_KERNEL_CORE_AGREE_H

#include "../../core/list.h"
#include "../../core/listid.h"
#include "../../core/pkcs7.h"

#define AGREE_INPUT_MAX	  DIGLIM_INGEST_MAX
#define AGREE_DIGESTS_MAX 32768

struct agree_input {
	__u32 start;
	__u32 len;
	__u8 data[AGREE_INPUT_MAX];
};

struct agree_output {
	int open;
	int next; /* what the last step returned */
	struct core_err open_err;
	struct core_err next_err;
	__u32 format;
	__u32 steps;
	__u32 calls;
	__u32 digests;
	__u8 id[DIGLIM_LIST_ID_SIZE];
	char name[DIGLIM_NAME_MAX];
	struct core_sigtrailer trailer;
	struct core_pkcs7 pkcs7;
	struct core_digest digest[AGREE_DIGESTS_MAX];
};

struct agree_walk {
	struct core_view v;
	struct core_list *l;
	struct agree_output *out;
};

/* One step, its result behind those of the steps before. */
CORE_BODY agree_step(__u32 i, void *arg)
{
	struct agree_walk *w = arg;
	struct agree_output *out = w->out;
	struct core_digest d = {};
	struct core_err e = {};
	__u32 at;

	out->calls = i + 1;
	out->next = core_list_next(&w->v, w->l, &d, &e);
	if (out->next == 1) {
		at = out->digests++;
		if (at < AGREE_DIGESTS_MAX)
			out->digest[core_below(at, AGREE_DIGESTS_MAX)] = d;
		return 0;
	}
	out->next_err = e;
	return out->next != 2;
}

CORE_INLINE void agree_list(const struct agree_input *in, struct core_list *l,
			    struct agree_output *out)
{
	struct agree_walk w = {.l = l, .out = out};

	w.v.data = in->data;
	w.v.start = in->start;
	w.v.len = in->len;
	out->digests = 0;
	out->calls = 0;
	out->next = 0;
	out->next_err = (struct core_err){};
	out->open_err = (struct core_err){};
	out->open = core_list_open(&w.v, l, &out->open_err);
	out->format = l->format;
	if (!out->open) {
		out->steps = l->steps;
		out->trailer = l->trailer;
		__builtin_memcpy(out->name, l->name, sizeof(out->name));
		core_loop(l->steps, agree_step, &w);
	}
	core_listid(&w.v, out->id);
}

/* The same bytes taken as a signature. */
CORE_INLINE void agree_signature(const struct agree_input *in, struct agree_output *out)
{
	struct core_view v = {};

	v.data = in->data;
	v.start = in->start;
	v.len = in->len;
	out->open_err = (struct core_err){};
	out->open = core_pkcs7_open(&v, &out->pkcs7, &out->open_err);
}

#endif
