/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Digest cache: the digest of a file's content, kept with its inode for as long as nothing can have
 * changed the content.
 *
 * Every write access raises `writes`. A digest is stored together with the number of write accesses
 * before it was computed and is good only while that number stands, so a digest of older content
 * can never be taken for one of newer content, however the hashing and the writing interleave.
 */
#ifndef DIGLIM_BPF_INODE_H
#define DIGLIM_BPF_INODE_H

#include "maps.h"

/*
 * The state of an inode, made if there is none. The kernel gives no state to the loser when two
 * make the first one at once (-EAGAIN for the inode's first storage of all, -EEXIST for the first
 * of this map; bpf_local_storage_update()), and finds the winner's when asked again.
 */
static __always_inline struct inode_state *inode_state_make(struct inode *inode)
{
	struct inode_state *s = NULL;

	for (int i = 0; i < 3 && !s; i++)
		s = bpf_inode_storage_get(&inodes, inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return s;
}

static __always_inline int inode_writers(struct inode *inode)
{
	return *(volatile int *)&inode->i_writecount.counter;
}

static __always_inline bool inode_has_writer(struct inode *inode)
{
	return inode_writers(inode) > 0;
}

/*
 * The descriptor that memfd_create(2) returns writes without being in i_writecount and without a
 * hook: only a seal says that nobody can. The same mount holds System V shared memory.
 */
static __always_inline bool inode_in_memory_writable(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	struct shmem_inode_info *info;

	if (!(sb->s_flags & SB_KERNMOUNT))
		return false;
	if (sb->s_magic != 0x01021994) /* hugetlbfs has seals elsewhere */
		return true;
	info = (void *)inode - bpf_core_field_offset(struct shmem_inode_info, vfs_inode);
	return !(BPF_CORE_READ(info, seals) & F_SEAL_WRITE);
}

/* Readers are counted where IMA is built in. */
static __always_inline bool inode_has_reader(struct inode *inode)
{
	return !bpf_core_field_exists(inode->i_readcount) ||
	       BPF_CORE_READ(inode, i_readcount.counter) > 0;
}

/*
 * IMA, if its policy makes it collect a digest, drops that only when the last descriptor that could
 * write is closed and the version of the inode moved (ima_check_last_writer() in
 * security/integrity/ima/ima_main.c). It keeps a wrong one after a change of size without such a
 * descriptor, when two of them are closed at once, and when it collected while somebody was
 * writing: the version moves before the data. It collects for those who open to read, or have it
 * open. False if this cannot be remembered.
 */
static __always_inline bool inode_doubt_ima(struct inode *inode)
{
	struct inode_state *s;

	if ((inode->i_mode & S_IFMT) != S_IFREG)
		return true;
	s = inode_state_make(inode);
	if (s && !(s->flags & INODE_UNSURE))
		__sync_fetch_and_or(&s->flags, INODE_UNSURE);
	return s;
}

/* Was content exchanged, in a way that moves no version, since it was opened for writing? */
static __always_inline bool inode_exchanged(const struct inode_state *s)
{
	return s->flags & INODE_REOPENED && s->moves != *(volatile __u32 *)&content_moves;
}

/* The only writer opens a file that IMA knows. False if this cannot be remembered. */
static __always_inline bool inode_reopen(struct inode *inode)
{
	struct inode_state *s;

	if ((inode->i_mode & S_IFMT) != S_IFREG)
		return true;
	s = inode_state_make(inode);
	if (!s)
		return false;
	__sync_fetch_and_or(&s->flags, inode_exchanged(s) ? INODE_UNSURE : INODE_REOPENED);
	s->moves = *(volatile __u32 *)&content_moves;
	return true;
}

/* May IMA keep a wrong digest of it, as far as what happens in its file system goes? */
static __always_inline bool inode_ima_doubted(struct inode *inode, const struct inode_state *s)
{
	return inode->i_flags & S_IMA && (s->flags & INODE_UNSURE || inode_exchanged(s));
}

static __always_inline __u64 inode_writes(const struct inode_state *s)
{
	return *(volatile __u64 *)&s->writes;
}

static __always_inline bool inode_digest_valid(const struct inode_state *s)
{
	__u64 epoch = *(volatile __u64 *)&s->epoch;

	return epoch && epoch == inode_writes(s) + 1;
}

/* Copies the digest out. False if there is none, or if it changed under the copying. */
static __always_inline bool inode_digest_get(const struct inode_state *s, __u8 *to)
{
	__u64 epoch = *(volatile __u64 *)&s->epoch;

	if (!epoch || epoch != inode_writes(s) + 1)
		return false;
	__builtin_memcpy(to, s->digest, DIGLIM_DIGEST_SIZE);
	return *(volatile __u64 *)&s->epoch == epoch && inode_writes(s) + 1 == epoch;
}

/*
 * Keeps @digest, computed when inode_writes() was @writes. One at a time; who comes second has a
 * digest of the same content or an outdated one, and leaves it.
 */
static __always_inline void inode_digest_set(struct inode_state *s, const __u8 *digest,
					     __u64 writes)
{
	if (__sync_fetch_and_or(&s->flags, INODE_BUSY) & INODE_BUSY)
		return;
	if (!inode_digest_valid(s) && inode_writes(s) == writes) {
		*(volatile __u64 *)&s->epoch = 0;
		__builtin_memcpy(s->digest, digest, DIGLIM_DIGEST_SIZE);
		__sync_lock_test_and_set(&s->epoch, writes + 1);
	}
	__sync_fetch_and_and(&s->flags, ~INODE_BUSY);
}

/*
 * Begins a judgement: the number of write accesses so far, read before the caller looks at
 * i_writecount, with a barrier between. A writer who comes later raises first the one, then the
 * other.
 */
static __always_inline __u64 inode_begin(struct inode_state *s)
{
	return __sync_fetch_and_add(&s->writes, 0);
}

/*
 * Ends it: marks the inode as used by permission and says whether the permission still stands.
 * Together with the hook of a writer this leaves no gap: the writer raises i_writecount before it
 * looks for the mark; we set the mark before we look at i_writecount; and one who has come and gone
 * since inode_begin() is seen in the number of write accesses.
 */
static __always_inline bool inode_use(struct inode *inode, struct inode_state *s, __u64 writes)
{
	if (!(s->flags & INODE_USED))
		__sync_fetch_and_or(&s->flags, INODE_USED);
	return !inode_has_writer(inode) && inode_writes(s) == writes;
}

#endif
