// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../abi/use.h"
#include "../../core/interpreter.h"
#include "../base/root.h"
#include "../crypto/digest.h"
#include "../crypto/verity.h"
#include "tree.h"

/* Deeper than any real tree; bounds descriptors and stack. */
#define DEPTH_MAX 128

struct walk {
	struct tlvwrite *w;
	const struct tree_options *opt;
	struct tree_count *count;
	struct err *e;
};

struct digests {
	uint8_t content[DIGLIM_DIGEST_SIZE], verity[DIGLIM_DIGEST_SIZE];
	bool has_verity;
	uint8_t head[16];
};

static bool starts(const char *path, const char *with)
{
	return !strncmp(path, with, strlen(with));
}

static bool is_module_name(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *ko = strstr(name ? name : path, ".ko");

	return ko && (!ko[3] || !strcmp(ko + 3, ".xz") || !strcmp(ko + 3, ".gz") ||
		      !strcmp(ko + 3, ".zst"));
}

/* Modules of Python and their like, which interpreters read. */
static bool is_text_name(const char *path)
{
	uint64_t tail = 0;

	for (const char *c = path; *c; c++)
		tail = *c == '/' ? 0 : tail << 8 | (uint8_t)*c;
	return core_is_text_name(tail);
}

uint32_t tree_use(const char *path, uint32_t mode, const uint8_t head[16])
{
	const char *p = starts(path, "/usr/") ? path + 4 : path;
	uint32_t use = 0;

	if (starts(path, "/boot/"))
		use = DIGLIM_USE_KEXEC;
	else if (starts(p, "/lib/modules/"))
		use = DIGLIM_USE_MODULE | DIGLIM_USE_KEXEC;
	else if (starts(p, "/lib/firmware/"))
		use = DIGLIM_USE_FIRMWARE;
	else if (is_module_name(path))
		use = DIGLIM_USE_MODULE;
	if (mode & 0111 || is_text_name(path) ||
	    !memcmp(head,
		    "\x7f"
		    "ELF",
		    4))
		use |= DIGLIM_USE_EXEC;
	return use;
}

static void report(struct walk *k, enum tree_event event, const char *path, uint64_t bytes,
		   const struct err *why)
{
	if (event == TREE_ADDED)
		k->count->added++;
	else if (event == TREE_CHANGED || event == TREE_FAILED)
		k->count->failed++;
	else
		k->count->skipped++;
	if (k->opt->report)
		k->opt->report(event, path, bytes, why, k->opt->arg);
}

static void report_errno(struct walk *k, const char *path, int code)
{
	struct err why;

	err_set(&why, -code, "%s: %s", path, strerror(code));
	report(k, TREE_FAILED, path, 0, &why);
}

/*
 * Both digests, of the same content: each makes sure that the file has not changed. One that has
 * fs-verity on with an algorithm we do not know is judged by its content.
 */
static int hash(const struct walk *k, int fd, const char *path, struct digests *d, struct err *why)
{
	int r = digest_fd(fd, path, d->content, d->head, why);

	d->has_verity = false;
	if (r || !k->opt->verity)
		return r;
	r = verity_fd(fd, path, d->verity, why);
	d->has_verity = !r;
	return r == -EOPNOTSUPP ? 0 : r;
}

static int add_digests(struct walk *k, const struct digests *d, const char *path, uint32_t use)
{
	int r = tlvwrite_add(k->w, d->content, path, use, k->e);

	return r || !d->has_verity ? r : tlvwrite_add_verity(k->w, d->verity, path, use, k->e);
}

/* @named: somebody asked for this very file, so it is added whatever it is. */
static int add_file(struct walk *k, int fd, const struct stat *st, const char *path, bool named)
{
	struct digests d;
	struct err why;
	uint32_t use;
	int r = hash(k, fd, path, &d, &why);

	/* Nothing is wrong with the file. */
	if (r == -ENOMEM) {
		*k->e = why;
		return r;
	}
	if (r < 0) {
		report(k, r == -EBUSY ? TREE_CHANGED : TREE_FAILED, path, 0, &why);
		return 0;
	}
	use = k->opt->use ? k->opt->use : tree_use(path, st->st_mode, d.head);
	if (!use && named)
		use = DIGLIM_USE_EXEC;
	else if (!use && k->opt->all)
		use = DIGLIM_USE_DATA;
	if (!use) {
		report(k, TREE_SKIPPED_DATA, path, (uint64_t)st->st_size, NULL);
		return 0;
	}
	r = add_digests(k, &d, path, use);
	if (!r)
		report(k, TREE_ADDED, path, (uint64_t)st->st_size, NULL);
	return r;
}

