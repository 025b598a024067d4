/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Following what lies below a file system (device.h).
 *
 * sb_free_security   another may take its place in memory, and must not be taken for it
 */
#include "device.h"

#define DEVICE_DEPTH   32 /* devices below one file system */
#define DEVICE_SLAVES  16 /* of one of them */
#define LOOP_MAJOR     7
#define LOOP_READ_ONLY 1

/* What a device in the walk is, in the low bits of its address: below, or ... */
#define WALK_WHOLE  1ULL /* the whole disk of one that is below */
#define WALK_BESIDE 2ULL /* a partition that shares sectors with one that is below */
#define WALK_ROLE   3ULL

/* How often one verdict waits for another's walk, and for how many looks at it. */
#define WALK_TRIES 8
#define WALK_WAIT  (1 << 16)

/* The one walk that is under way, too large for the stack: the devices to be looked at. */
static struct {
	__u64 sb;
	__u64 dev; /* its own number */
	__u64 bdev[DEVICE_DEPTH];
	__u32 count;
	__u32 busy;
	__u32 unsteady; /* something was found; all the rest is entered nevertheless */
	__u32 writer;	/* among it somebody who has it open for writing */
	__u32 full;	/* there was no room to enter it */
} walk;

/*
 * 1 if nobody can have it open for writing: none of those who were seen to open it so is left. Once
 * some were not remembered, only if it has no more openers than @users, whom the kernel holds it
 * for.
 */
__noinline int device_quiet(__u64 bdev_addr, __u32 users)
{
	struct block_device *bdev = (void *)bdev_addr;
	struct device_key k = {.dev = BPF_CORE_READ(bdev, bd_dev)};
	struct device_state *st = bpf_map_lookup_elem(&devices, &k);
	bool forgot = *(volatile __u32 *)&device_forgot;

	if (!st)
		return 0;
	forgot |= *(volatile __u32 *)&st->crowded;
	if (device_written(k.dev, 0) ||
	    (forgot && BPF_CORE_READ(bdev, bd_openers.counter) > (int)users)) {
		walk.writer = 1;
		return 0;
	}
	return !forgot ||
	       bpf_ktime_get_boot_ns() - *(volatile __u64 *)&st->opened_ns > DEVICE_GRACE_NS;
}

/* Servers in user space answer for these. */
static __always_inline bool is_remote(struct gendisk *disk)
{
	char name[4] = "";

	bpf_probe_read_kernel(name, sizeof(name), disk->disk_name);
	return (name[0] == 'n' && name[1] == 'b' && name[2] == 'd') ||
	       (name[0] == 'u' && name[1] == 'b' && name[2] == 'l' && name[3] == 'k');
}

static __always_inline bool entered(__u64 dev, __u64 ino)
{
	int r = device_enter(walk.sb, walk.dev, dev, ino);

	if (r < 0)
		walk.full = 1;
	return r > 0;
}

static __always_inline void push(__u64 bdev)
{
	__u32 n = walk.count;

	walk.count = n + 1;
	asm volatile("" : "+r"(n));
	if (n < DEVICE_DEPTH)
		walk.bdev[n] = bdev;
}

/*
 * The file behind a loop device: whoever writes has raised i_writecount before our hook sees him. A
 * function of its own, so that a kernel that does not know the type yet never gets to see it.
 */
static __noinline void loop_below(struct gendisk *disk)
{
	struct loop_device *lo = BPF_CORE_READ(disk, private_data);
	struct inode *inode = BPF_CORE_READ(lo, lo_backing_file, f_inode);
	int writers = BPF_CORE_READ(lo, lo_flags) & LOOP_READ_ONLY ? 0 : 1;
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);

	if (!sb || !fs_is_local(BPF_CORE_READ(sb, s_magic)) ||
	    !entered(BPF_CORE_READ(sb, s_dev), BPF_CORE_READ(inode, i_ino)))
		walk.unsteady = 1;
	if (BPF_CORE_READ(inode, i_writecount.counter) > writers)
		walk.unsteady = walk.writer = 1;
	if (BPF_CORE_READ(sb, s_bdev))
		push((__u64)BPF_CORE_READ(sb, s_bdev));
}

/* The device below that a member of the list stands for. */
static __always_inline __u64 slave_of(void *at)
{
	struct bd_holder_disk *h = at - bpf_core_field_offset(struct bd_holder_disk, list);
	struct kobject *parent;

	if (bpf_core_field_exists(struct bd_holder_disk, bdev))
		return (__u64)BPF_CORE_READ(h, bdev);
	/* Since 6.2: its folder "holders". */
	parent = BPF_CORE_READ(h, holder_dir, parent);
	return (__u64)parent - bpf_core_field_offset(struct block_device, bd_device) -
	       bpf_core_field_offset(struct device, kobj);
}

