/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Puts a breakpoint (uprobe) into a program.
 *
 * usage: uprobe perf|multi PROGRAM
 *
 * Prints "allowed", "refused ERRNO" or "not-attempted STEP: why"; exit status 0, 1 or 2.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "outcome.h"

#define PMU_TYPE     "/sys/bus/event_source/devices/uprobe/type"
#define UPROBE_MULTI 48 /* enum bpf_attach_type of include/uapi/linux/bpf.h, since 6.6 */
#define OFFSET	     0x1000

/* union bpf_attr of BPF_LINK_CREATE for that type; the headers of the build may be older. */
struct multi_attr {
	uint32_t prog, target, attach_type, flags;
	uint64_t path, offsets, ref_ctr_offsets, cookies;
	uint32_t count, multi_flags, pid, reserved;
};

static int probe_perf(const char *program)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.config1 = (uint64_t)(uintptr_t)program,
		.config2 = OFFSET,
	};
	FILE *f = fopen(PMU_TYPE, "re");
	int found = f ? fscanf(f, "%u", &attr.type) : 0;

	if (f)
		fclose(f);
	if (found != 1)
		return not_attempted(PMU_TYPE);
	return said(syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
}

static int probe_multi(const char *program)
{
	static const struct bpf_insn leave[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o,
		    .expected_attach_type = (enum bpf_attach_type)UPROBE_MULTI);
	uint64_t offset = OFFSET;
	struct multi_attr attr = {
		.attach_type = UPROBE_MULTI,
		.path = (uint64_t)(uintptr_t)program,
		.offsets = (uint64_t)(uintptr_t)&offset,
		.count = 1,
	};
	long link;
	int prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "probe", "GPL", leave, 2, &o);

	if (prog < 0)
		return not_attempted("program");
	attr.prog = (uint32_t)prog;
	link = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	/* Older kernels load the program all the same. */
	return link < 0 && errno == EINVAL ? not_attempted("link") : said(link);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "perf"))
		return probe_perf(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "multi"))
		return probe_multi(argv[2]);
	fputs("usage: uprobe perf|multi PROGRAM\n", stderr);
	return 2;
}
