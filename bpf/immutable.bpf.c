/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that a list calls immutable are not opened for writing. Hashes what is about to be written
 * to, before O_TRUNC empties it. Attached only if [policy] immutable asks for it. What was hashed
 * before is refused by write.bpf.c, truncate(2) too.
 *
 * Writers do not make a digest doubtful here: with one who was let in, what is there is no
 * immutable content any more; two who open it at once are both refused.
 */
#include "immutable.h"

/* include/linux/fs.h */
#define MAY_WRITE 2

/* What could not be hashed is refused: O_DIRECT alone would be a way in. */
static __always_inline __u32 open_reason(struct judge *j, struct file *file)
{
	__u32 reason;

	if (j->selftest)
		return DIGLIM_REASON_IMMUTABLE;
	if (!immutable_may_be(file->f_inode))
		return DIGLIM_REASON_VOUCHED;
	reason = hash_file(j, file);
	/* No use of such a file is vouched for, either. */
	if (reason == DIGLIM_REASON_TOO_LARGE)
		return DIGLIM_REASON_VOUCHED;
	if (reason != DIGLIM_REASON_VOUCHED)
		return reason;
	return immutable_digest(j) ? DIGLIM_REASON_IMMUTABLE : DIGLIM_REASON_VOUCHED;
}

static __noinline int open_immutable(struct file *file)
{
	struct event_facts f;
	struct judge j;
	int ret;

	if (!judge_start(&j, DIGLIM_HOOK_IMMUTABLE, DIGLIM_USE_DATA))
		return 0;
	if (verdict_answer(&j, open_reason(&j, file), &ret, &f))
		event_file(&f, file);
	return ret ? -EPERM : 0;
}

SEC("lsm.s/file_post_open")
int BPF_PROG(diglim_immutable, struct file *file, int mask, int ret)
{
	/* @ret needs no look, see diglim_open in write.bpf.c. O_RDONLY | O_TRUNC writes, too. */
	return mask & MAY_WRITE ? open_immutable(file) : 0;
}

/*
 * Before 6.8. A file that is being opened cannot be read yet; IMA opens a second time what is not
 * to be read anyway. So O_RDWR is left to what was hashed before.
 */
SEC("lsm.s/file_open")
int BPF_PROG(diglim_immutable_old, struct file *file, int ret)
{
	if ((file->f_mode & (FMODE_READ | FMODE_WRITE)) != FMODE_WRITE)
		return 0;
	return open_immutable(file);
}
