/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks bpf/device.bpf.c about the file system that the caller's working directory lies in. */
#include "device.h"
#include "device_model.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct vfsmount___cwd {
	struct super_block *mnt_sb;
};
struct path___cwd {
	struct vfsmount___cwd *mnt;
};
struct fs_struct___cwd {
	struct path___cwd pwd;
};
struct fdtable___cwd {
	struct file **fd;
};
struct files_struct___cwd {
	struct fdtable___cwd *fdt;
};
struct task_struct___cwd {
	struct fs_struct___cwd *fs;
	struct files_struct___cwd *files;
};
#pragma clang attribute pop

SEC("syscall")
int run_check(struct device_answer *a)
{
	struct task_struct___cwd *task = (void *)bpf_get_current_task();
	struct super_block *sb = BPF_CORE_READ(task, fs, pwd.mnt, mnt_sb);
	struct block_device *bdev = BPF_CORE_READ(sb, s_bdev);

	if (!bdev)
		return 0;
	a->dev = BPF_CORE_READ(bdev, bd_dev);
	a->used_before = device_in_use(a->dev, 0);
	a->steady = device_check((__u64)sb);
	a->used = device_in_use(a->dev, 0);
	return 0;
}

/* As a hook does that lets somebody open the device for writing. */
SEC("syscall")
int run_open(struct device_answer *a)
{
	struct task_struct___cwd *task = (void *)bpf_get_current_task();
	struct device_key k = {.dev = a->dev};
	struct device_state *st = device_opened(&k);
	struct file **open = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), &open[a->fd]);
	if (!st || !file)
		return 1;
	device_note(a->dev, (__u64)file);
	st->opened_ns = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&device_opens, 1);
	return 0;
}