bool tree_is_pseudo(int fd)
{
	static const unsigned long types[] = {
		PROC_SUPER_MAGIC,    SYSFS_MAGIC,   DEVPTS_SUPER_MAGIC, CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,  TRACEFS_MAGIC,	DEBUGFS_MAGIC,
		SECURITYFS_MAGIC,    SELINUX_MAGIC, EFIVARFS_MAGIC,	PSTOREFS_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((unsigned long)fs.f_type == types[i])
			return true;
	return false;
}

static int add_dir(struct walk *k, int fd, const char *path, int depth);

/* Regular files and directories are opened without following a link put in their place. */
static int add_opened(struct walk *k, int dir_fd, const char *name, const char *path, int depth)
{
	struct stat st;
	int fd, r = 0;

	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		report_errno(k, path, errno);
		return 0;
	}
	if (fstat(fd, &st) < 0)
		report_errno(k, path, errno);
	else if (S_ISREG(st.st_mode))
		r = add_file(k, fd, &st, path, false);
	else if (!S_ISDIR(st.st_mode))
		report(k, TREE_SKIPPED_TYPE, path, 0, NULL);
	else
		r = add_dir(k, fd, path, depth);
	close(fd);
	return r;
}

static int add_entry(struct walk *k, int dir_fd, const char *dir, const char *name, int depth)
{
	struct stat st;
	char *path;
	int r = 0;

	if (asprintf(&path, "%s/%s", strcmp(dir, "/") ? dir : "", name) < 0)
		return err_set(k->e, -ENOMEM, "out of memory");
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		report_errno(k, path, errno);
	else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		r = add_opened(k, dir_fd, name, path, depth);
	else
		report(k, TREE_SKIPPED_TYPE, path, 0, NULL);
	free(path);
	return r;
}

static int add_dir(struct walk *k, int fd, const char *path, int depth)
{
	const struct dirent *d;
	int r = 0, copy;
	DIR *dir;

	if (tree_is_pseudo(fd)) {
		report(k, TREE_SKIPPED_TYPE, path, 0, NULL);
		return 0;
	}
	if (depth == DEPTH_MAX) {
		report_errno(k, path, ELOOP);
		return 0;
	}
	copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir) {
		report_errno(k, path, errno);
		if (copy >= 0)
			close(copy);
		return 0;
	}
	while (!r && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			r = add_entry(k, copy, path, d->d_name, depth + 1);
	closedir(dir);
	return r;
}

/* What kind of file @path is, without opening it: opening a device can have effects. */
static int check_type(const char *root, const char *path, struct err *e)
{
	int fd = root_open(root, path, O_PATH, e), r = 0;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		r = err_set(e, -EINVAL, "%s: neither a regular file nor a directory", path);
	close(fd);
	return r;
}

int tree_add(struct tlvwrite *w, const char *path, const struct tree_options *opt,
	     struct tree_count *ret, struct err *e)
{
	struct walk k = {w, opt, ret, e};
	char *recorded = NULL;
	struct stat st;
	int fd, r;

	memset(ret, 0, sizeof(*ret));
	r = check_type(opt->root, path, e);
	if (r < 0)
		return r;
	fd = root_open(opt->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, e);
	if (fd < 0)
		return fd;
	recorded = root_path(fd, opt->root, path);
	if (!recorded)
		r = err_set(e, -ENOMEM, "out of memory");
	else if (fstat(fd, &st) < 0)
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		r = add_dir(&k, fd, recorded, 0);
	else
		r = add_file(&k, fd, &st, recorded, true);
	free(recorded);
	close(fd);
	return r;
}
