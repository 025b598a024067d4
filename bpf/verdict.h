/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place that decides. Hooks gather facts; verdict_of() turns a file and a use into a
 * reason; verdict_answer() turns a reason into the hook's return value, counters and an event.
 */
#ifndef DIGLIM_BPF_VERDICT_H
#define DIGLIM_BPF_VERDICT_H

#include "device.h"
#include "event.h"
#include "inode.h"
#include "store.h"
#include "task.h"
#include "verity.h"

/* What a hook is told about the mode, once per call. */
struct judge {
	__u32 hook;
	__u32 use;
	__u32 mode;	/* enum diglim_mode in force for this task */
	__u32 selftest; /* the task is the self-test, and this is the hook it tests */
	__u64 hash_limit;
	__u32 flags;	  /* DIGLIM_CONTROL_... */
	__u32 scope;	  /* enum diglim_scope */
	__u32 verity;	  /* of the fs-verity digest: what store_lookup() says */
	__u32 found;	  /* of the digests: what store_lookup() says */
	__u32 has_digest; /* enum diglim_digest_kind */
	__u8 digest[DIGLIM_DIGEST_SIZE];
};

/*
 * Hooks that ask whatever the scope says: what the kernel loads, and what would change content that
 * others rely on.
 */
static __always_inline bool hook_is_global(__u32 hook)
{
	switch (hook) {
	case DIGLIM_HOOK_READ_FILE:
	case DIGLIM_HOOK_LOAD_DATA:
	case DIGLIM_HOOK_OPEN_WRITE:
	case DIGLIM_HOOK_TRUNCATE:
	case DIGLIM_HOOK_MMAP_SHARED:
	case DIGLIM_HOOK_DEVICE:
	case DIGLIM_HOOK_IMMUTABLE:
	case DIGLIM_HOOK_SETID: /* has looked at the credentials of the program to be */
		return true;
	}
	return false;
}

static __always_inline bool hook_starts_program(__u32 hook)
{
	return hook == DIGLIM_HOOK_EXEC || hook == DIGLIM_HOOK_INTERP;
}

/*
 * Returns false if there is nothing to judge: mode off or task out of scope, and no self-test of
 * this hook.
 */
static __always_inline bool judge_start(struct judge *j, __u32 hook, __u32 use)
{
	struct diglim_control *c = control_get();

	if (!c)
		return false;
	j->hook = hook;
	j->use = use;
	j->mode = mode_in_force(c);
	j->hash_limit = c->hash_limit;
	j->flags = c->flags;
	j->scope = c->scope;
	j->found = 0;
	j->verity = 0;
	j->selftest = 0;
	j->has_digest = 0;
	if (c->selftest_tgid && c->selftest_hook == hook &&
	    c->selftest_tgid == bpf_get_current_pid_tgid() >> 32)
		j->selftest = 1;
	if (j->mode == DIGLIM_MODE_OFF || j->selftest)
		return j->selftest;
	return hook_is_global(hook) || scope_covers(c->scope, hook_starts_program(hook));
}

static __always_inline void count(const struct judge *j, __u32 what)
{
	struct diglim_counters *c = bpf_map_lookup_elem(&counters, &j->hook);

	if (c && what < DIGLIM_COUNT_MAX)
		c->count[what]++;
}

static __always_inline __u32 store_uses(const __u8 *digest)
{
	struct store_key k = {};

	__builtin_memcpy(k.digest, digest, DIGLIM_DIGEST_SIZE);
	return store_lookup(&k);
}

static __always_inline __u32 reason_of_uses(struct judge *j, __u32 uses)
{
	j->found = uses;
	if (uses & DIGLIM_FOUND_DENIED)
		return DIGLIM_REASON_DENIED;
	if (uses & j->use)
		return DIGLIM_REASON_VOUCHED;
	return uses ? DIGLIM_REASON_WRONG_USE : DIGLIM_REASON_UNKNOWN;
}

/* Asks the store anew each time: what was unloaded a moment ago is refused now. */
static __always_inline __u32 reason_of_digest(struct judge *j)
{
	return reason_of_uses(j, store_uses(j->digest) | j->verity);
}

/* Has the fs-verity digest decided? Else the content must be looked at. */
static __always_inline bool verity_decides(struct judge *j, const struct inode_state *s,
					   __u32 *reason)
{
	*reason = reason_of_uses(j, j->verity);
	if (*reason == DIGLIM_REASON_VOUCHED) {
		count(j, DIGLIM_COUNT_VERITY);
		return true;
	}
	if (*reason != DIGLIM_REASON_DENIED)
		return false;
	__builtin_memcpy(j->digest, s->verity.digest, DIGLIM_DIGEST_SIZE);
	j->has_digest = DIGLIM_DIGEST_VERITY;
	return true;
}

