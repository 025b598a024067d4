/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that our programs touch, and no more. CO-RE finds the fields by name in the
 * running kernel's BTF, so only names matter here, not offsets. Types that occur in the prototype
 * of a kfunc need a body: with a forward declaration libbpf leaves a weak kfunc unresolved.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef long long loff_t;
typedef unsigned long size_t;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_INODE_STORAGE = 28,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_NO_PREALLOC = 1,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

/* The kernel's own context of a cgroup/sysctl program. */
struct bpf_sysctl {
	__u32 write;
	__u32 file_pos;
};

struct bpf_dynptr {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct seq_file;
struct bpf_map;

/* include/linux/bpf.h: the contexts of iterators, whose layout is fixed */
struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};
struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* security/keys: argument of the key kfuncs */
struct key_type {
	const char *name;
};
struct key {
	int serial;
	struct key_type *type;
	const char *description;
};
struct bpf_key {
	struct key *key;
	bool has_ref;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	unsigned int val;
} kuid_t;
typedef struct {
	unsigned int val;
} kgid_t;

typedef struct {
	__u64 val;
} kernel_cap_t;

struct user_namespace {
	int level;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kuid_t euid;
	kuid_t fsuid;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

struct kernfs_node {
	const char *name;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup *ancestors[];
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct mnt_namespace {
	struct mount *root;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
};

struct pid_namespace {
	struct task_struct *child_reaper;
	unsigned int level;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
};

struct task_struct {
	unsigned int flags;
	void *io_uring;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	const struct cred *cred;
	struct css_set *cgroups;
	char comm[16];
};

struct qstr {
	u32 len;
	const unsigned char *name;
};

struct list_head {
	struct list_head *next;
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct kobject {
	struct kobject *parent;
};

struct device {
	struct kobject kobj;
};

struct gendisk;

struct block_device {
	__u64 bd_start_sect;
	__u64 bd_nr_sectors;
	struct gendisk *bd_disk;
	atomic_t bd_openers;
	int bd_holders;
	unsigned int bd_dev;
	struct device bd_device;
};

struct gendisk {
	int major;
	char disk_name[32];
	struct xarray part_tbl;
	struct block_device *part0;
	void *private_data;
	unsigned int open_partitions;
	struct list_head slave_bdevs;
};

struct bd_holder_disk {
	struct list_head list;
	struct block_device *bdev;  /* until 6.1 */
	struct kobject *holder_dir; /* later */
};

struct super_block {
	unsigned int s_dev;
	struct dentry *s_root;
	struct block_device *s_bdev;
	unsigned long s_flags;
	unsigned long s_magic;
	void *s_fs_info;
};

/* fs/btrfs/fs.h, volumes.h: in the module's BTF */
struct btrfs_fs_devices {
	struct list_head devices;
	struct list_head seed_list;
};
struct btrfs_fs_info {
	struct btrfs_fs_devices *fs_devices;
};
struct btrfs_device {
	struct list_head dev_list;
	struct block_device *bdev;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_flags;
	unsigned int i_nlink;
	struct super_block *i_sb;
	unsigned int i_rdev;
	unsigned long i_ino;
	loff_t i_size;
	atomic_t i_writecount;
	atomic_t i_readcount;
};

/* include/linux/perf_event.h */
struct pmu {
	const char *name;
};

struct perf_event {
	struct pmu *pmu;
};

/* include/linux/shmem_fs.h */
struct shmem_inode_info {
	unsigned int seals;
	struct inode vfs_inode;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

/* fs/mount.h */
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mount *mnt_master;
	struct mnt_namespace *mnt_ns;
	int mnt_group_id;
};

/* The mounts of a file system are a list until 6.17, then a chain. */
struct mount___list {
	struct list_head mnt_instance;
};
struct super_block___list {
	struct list_head s_mounts;
};
struct mount___chain {
	struct mount *mnt_next_for_sb;
};
struct super_block___chain {
	struct mount *s_mounts;
};

struct mnt_idmap;

/* include/linux/fs.h */
struct iattr {
	unsigned int ia_valid;
	struct file *ia_file;
};

struct file {
	struct inode *f_inode;
	unsigned int f_mode;
	unsigned int f_flags;
	void *private_data;
	struct path f_path;
};

typedef struct {
	long counter;
} atomic_long_t;

/* The references to a file are a count until 6.12, then less by one, and negative when it is dead.
 */
struct file___count {
	atomic_long_t f_count;
};
typedef struct {
	atomic_long_t refcnt;
} file_ref_t;
struct file___ref {
	file_ref_t f_ref;
};

struct mutex {
	atomic_long_t owner;
};

/* drivers/char/tpm/tpm-dev.h */
struct file_priv {
	struct mutex buffer_mutex;
	bool command_enqueued;
};

struct pt_regs;
struct pt_regs___x86 {
	unsigned long orig_ax;
};
struct pt_regs___arm64 {
	int syscallno;
};

/* drivers/block/loop.c */
struct loop_device {
	int lo_flags;
	struct file *lo_backing_file;
};

struct linux_binprm {
	unsigned long p;
	struct file *file;
	struct cred *cred;
	int argc;
	const char *filename;
	const char *interp;
};

struct anon_vma {
	unsigned long num_children;
};

struct vm_area_struct {
	unsigned long vm_flags;
	struct anon_vma *anon_vma;
	struct file *vm_file;
};

struct bpf_map {
	__u32 id;
	char name[16];
};

struct bpf_prog_aux {
	__u32 id;
	char name[16];
};

struct bpf_prog {
	struct bpf_prog_aux *aux;
};

/* Their numbers moved between versions. */
enum key_need_perm {
	KEY_NEED_VIEW = 1,
	KEY_NEED_READ,
	KEY_NEED_WRITE,
	KEY_NEED_SEARCH,
	KEY_DEFER_PERM_CHECK = 10,
};

enum lockdown_reason {
	LOCKDOWN_NONE,
	LOCKDOWN_MODULE_SIGNATURE,
	LOCKDOWN_KEXEC,
	LOCKDOWN_INTEGRITY_MAX,
};

union bpf_attr {
	__u32 map_type;
};

enum kernel_read_file_id {
	READING_UNKNOWN,
	READING_FIRMWARE,
	READING_MODULE,
	READING_KEXEC_IMAGE,
	READING_KEXEC_INITRAMFS,
	READING_POLICY,
	READING_X509_CERTIFICATE,
	READING_MODULE_COMPRESSED,
};

struct socket;
struct sockaddr;

enum kernel_load_data_id {
	LOADING_UNKNOWN,
};

#pragma clang attribute pop

#endif
