/* SPDX-License-Identifier: GPL-2.0-only */
/* [policy] immutable: what a list calls immutable (DIGLIM_USE_IMMUTABLE) is not written to. */
#ifndef DIGLIM_BPF_IMMUTABLE_H
#define DIGLIM_BPF_IMMUTABLE_H

#include "verdict.h"

/*
 * Could a loaded list mean this file? Only where content stays as it was written: the files of
 * procfs, sysfs and their like must not be read to find out; network file systems and FUSE promise
 * nothing about content anyway. An empty file has no content that could stay.
 */
static __always_inline bool immutable_may_be(struct inode *inode)
{
	struct diglim_status *st = status_get();
	unsigned long magic = inode->i_sb->s_magic;

	if (!st || !st->immutable)
		return false;
	if ((inode->i_mode & S_IFMT) != S_IFREG || inode->i_size <= 0)
		return false;
	return fs_is_local(magic) || magic == OVERLAYFS_MAGIC;
}

/* What a deny list names need not stay. */
static __always_inline bool immutable_digest(struct judge *j)
{
	j->found = store_uses(j->digest);
	return (j->found & (DIGLIM_USE_IMMUTABLE | DIGLIM_FOUND_DENIED)) == DIGLIM_USE_IMMUTABLE;
}

/*
 * For hooks that cannot hash. @s may be NULL. @unopened: nobody has opened the file for this, so
 * that nothing has hashed it.
 */
static __always_inline __u32 immutable_known(struct judge *j, struct inode *inode,
					     struct inode_state *s, bool unopened)
{
	if (!(j->flags & DIGLIM_CONTROL_IMMUTABLE) || !immutable_may_be(inode))
		return DIGLIM_REASON_VOUCHED;
	j->has_digest = s && inode_digest_get(s, j->digest);
	if (!j->has_digest)
		return unopened ? DIGLIM_REASON_NOT_JUDGED : DIGLIM_REASON_VOUCHED;
	return immutable_digest(j) ? DIGLIM_REASON_IMMUTABLE : DIGLIM_REASON_VOUCHED;
}

#endif
