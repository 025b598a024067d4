/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "init.h"

#define ASIDE "/.diglim-bpf"
#define BPFFS "/sys/fs/bpf"

static bool is_type(const char *path, long type)
{
	struct statfs s;

	return !statfs(path, &s) && (long)s.f_type == type;
}

static void ensure(const struct boot *b, const char *path, const char *type, long magic,
		   unsigned long flags, const char *data)
{
	if (is_type(path, magic))
		return;
	(void)mkdir(path, 0755);
	if (mount(type, path, type, flags, data))
		say(b, "%s: %s", path, strerror(errno));
}

void mounts_prepare(const struct boot *b)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	ensure(b, "/proc", "proc", PROC_SUPER_MAGIC, safe, NULL);
	ensure(b, "/sys", "sysfs", SYSFS_MAGIC, safe, NULL);
	if (b->stage != STAGE_LATE) {
		ensure(b, "/dev", "devtmpfs", TMPFS_MAGIC, MS_NOSUID, "mode=0755");
		ensure(b, "/run", "tmpfs", TMPFS_MAGIC, MS_NOSUID | MS_NODEV, "mode=0755");
	}
	ensure(b, "/sys/kernel/security", "securityfs", SECURITYFS_MAGIC, safe, NULL);
	ensure(b, BPFFS, "bpf", BPF_FS_MAGIC, safe, "mode=0700");
	if (is_type(ASIDE, BPF_FS_MAGIC)) {
		struct err e = {0};

		if (mounts_take_back(&e))
			say(b, "%s", e.text);
	}
}

static int move(const char *from, const char *to, struct err *e)
{
	if (mount(from, to, NULL, MS_MOVE, NULL))
		return err_set(e, -errno, "moving %s to %s: %s", from, to, strerror(errno));
	return 0;
}

int mounts_put_aside(struct err *e)
{
	static const char *const own[] = {"/run", "/dev", "/sys", "/proc"};

	if (mkdir(ASIDE, 0700) && errno != EEXIST)
		return err_set(e, -errno, "%s: %s", ASIDE, strerror(errno));
	if (move(BPFFS, ASIDE, e))
		return e->code;
	/* The initramfs mounts its own, and the kernel refuses the same on top of each other. */
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		(void)umount2(own[i], MNT_DETACH);
	return 0;
}

int mounts_take_back(struct err *e)
{
	/* An empty one that the initramfs has mounted meanwhile. */
	if (is_type(BPFFS, BPF_FS_MAGIC))
		(void)umount2(BPFFS, MNT_DETACH);
	return move(ASIDE, BPFFS, e);
}
