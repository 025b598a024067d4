/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel itself loads: modules, firmware, kexec images, policies, certificates.
 *
 * kernel_read_file   from a file, which is judged for the matching use
 * kernel_load_data   from memory: there is nothing to judge, hence refused
 */
#include "verdict.h"

/* The numbers moved between versions, so the running kernel's are taken. */
static __always_inline __u32 use_of(enum kernel_read_file_id id)
{
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_FIRMWARE))
		return DIGLIM_USE_FIRMWARE;
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return DIGLIM_USE_MODULE;
	if (bpf_core_enum_value_exists(enum kernel_read_file_id, READING_MODULE_COMPRESSED) &&
	    id == bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE_COMPRESSED))
		return DIGLIM_USE_MODULE;
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_IMAGE) ||
	    id == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_INITRAMFS))
		return DIGLIM_USE_KEXEC;
	return DIGLIM_USE_DATA;
}

SEC("lsm.s/kernel_read_file")
int BPF_PROG(diglim_read_file, struct file *file, enum kernel_read_file_id id, bool contents,
	     int ret)
{
	bool none = is_null(file);
	struct event_facts f;
	__u32 reason;
	struct judge j;

	if (ret)
		return earlier_answer(ret);
	if (!judge_start(&j, DIGLIM_HOOK_READ_FILE, use_of(id)))
		return 0;
	if (none || !file)
		reason = DIGLIM_REASON_NO_FILE;
	else if (!contents)
		reason = DIGLIM_REASON_PARTIAL_READ;
	else
		reason = verdict_of(&j, file);
	if (verdict_answer(&j, reason, &ret, &f)) {
		if (none || !file)
			event_dentry(&f, NULL);
		else
			event_file(&f, file);
	}
	return ret;
}

SEC("lsm/kernel_load_data")
int BPF_PROG(diglim_load_data, enum kernel_load_data_id id, bool contents, int ret)
{
	struct event_facts f;
	struct judge j;

	if (ret)
		return earlier_answer(ret);
	if (!judge_start(&j, DIGLIM_HOOK_LOAD_DATA, DIGLIM_USE_ALL))
		return 0;
	if (verdict_answer(&j, DIGLIM_REASON_NO_FILE, &ret, &f))
		event_dentry(&f, NULL);
	return ret;
}
