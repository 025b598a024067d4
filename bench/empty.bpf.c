/* SPDX-License-Identifier: GPL-2.0-only */
/* What every BPF LSM program costs, whatever it does. */
#include "../bpf/kernel.h"

char LICENSE[] SEC("license") = "GPL";

SEC("lsm/file_open")
int BPF_PROG(empty_open, struct file *file, int ret)
{
	return ret ? earlier_answer(ret) : 0;
}

SEC("lsm.s/mmap_file")
int BPF_PROG(empty_mmap, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	return ret ? earlier_answer(ret) : 0;
}

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(empty_exec, struct linux_binprm *bprm, int ret)
{
	return ret ? earlier_answer(ret) : 0;
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(empty_interp, struct linux_binprm *bprm, int ret)
{
	return ret ? earlier_answer(ret) : 0;
}