/* How far a list of the kernel's was followed. */
struct list_walk {
	__u64 head, at;
};

static long slave_step(__u32 i, struct list_walk *w)
{
	struct list_head *at = (void *)w->at;

	if (!at || w->at == w->head)
		return 1;
	push(slave_of(at));
	w->at = (__u64)BPF_CORE_READ(at, next);
	return 0;
}

/* What device mapper or md made a device of, in kernels that can have them. */
static __noinline void slaves_below(struct gendisk *disk)
{
	struct list_head *head = (void *)disk + bpf_core_field_offset(struct gendisk, slave_bdevs);
	struct list_walk w = {.head = (__u64)head, .at = (__u64)BPF_CORE_READ(head, next)};

	if (w.at && w.at != w.head)
		device_mapped = 1;
	bpf_loop(DEVICE_SLAVES, slave_step, &w, 0);
	if (w.at != w.head)
		walk.count = DEVICE_DEPTH + 1;
}

static __always_inline bool overlap(struct block_device *a, struct block_device *b)
{
	__u64 a_start = BPF_CORE_READ(a, bd_start_sect), b_start = BPF_CORE_READ(b, bd_start_sect);

	return a_start < b_start + BPF_CORE_READ(b, bd_nr_sectors) &&
	       b_start < a_start + BPF_CORE_READ(a, bd_nr_sectors);
}

struct beside {
	struct xa_node *node;
	struct block_device *bdev, *whole;
};

static long beside_step(__u32 i, struct beside *b)
{
	struct xa_node *node = b->node;
	struct block_device *other = NULL;

	if (i >= bpf_core_field_size(node->slots) / sizeof(void *))
		return 1;
	bpf_core_read(&other, sizeof(other), &node->slots[i]);
	if (other && other != b->bdev && other != b->whole && overlap(b->bdev, other))
		push((__u64)other | WALK_BESIDE);
	return 0;
}

/* The whole disk of a partition, and the partitions that share sectors with @bdev. */
static __noinline void push_beside(struct gendisk *disk, struct block_device *bdev)
{
	__u64 head = (__u64)BPF_CORE_READ(disk, part_tbl.xa_head);
	struct xa_node *node = (void *)(head & ~3ULL);
	struct beside b = {
		.node = node,
		.bdev = bdev,
		.whole = BPF_CORE_READ(disk, part0),
	};

	if (b.whole != bdev)
		push((__u64)b.whole | WALK_WHOLE);
	/* A disk without partitions has no node; more than a node's worth are not looked through.
	 */
	if (!(head & 2))
		return;
	if (BPF_CORE_READ(node, shift))
		walk.unsteady = 1;
	bpf_loop(bpf_core_field_size(node->slots) / sizeof(void *), beside_step, &b, 0);
}

/*
 * How many openers a device may have. Whoever holds a whole disk counts twice
 * (bd_finish_claiming() in block/bdev.c); a partition that shares sectors must not be in use.
 */
static __always_inline __u32 users_of(struct block_device *bdev, struct gendisk *disk, __u32 role)
{
	__u32 held = BPF_CORE_READ(bdev, bd_holders);

	if (role == WALK_WHOLE)
		return BPF_CORE_READ(disk, open_partitions);
	if (role == WALK_BESIDE) {
		if (held)
			walk.unsteady = 1;
		return 0;
	}
	return BPF_CORE_READ(disk, part0) == bdev ? held / 2 : held;
}

/* Enters the file system for one device and pushes those below and beside. */
__noinline int device_below(__u64 entry)
{
	struct block_device *bdev = (void *)(entry & ~WALK_ROLE);
	struct gendisk *disk = BPF_CORE_READ(bdev, bd_disk);
	__u32 role = entry & WALK_ROLE;

	if (is_remote(disk))
		walk.unsteady = 1;
	if (!entered(BPF_CORE_READ(bdev, bd_dev), 0) ||
	    !device_quiet((__u64)bdev, users_of(bdev, disk, role)))
		walk.unsteady = 1;
	if (role)
		return 0;
	push_beside(disk, bdev);
	if (bpf_core_field_exists(struct gendisk, slave_bdevs))
		slaves_below(disk);
	if (BPF_CORE_READ(disk, major) != LOOP_MAJOR)
		return 0;
	if (bpf_core_type_exists(struct loop_device))
		loop_below(disk);
	else
		walk.unsteady = 1;
	return 0;
}

