/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs-verity: files whose content the kernel itself holds to a digest, checking each block when it
 * is read in. Such a file is known without being hashed.
 *
 * The digest is computed when the inode is opened first, and with it fs-verity's own refusal of
 * every write: an inode in memory has one digest for ever (fs/verity/open.c). Pages that were in
 * the page cache before it got one are thrown away; what may keep some is what INODE_TAINTED is
 * for.
 *
 * Kernels without bpf_get_fsverity_digest() judge by content alone. So are files with SHA-512.
 */
#ifndef DIGLIM_BPF_VERITY_H
#define DIGLIM_BPF_VERITY_H

#include "inode.h"
#include "store.h"
#include "../core/verity.h"

/* What lists say of the fs-verity digest that is kept with the inode; 0: nothing, or there is none.
 */
static __noinline __u32 verity_known(const struct inode_state *s)
{
	struct store_key k = {};

	if (!s || !(s->flags & INODE_VERITY))
		return 0;
	core_verity_key(k.digest, s->verity.digest);
	return store_lookup(&k);
}

/*
 * The same for a file that is open, whose digest is asked for if it is not known. Who comes at the
 * same time writes the same into the same place.
 */
static __noinline __u32 verity_found(struct file *file, struct inode_state *s)
{
	struct bpf_dynptr to;

	if (!s || !(file->f_inode->i_flags & S_VERITY) || !bpf_get_fsverity_digest)
		return 0;
	if (!(s->flags & INODE_VERITY)) {
		if (bpf_dynptr_from_mem(&s->verity, sizeof(s->verity), 0, &to) ||
		    bpf_get_fsverity_digest(file, &to))
			return 0;
		if (s->verity.algorithm != FS_VERITY_HASH_ALG_SHA256 ||
		    s->verity.size != DIGLIM_DIGEST_SIZE)
			return 0;
		__sync_fetch_and_or(&s->flags, INODE_VERITY);
	}
	return verity_known(s);
}

#endif
