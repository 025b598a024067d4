/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pins, once sealed: without them the links are gone, and with the links the programs.
 *
 * inode_unlink, inode_rmdir, inode_rename   of pins and their directories; and of the mount points
 *                that carry them, which from another namespace would unmount what is on them
 * sb_umount      of anything that would take the mount of the pins with it, also by propagation
 * sb_mount, move_mount   over the pins; and what could put their mount, or a copy that is linked
 *                with it, on something that is being unmounted
 * sb_remount     of the file system of the pins
 *
 * Changes of mode and owner do not matter: who opens a pin gets no descriptor of a map or program,
 * and nothing can be done with one of a link. Nor does propagation: it is looked at when
 * unmounting.
 */
#include "guard.h"
#include "mounts.h"
#include "task.h"

static __noinline int refuse_name(__u32 duty, struct dentry *dentry)
{
	return guard_refuse(duty, DIGLIM_HOOK_GUARD_PIN, DIGLIM_REASON_SEALED,
			    (const char *)BPF_CORE_READ(dentry, d_name.name));
}

static __always_inline bool is_pin(struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);

	return inode && BPF_CORE_READ(sb, s_magic) == BPF_FS_MAGIC &&
	       guard_knows(DIGLIM_GUARDED_INODE, BPF_CORE_READ(inode, i_ino),
			   BPF_CORE_READ(sb, s_dev));
}

static __noinline int guard_entry(struct dentry *dentry, __u32 directory)
{
	__u32 duty = guard_duty(DIGLIM_HOOK_GUARD_PIN, 0);

	if (!duty || (duty == GUARD_SEALED && !is_pin(dentry) &&
		      !(directory && mount_hides_pins(NULL, dentry))))
		return 0;
	return refuse_name(duty, dentry);
}

SEC("lsm/inode_unlink")
int BPF_PROG(diglim_guard_unlink, struct inode *dir, struct dentry *dentry, int ret)
{
	return ret ? earlier_answer(ret) : guard_entry(dentry, false) ? -EPERM : 0;
}

SEC("lsm/inode_rmdir")
int BPF_PROG(diglim_guard_rmdir, struct inode *dir, struct dentry *dentry, int ret)
{
	return ret ? earlier_answer(ret) : guard_entry(dentry, true) ? -EPERM : 0;
}

SEC("lsm/inode_rename")
int BPF_PROG(diglim_guard_rename, struct inode *old_dir, struct dentry *old_dentry,
	     struct inode *new_dir, struct dentry *new_dentry, int ret)
{
	if (ret)
		return earlier_answer(ret);
	return guard_entry(old_dentry, true) || guard_entry(new_dentry, true) ? -EPERM : 0;
}

SEC("lsm/sb_umount")
int BPF_PROG(diglim_guard_umount, struct vfsmount *mnt, int flags, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_PIN, 0);
	if (!duty || (duty == GUARD_SEALED && !mount_takes_pins(mount_of(mnt))))
		return 0;
	return refuse_name(duty, BPF_CORE_READ(mnt, mnt_root)) ? -EPERM : 0;
}

/*
 * mount(2) names the source of MS_MOVE and MS_BIND only by a path, which means nothing by now. So
 * these are refused where the source could be the pins' mount or linked with it. Not to process 1,
 * which nobody can debug: it moves mounts to the real root, and what it forks moves the credentials
 * of services into place. Nor in an initramfs, whose programs move mounts to the root.
 */
static __always_inline bool entangles(unsigned long flags)
{
	struct internal *in = internal_get();

	if (!(flags & MS_MOVE) && (flags & (MS_BIND | MS_REC)) != (MS_BIND | MS_REC))
		return false;
	if (flags & MS_MOVE && in && in->moving)
		return false;
	return bpf_get_current_pid_tgid() >> 32 != 1 && !(task_uses() & TASK_INIT) &&
	       mount_links_pins();
}

static __always_inline bool hides(const struct path *path, unsigned long flags)
{
	/* In the order in which the kernel looks at them. */
	if (flags & MS_REMOUNT || (flags & MS_PROPAGATION && !(flags & MS_BIND)))
		return false;
	return mount_hides_pins(mount_of(path->mnt), path->dentry);
}

SEC("lsm/sb_mount")
int BPF_PROG(diglim_guard_mount, const char *dev, const struct path *path, const char *type,
	     unsigned long flags, void *data, int ret)
{
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_PIN, 0);
	if (!duty || (duty == GUARD_SEALED && !entangles(flags) && !hides(path, flags)))
		return 0;
	return refuse_name(duty, path->dentry) ? -EPERM : 0;
}

SEC("lsm/move_mount")
int BPF_PROG(diglim_guard_move_mount, const struct path *from, const struct path *to, int ret)
{
	struct internal *in = internal_get();
	struct mount *source, *pins;
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_PIN, 0);
	if (!duty || !in)
		return 0;
	source = mount_of(from->mnt);
	pins = (struct mount *)in->guard_mount;
	/* MOVE_MOUNT_SET_GROUP would give another mount the propagation of this one. */
	if (duty == GUARD_SEALED && !mount_takes_pins(source) &&
	    !mount_reaches(source, BPF_CORE_READ(pins, mnt_parent)) &&
	    !mount_hides_pins(mount_of(to->mnt), to->dentry))
		return 0;
	return refuse_name(duty, to->dentry) ? -EPERM : 0;
}

SEC("lsm/sb_remount")
int BPF_PROG(diglim_guard_remount, struct super_block *sb, void *options, int ret)
{
	struct internal *in = internal_get();
	__u32 duty;

	if (ret)
		return earlier_answer(ret);
	duty = guard_duty(DIGLIM_HOOK_GUARD_PIN, 0);
	if (!duty || !in || (duty == GUARD_SEALED && (__u64)sb != in->guard_sb))
		return 0;
	return guard_refuse(duty, DIGLIM_HOOK_GUARD_PIN, DIGLIM_REASON_SEALED, "bpffs") ? -EPERM
											: 0;
}