static long btrfs_step(__u32 i, struct list_walk *w)
{
	struct list_head *at = (void *)w->at;
	struct btrfs_device *device;

	if (!at || w->at == w->head)
		return 1;
	device = (void *)at - bpf_core_field_offset(struct btrfs_device, dev_list);
	push((__u64)BPF_CORE_READ(device, bdev));
	w->at = (__u64)BPF_CORE_READ(at, next);
	return 0;
}

/*
 * btrfs names none of its devices in the super block. A function of its own, so that a kernel that
 * does not know the types never gets to see it.
 */
static __noinline void btrfs_below(struct super_block *sb)
{
	struct btrfs_fs_info *info = BPF_CORE_READ(sb, s_fs_info);
	struct btrfs_fs_devices *all = BPF_CORE_READ(info, fs_devices);
	struct list_head *head =
		(void *)all + bpf_core_field_offset(struct btrfs_fs_devices, devices);
	struct list_head *seeds =
		(void *)all + bpf_core_field_offset(struct btrfs_fs_devices, seed_list);
	struct list_walk w = {.head = (__u64)head, .at = (__u64)BPF_CORE_READ(head, next)};

	bpf_loop(DEVICE_SLAVES, btrfs_step, &w, 0);
	if (w.at != w.head || !walk.count || BPF_CORE_READ(seeds, next) != seeds)
		walk.unsteady = 1;
}

/* The devices that the file system itself names. */
static __always_inline void walk_start(struct super_block *sb, __u64 dev)
{
	struct block_device *bdev = BPF_CORE_READ(sb, s_bdev);

	walk.sb = (__u64)sb;
	walk.dev = dev;
	walk.count = 0;
	walk.unsteady = walk.writer = walk.full = 0;
	if (bdev)
		push((__u64)bdev);
	else if (bpf_core_type_exists(struct btrfs_fs_info) &&
		 BPF_CORE_READ(sb, s_magic) == BTRFS_SUPER_MAGIC)
		btrfs_below(sb);
	else
		walk.unsteady = 1;
}

/* True if all of them are steady. */
static __always_inline bool walk_down(struct super_block *sb, __u64 dev)
{
	walk_start(sb, dev);
	for (__u32 i = 0; i < DEVICE_DEPTH; i++) {
		if (i >= walk.count)
			break;
		device_below(walk.bdev[i]);
	}
	return walk.count <= DEVICE_DEPTH && !walk.unsteady;
}

static long walk_ended(__u32 i, void *ctx)
{
	return !*(volatile __u32 *)&walk.busy;
}

/* Another verdict's walk is short and does not sleep; a false answer would be a false refusal. */
static __always_inline bool walk_claim(void)
{
	for (int i = 0; i < WALK_TRIES; i++) {
		if (!__sync_lock_test_and_set(&walk.busy, 1))
			return true;
		bpf_loop(WALK_WAIT, walk_ended, NULL, 0);
	}
	return false;
}

/* Who could not be entered when he opened is in the kernel's own count by then. */
static __always_inline bool device_is_blind(void)
{
	__u64 since = *(volatile __u64 *)&device_blind;

	return since && bpf_ktime_get_boot_ns() - since <= DEVICE_GRACE_NS;
}

__noinline int device_check(__u64 sb_addr)
{
	struct super_block *sb = (void *)sb_addr;
	struct block_device *bdev = BPF_CORE_READ(sb, s_bdev);
	__u64 opens = *(volatile __u64 *)&device_opens, dev = BPF_CORE_READ(sb, s_dev);
	struct device_key k = {.dev = bdev ? BPF_CORE_READ(bdev, bd_dev) : dev};
	struct device_state *st;
	bool steady, writer;

	if (device_is_blind() || !walk_claim())
		return 0;
	steady = walk_down(sb, dev);
	/* Here and not where the room is missing: callers may be eight deep (MAX_CALL_FRAMES). */
	if (!steady && walk.full) {
		device_sweep();
		steady = walk_down(sb, dev);
	}
	writer = walk.writer;
	__sync_lock_test_and_set(&walk.busy, 0);
	st = device_entry(&k);
	if (st && writer)
		st->doubted_sb = sb_addr;
	if (!steady || !st)
		return 0;
	st->checked_sb = sb_addr;
	st->checked_at = opens + 1;
	return 1;
}

SEC("lsm/sb_free_security")
int BPF_PROG(diglim_sb_free, struct super_block *sb)
{
	__sync_fetch_and_add(&device_opens, 1);
	return 0;
}