/*
 * Hashes the file into j->digest. bpf_ima_file_hash() returns the algorithm, and what it returns
 * may be an older digest while the file is open for writing, which callers have excluded.
 */
static __always_inline __u32 hash_file(struct judge *j, struct file *file)
{
	/* Room for SHA-512, which IMA may be configured to. */
	__u8 buf[64];
	long algo;

	if ((__u64)file->f_inode->i_size > j->hash_limit)
		return DIGLIM_REASON_TOO_LARGE;
	__builtin_memset(buf, 0, sizeof(buf));
	algo = bpf_ima_file_hash(file, buf, sizeof(buf));
	if (algo < 0)
		return DIGLIM_REASON_HASH_FAILED;
	if (algo != DIGLIM_HASH_ALGO_SHA256)
		return DIGLIM_REASON_BAD_ALGO;
	__builtin_memcpy(j->digest, buf, DIGLIM_DIGEST_SIZE);
	j->has_digest = DIGLIM_DIGEST_CONTENT;
	count(j, DIGLIM_COUNT_HASHED);
	return DIGLIM_REASON_VOUCHED;
}

/* Finds the digest, cached or computed. @writes is from inode_begin(). Sleepable hooks only. */
static __always_inline __u32 digest_of(struct judge *j, struct file *file, struct inode_state *s,
				       __u64 writes, bool keep)
{
	__u32 reason;

	if (keep && inode_digest_get(s, j->digest)) {
		j->has_digest = DIGLIM_DIGEST_CONTENT;
		count(j, DIGLIM_COUNT_CACHED);
		return DIGLIM_REASON_VOUCHED;
	}
	/* What IMA collects from now on is good: nobody is writing, or we notice below. */
	if (inode_ima_doubted(file->f_inode, s))
		return DIGLIM_REASON_IMA_KEPT;
	reason = hash_file(j, file);
	if (reason != DIGLIM_REASON_VOUCHED)
		return reason;
	if (inode_writes(s) != writes)
		return DIGLIM_REASON_WRITER;
	if (keep)
		inode_digest_set(s, j->digest, writes);
	return DIGLIM_REASON_VOUCHED;
}

/*
 * IMA answers with the digest that it keeps of an inode, if its policy made it collect one, and
 * takes no notice of what changes below the file system (security/integrity/ima/ima_main.c).
 */
static __always_inline bool ima_may_be_wrong(struct inode *inode, bool local)
{
	return inode->i_flags & S_IMA && (!local || device_doubted(inode));
}

/* What forbids a verdict before any digest is looked at. */
static __always_inline __u32 reason_of_inode(const struct judge *j, struct inode *inode, bool local)
{
	if ((inode->i_mode & S_IFMT) != S_IFREG)
		return DIGLIM_REASON_NOT_REGULAR;
	if (!local && j->flags & DIGLIM_CONTROL_STRICT_FS)
		return DIGLIM_REASON_FS_UNTRUSTED;
	/*
	 * The kernel reads it again after we hashed it, and a server may give it something else, an
	 * overlay above one, too. Live systems load their modules from an overlay: until the seal.
	 */
	if (j->hook == DIGLIM_HOOK_READ_FILE && !local &&
	    (inode->i_sb->s_magic != OVERLAYFS_MAGIC || j->flags & DIGLIM_CONTROL_SEALED))
		return DIGLIM_REASON_FS_UNTRUSTED;
	/* As in procfs: there is content, but IMA would hash none. */
	if (!local && inode->i_size <= 0)
		return DIGLIM_REASON_NOT_REGULAR;
	if (inode_in_memory_writable(inode))
		return DIGLIM_REASON_WRITER;
	return ima_may_be_wrong(inode, local) ? DIGLIM_REASON_IMA_KEPT : DIGLIM_REASON_VOUCHED;
}

