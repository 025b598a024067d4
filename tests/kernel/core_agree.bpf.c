// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parsers of core/ as programs of the host's kernel. The harness puts bytes into `input`, runs
 * one of the programs and compares what it left in `output`.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define DIGLIM_DEFINE_MAPS
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

SEC("syscall")
int run_list(void *ctx)
{
	__u32 zero = 0;
	struct agree_input *in = bpf_map_lookup_elem(&input, &zero);
	struct agree_output *out = bpf_map_lookup_elem(&output, &zero);
	struct core_list *l = bpf_map_lookup_elem(&scratch, &zero);

	(void)ctx;
	if (!in || !out || !l)
		return 1;
	agree_list(in, l, out);
	return 0;
}

SEC("syscall")
int run_signature(void *ctx)
{
	__u32 zero = 0;
	struct agree_input *in = bpf_map_lookup_elem(&input, &zero);
	struct agree_output *out = bpf_map_lookup_elem(&output, &zero);

	(void)ctx;
	if (!in || !out)
		return 1;
	agree_signature(in, out);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
