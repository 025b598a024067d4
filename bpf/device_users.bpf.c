/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who uses a device or backing file (device.h): file systems above it, and open files that may
 * write to it.
 */
#include "device.h"

/*
 * The address of a super block is compared and looked at, not followed: a live one has its memory,
 * and the memory of a dead one no longer says that it has a root and this device number.
 */
static __always_inline bool user_alive(const struct device_user *u)
{
	struct super_block *sb = (void *)u->sb;

	return sb && BPF_CORE_READ(sb, s_root) && BPF_CORE_READ(sb, s_dev) == u->dev;
}

/*
 * Looking through the users of a device, in a loop of the kernel's: it verifies the body once and
 * not for each of them, in each program that can get here.
 */
struct user_search {
	struct device_state *st;
	__u64 sb, dev;		 /* whom to look for, or nobody */
	__u32 same, free, alive; /* 1 + where such a one is, or 0 */
};

static long user_look(__u32 i, struct user_search *s)
{
	struct device_user *u;

	if (i >= DEVICE_USERS)
		return 1;
	u = &s->st->user[i];
	if (s->sb && u->sb == s->sb && u->dev == s->dev) {
		s->same = i + 1;
		return 1;
	}
	if (user_alive(u))
		s->alive = i + 1;
	else if (!s->free)
		s->free = i + 1;
	return s->alive && !s->sb;
}

__noinline int device_in_use(__u64 dev, __u64 ino)
{
	struct device_key k = {.dev = dev, .ino = ino};
	struct user_search s = {.st = bpf_map_lookup_elem(&devices, &k)};

	if (!s.st)
		return 0;
	bpf_loop(DEVICE_USERS, user_look, &s, 0);
	return s.alive != 0;
}

/*
 * The same for an open file: the memory of one that is gone has no references, or is another one's.
 */
static __always_inline bool writer_alive(__u64 addr, __u64 dev)
{
	struct file *file = (void *)addr;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct file___count *counted = (void *)addr;
	struct file___ref *referred = (void *)addr;

	if (!addr || !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE) ||
	    (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFBLK ||
	    BPF_CORE_READ(inode, i_rdev) != dev)
		return false;
	if (bpf_core_field_exists(counted->f_count))
		return BPF_CORE_READ(counted, f_count.counter) > 0;
	return BPF_CORE_READ(referred, f_ref.refcnt.counter) >= 0;
}

__noinline int device_written(__u64 dev, __u64 ino)
{
	struct device_key k = {.dev = dev, .ino = ino};
	struct device_state *st = bpf_map_lookup_elem(&devices, &k);

	for (int i = 0; st && i < DEVICE_WRITERS; i++)
		if (writer_alive(*(volatile __u64 *)&st->writer[i], dev))
			return 1;
	return 0;
}

/* Remembers who is opening the block device for writing, in the place of one who is gone. */
__noinline int device_note(__u64 dev, __u64 file)
{
	struct device_key k = {.dev = dev};
	struct device_state *st = bpf_map_lookup_elem(&devices, &k);
	__u64 old;

	for (int i = 0; st && i < DEVICE_WRITERS; i++) {
		old = *(volatile __u64 *)&st->writer[i];
		if (!writer_alive(old, dev) &&
		    __sync_val_compare_and_swap(&st->writer[i], old, file) == old)
			return 0;
	}
	if (st)
		st->crowded = 1;
	return 0;
}

/* Makes the file system a user, in the place of a dead one. */
static __always_inline bool enter(struct device_state *st, __u64 sb, __u64 dev)
{
	struct user_search s = {.st = st, .sb = sb, .dev = dev};
	__u32 i;

	bpf_loop(DEVICE_USERS, user_look, &s, 0);
	i = s.free - 1;
	if (s.same || i >= DEVICE_USERS)
		return s.same;
	st->user[i].dev = dev;
	__sync_lock_test_and_set(&st->user[i].sb, sb);
	return true;
}

__noinline int device_enter(__u64 sb, __u64 sb_dev, __u64 dev, __u64 ino)
{
	struct device_key k = {.dev = dev, .ino = ino};
	struct device_state *st = device_entry(&k);
	bool in;

	if (!st)
		return -1;
	if (__sync_lock_test_and_set(&st->busy, 1))
		return 0;
	in = enter(st, sb, sb_dev);
	__sync_lock_test_and_set(&st->busy, 0);
	return in && !*(volatile __u64 *)&st->opening;
}

/*
 * Those of which neither a file system nor a writer is alive, and that are not just being opened.
 * A writer that was one too many for its entry is known from the kernel's own count alone from now
 * on (device_quiet()).
 */
static long device_forget(void *map, const struct device_key *k, struct device_state *st, void *ctx)
{
	__u64 opened = *(volatile __u64 *)&st->opened_ns;
	struct device_key key = *k;

	if (*(volatile __u64 *)&st->opening ||
	    bpf_ktime_get_boot_ns() - opened <= DEVICE_GRACE_NS ||
	    device_in_use(key.dev, key.ino) || device_written(key.dev, key.ino))
		return 0;
	if (st->crowded)
		device_forgot = 1;
	bpf_map_delete_elem(&devices, &key);
	return 0;
}

__noinline int device_sweep(void)
{
	bpf_for_each_map_elem(&devices, device_forget, NULL, 0);
	return 0;
}