/* Why may this file be used so, or why not. Sleepable hooks only. */
static __always_inline __u32 verdict_of(struct judge *j, struct file *file)
{
	struct inode *inode = file->f_inode;
	bool local = fs_is_local(inode->i_sb->s_magic) && device_steady(inode);
	__u32 reason = reason_of_inode(j, inode, local);
	struct inode_state *s;
	__u64 writes;

	if (reason != DIGLIM_REASON_VOUCHED)
		return reason;
	s = inode_state_make(inode);
	if (!s)
		return DIGLIM_REASON_STORAGE_FAILED;
	writes = inode_begin(s);
	if (inode_has_writer(inode)) {
		inode_doubt_ima(inode);
		return DIGLIM_REASON_WRITER;
	}
	if (s->flags & INODE_TAINTED)
		return DIGLIM_REASON_TAINTED;
	j->verity = verity_found(file, s);
	if (!verity_decides(j, s, &reason)) {
		reason = digest_of(j, file, s, writes, local);
		if (reason != DIGLIM_REASON_VOUCHED)
			return reason;
		reason = reason_of_digest(j);
	}
	if (reason == DIGLIM_REASON_VOUCHED && !inode_use(inode, s, writes))
		return DIGLIM_REASON_WRITER;
	return reason;
}

/*
 * For hooks that cannot hash: what was found out when the file was judged last. @s may be NULL.
 */
static __always_inline __u32 verdict_cached(struct judge *j, struct inode *inode,
					    struct inode_state *s)
{
	__u64 writes;
	__u32 reason;

	if (!s)
		return DIGLIM_REASON_NOT_JUDGED;
	writes = inode_begin(s);
	if (inode_has_writer(inode) || inode_in_memory_writable(inode))
		return DIGLIM_REASON_WRITER;
	if (s->flags & INODE_TAINTED)
		return DIGLIM_REASON_TAINTED;
	j->verity = verity_known(s);
	if (!verity_decides(j, s, &reason)) {
		if (!device_steady(inode) || !inode_digest_get(s, j->digest))
			return DIGLIM_REASON_NOT_JUDGED;
		j->has_digest = DIGLIM_DIGEST_CONTENT;
		reason = reason_of_digest(j);
	}
	if (reason == DIGLIM_REASON_VOUCHED && !inode_use(inode, s, writes))
		return DIGLIM_REASON_WRITER;
	return reason;
}

/* Must the use wait although the mode allows it? What changes no content is not measured. */
static __always_inline bool gate_holds(const struct judge *j)
{
	return gate_on && j->hook != DIGLIM_HOOK_IMMUTABLE && gate_use();
}

/*
 * Counts the verdict, says whether an event is due and sets *ret to what the hook returns.
 */
static __always_inline bool verdict_answer(const struct judge *j, __u32 reason, int *ret,
					   struct event_facts *f)
{
	struct diglim_counters *c;

	*ret = 0;
	if (reason == DIGLIM_REASON_VOUCHED) {
		count(j, DIGLIM_COUNT_ALLOWED);
		return false;
	}
	if (j->selftest) {
		c = bpf_map_lookup_elem(&counters, &j->hook);
		if (c)
			c->selftest_refused++;
		*ret = -EPERM;
		return false;
	}
	*f = (struct event_facts){
		.type = DIGLIM_EVENT_WOULD_REFUSE,
		.hook = j->hook,
		.reason = reason,
		.use = j->use,
		.has_digest = j->has_digest,
		.digest = j->digest,
	};
	if (j->mode == DIGLIM_MODE_ENFORCE || gate_holds(j)) {
		if (j->mode != DIGLIM_MODE_ENFORCE)
			f->reason = DIGLIM_REASON_GATE_BUSY;
		f->type = DIGLIM_EVENT_REFUSED;
		*ret = -EPERM;
		count(j, DIGLIM_COUNT_REFUSED);
	} else {
		f->gate = gate_on && j->hook != DIGLIM_HOOK_IMMUTABLE;
		count(j, DIGLIM_COUNT_WOULD_REFUSE);
	}
	return true;
}

/* A refusal for a reason that is known without looking at the content. */
static __noinline int judge_reason(struct file *file, __u32 hook, __u32 use, __u32 reason)
{
	struct event_facts f;
	struct judge j;
	int ret;

	if (!judge_start(&j, hook, use))
		return 0;
	if (verdict_answer(&j, reason, &ret, &f))
		event_file(&f, file);
	return ret;
}

/* The whole way for a hook with a file that may be hashed. */
static __always_inline int judge_file(struct file *file, __u32 hook, __u32 use)
{
	struct judge j;
	struct event_facts f;
	int ret;

	if (!judge_start(&j, hook, use))
		return 0;
	if (verdict_answer(&j, verdict_of(&j, file), &ret, &f))
		event_file(&f, file);
	return ret;
}

#endif
