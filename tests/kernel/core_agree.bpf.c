// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parsers of core/ as a program of the host's kernel. The harness puts payload and signature
 * into `input`, runs agree() and compares what it left in `output`.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "../../core/list.h"
#include "../../core/listid.h"
#include "../../core/pkcs7.h"
#include "core_agree.h"

const volatile __u32 core_buffer_size = AGREE_INPUT_MAX;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10); /* BPF_F_MMAPABLE */
	__type(key, __u32);
	__type(value, struct agree_input);
} input SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, 1U << 10);
	__type(key, __u32);
	__type(value, struct agree_output);
} output SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct core_list);
} scratch SEC(".maps");

struct agree_walk {
	struct core_view v;
	struct core_list *l;
	struct agree_output *out;
};

/* One step, its result behind those of the steps before. */
static long agree_step(__u32 i, void *arg)
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
		core_keep(at);
		if (at < AGREE_DIGESTS_MAX)
			out->digest[at] = d;
		return 0;
	}
	out->next_err = e;
	return out->next != 2;
}

SEC("syscall")
int agree(void *ctx)
{
	__u32 zero = 0;
	struct agree_input *in = bpf_map_lookup_elem(&input, &zero);
	struct agree_output *out = bpf_map_lookup_elem(&output, &zero);
	struct core_list *l = bpf_map_lookup_elem(&scratch, &zero);
	struct agree_walk w = {};

	(void)ctx;
	if (!in || !out || !l)
		return 1;
	w.v.data = in->data;
	w.v.len = in->payload_len;
	w.l = l;
	w.out = out;
	out->digests = 0;
	out->calls = 0;
	out->next = 0;
	out->next_err.code = 0;
	out->next_err.off = 0;
	out->open = core_list_open(&w.v, l, &out->open_err);
	out->format = l->format;
	if (!out->open) {
		out->steps = l->steps;
		out->trailer = l->trailer;
		__builtin_memcpy(out->name, l->name, sizeof(out->name));
		bpf_loop(l->steps, agree_step, &w, 0);
	}
	core_listid(&w.v, out->id);
	return 0;
}

/* The same bytes taken as a signature. */
SEC("syscall")
int agree_pkcs7(void *ctx)
{
	__u32 zero = 0;
	struct agree_input *in = bpf_map_lookup_elem(&input, &zero);
	struct agree_output *out = bpf_map_lookup_elem(&output, &zero);
	struct core_view v = {};

	(void)ctx;
	if (!in || !out)
		return 1;
	v.data = in->data;
	v.start = in->start;
	v.len = in->payload_len;
	out->open = core_pkcs7_open(&v, &out->pkcs7, &out->open_err);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
