// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/root.h"
#include "../base/work.h"
#include "../crypto/digest.h"
#include "tree.h"
#include "walk.h"

#define BATCH	 64 /* files of one work item: a directory may hold all files there are */
#define ATTEMPTS 3

/* A directory, until the last batch of its files is done. */
struct dir {
	atomic_uint refs;
	int fd;
	char *path; /* as shown */
};

/*
 * Files of a directory, or one directory below it: opened only when its turn comes, so that the
 * open ones are no more than the tree is deep for each thread. Without names: the directory itself.
 */
struct item {
	struct work_item link; /* first: the two are one pointer */
	struct dir *dir;
	bool below;
	size_t n;
	char *names[BATCH];
};

struct walk {
	const struct walk_options *opt;
	struct digester *digesters[WORK_THREADS_MAX];
	pthread_mutex_t lock; /* of the callbacks */
	atomic_ullong files, hashed, bytes;
	atomic_bool no_memory;
};

static struct dir *dir_new(int fd, char *path)
{
	struct dir *d = path ? malloc(sizeof(*d)) : NULL;

	if (!d) {
		free(path);
		close(fd);
		return NULL;
	}
	atomic_init(&d->refs, 1);
	d->fd = fd;
	d->path = path;
	return d;
}

static void dir_put(struct dir *d)
{
	if (atomic_fetch_sub(&d->refs, 1) != 1)
		return;
	close(d->fd);
	free(d->path);
	free(d);
}

/* Takes the caller's reference to @dir. */
static struct item *item_new(struct walk *k, struct dir *dir)
{
	struct item *it = dir ? calloc(1, sizeof(*it)) : NULL;

	if (!it) {
		atomic_store(&k->no_memory, true);
		if (dir)
			dir_put(dir);
		return NULL;
	}
	it->dir = dir;
	return it;
}

static void item_free(struct item *it)
{
	for (size_t i = 0; i < it->n; i++)
		free(it->names[i]);
	dir_put(it->dir);
	free(it);
}

static char *join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", strcmp(dir, "/") ? dir : "", name) < 0 ? NULL : path;
}

static void trouble(struct walk *k, enum walk_trouble what, const char *path, const struct err *e)
{
	pthread_mutex_lock(&k->lock);
	k->opt->trouble(what, path, e, k->opt->arg);
	pthread_mutex_unlock(&k->lock);
}

static void unreadable(struct walk *k, const char *path, int code)
{
	struct err e;

	if (code == ENOENT)
		return;
	err_set(&e, -code, "%s: %s", path, strerror(code));
	trouble(k, WALK_UNREADABLE, path, &e);
}

/* 1: hashed, 0: of no interest. */
static int hash(struct walk *k, int fd, struct walk_file *f, unsigned int worker, struct err *e)
{
	const uint8_t *head;
	size_t len;
	int r = digester_begin(k->digesters[worker], fd, &f->st, f->path, &head, &len, e);

	if (r)
		return r;
	f->kind = file_kind(f->path, f->st.st_mode, head, len, &f->use);
	if (!f->use && !k->opt->all)
		return 0;
	r = digester_end(k->digesters[worker], f->digest, NULL, e);
	return r ? r : 1;
}

static void judge(struct walk *k, int fd, const char *path, unsigned int worker)
{
	struct walk_file f = {.path = path};
	struct err e;
	int r = -EBUSY;

	for (int i = 0; i < ATTEMPTS && r == -EBUSY; i++) {
		if (fstat(fd, &f.st)) {
			unreadable(k, path, errno);
			return;
		}
		r = hash(k, fd, &f, worker, &e);
	}
	atomic_fetch_add(&k->files, 1);
	if (r < 0) {
		trouble(k, r == -EBUSY ? WALK_CHANGED : WALK_UNREADABLE, path, &e);
	} else if (r) {
		atomic_fetch_add(&k->hashed, 1);
		atomic_fetch_add(&k->bytes, (uint64_t)f.st.st_size);
		pthread_mutex_lock(&k->lock);
		k->opt->file(&f, k->opt->arg);
		pthread_mutex_unlock(&k->lock);
	}
}

/* Of what cannot be looked at, opening it will say what is wrong. */
static bool is_older(const struct walk *k, int dir_fd, const char *name)
{
	const struct timespec *since = &k->opt->since;
	struct stat st;

	if (!since->tv_sec || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return false;
	return st.st_ctim.tv_sec < since->tv_sec ||
	       (st.st_ctim.tv_sec == since->tv_sec && st.st_ctim.tv_nsec < since->tv_nsec);
}

static void do_file(struct walk *k, const struct dir *d, const char *name, unsigned int worker)
{
	char *path;
	struct stat st;
	int fd;

	if (is_older(k, d->fd, name))
		return;
	path = join(d->path, name);
	if (!path) {
		atomic_store(&k->no_memory, true);
		return;
	}
	fd = openat(d->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno != ELOOP)
		unreadable(k, path, errno);
	else if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		judge(k, fd, path, worker);
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Not across a mount; in that case it is told whether the walk leaves anything out there. */
static int open_below(const struct walk *k, int dir_fd, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	if (!k->opt->cross)
		how.resolve |= RESOLVE_NO_XDEV;
	return (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

static bool is_worth_naming(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool real = fd < 0 || !tree_is_pseudo(fd);

	if (fd >= 0)
		close(fd);
	return real;
}

static void do_dir(struct walk *k, struct work *w, struct dir *d, unsigned int worker);

static void do_below(struct walk *k, struct work *w, const struct dir *parent, const char *name,
		     unsigned int worker)
{
	char *path = join(parent->path, name);
	int fd = path ? open_below(k, parent->fd, name) : -1, code = errno;
	struct dir *d;

	if (!path) {
		atomic_store(&k->no_memory, true);
		return;
	}
	if (fd >= 0 && tree_is_pseudo(fd)) {
		close(fd);
	} else if (fd >= 0) {
		d = dir_new(fd, path);
		path = NULL;
		if (d) {
			do_dir(k, w, d, worker);
			dir_put(d);
		} else {
			atomic_store(&k->no_memory, true);
		}
	} else if (code != EXDEV) {
		unreadable(k, path, code);
	} else if (is_worth_naming(parent->fd, name)) {
		trouble(k, WALK_MOUNT, path, NULL);
	}
	free(path);
}

/* Adds @name to @it, which takes it. */
static void put_name(struct walk *k, struct item *it, const char *name)
{
	it->names[it->n] = strdup(name);
	if (it->names[it->n])
		it->n++;
	else
		atomic_store(&k->no_memory, true);
}

static void push_below(struct walk *k, struct work *w, struct dir *d, const char *name)
{
	struct item *it;

	atomic_fetch_add(&d->refs, 1);
	it = item_new(k, d);
	if (!it)
		return;
	it->below = true;
	put_name(k, it, name);
	work_push(w, &it->link);
}

/* Adds a name to the batch; a full one is pushed. */
static struct item *batch(struct walk *k, struct work *w, struct item *b, struct dir *d,
			  const char *name)
{
	if (b && b->n == BATCH) {
		work_push(w, &b->link);
		b = NULL;
	}
	if (!b) {
		atomic_fetch_add(&d->refs, 1);
		b = item_new(k, d);
	}
	if (b)
		put_name(k, b, name);
	return b;
}

static unsigned char type_of(int fd, const struct dirent *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type;
	if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW))
		return DT_REG; /* opening it will say what is wrong */
	return S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_LNK;
}

/* The last batch is done by this thread itself. */
static void do_dir(struct walk *k, struct work *w, struct dir *d, unsigned int worker)
{
	int copy = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	struct item *files = NULL;

	if (!dir) {
		unreadable(k, d->path, errno);
		if (copy >= 0)
			close(copy);
		return;
	}
	for (errno = 0; (entry = readdir(dir)) && !atomic_load(&k->no_memory); errno = 0) {
		unsigned char type = type_of(d->fd, entry);

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (type == DT_DIR)
			push_below(k, w, d, entry->d_name);
		else if (type == DT_REG)
			files = batch(k, w, files, d, entry->d_name);
	}
	if (!entry && errno)
		unreadable(k, d->path, errno);
	closedir(dir);
	for (size_t i = 0; files && i < files->n; i++)
		do_file(k, d, files->names[i], worker);
	if (files)
		item_free(files);
}

static void do_item(struct work *w, struct work_item *link, unsigned int worker, void *arg)
{
	struct item *it = (struct item *)link;
	struct walk *k = arg;

	if (!it->below && !it->n)
		do_dir(k, w, it->dir, worker);
	for (size_t i = 0; i < it->n && !atomic_load(&k->no_memory); i++)
		if (it->below)
			do_below(k, w, it->dir, it->names[i], worker);
		else
			do_file(k, it->dir, it->names[i], worker);
	item_free(it);
}

static void tick(void *arg)
{
	struct walk *k = arg;

	if (!k->opt->tick)
		return;
	pthread_mutex_lock(&k->lock);
	k->opt->tick(atomic_load(&k->files), atomic_load(&k->bytes), k->opt->arg);
	pthread_mutex_unlock(&k->lock);
}

/* A path that was named: what it is decides what becomes of it. */
static int start(struct walk *k, const char *path, struct item **first, struct err *e)
{
	int fd = root_open(k->opt->root, path, O_PATH, e), r = 0;
	struct stat st;
	char *shown;

	if (fd < 0)
		return fd;
	r = fstat(fd, &st) ? -errno : 0;
	close(fd);
	if (r)
		return err_set(e, r, "%s: %s", path, strerror(-r));
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(e, -EINVAL, "%s: neither a regular file nor a directory", path);
	fd = root_open(k->opt->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, e);
	if (fd < 0)
		return fd;
	shown = root_path(fd, k->opt->root, path);
	if (S_ISREG(st.st_mode)) {
		if (shown)
			judge(k, fd, shown, 0);
		else
			r = err_set(e, -ENOMEM, "out of memory");
		close(fd);
		free(shown);
		return r;
	}
	*first = item_new(k, dir_new(fd, shown));
	return *first ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int walk_all(struct walk *k, const char *const *paths, size_t n, unsigned int threads,
		    struct err *e)
{
	int r = 0;

	for (unsigned int i = 0; i < threads; i++) {
		k->digesters[i] = digester_new(false);
		if (!k->digesters[i])
			return err_set(e, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; !r && i < n; i++) {
		struct item *first = NULL;

		r = start(k, paths[i], &first, e);
		if (!r && first)
			r = work_run(threads, &first->link, do_item, tick, k, e);
	}
	if (!r && atomic_load(&k->no_memory))
		r = err_set(e, -ENOMEM, "out of memory");
	return r;
}

int walk_paths(const char *const *paths, size_t n, const struct walk_options *opt,
	       struct walk_count *ret, struct err *e)
{
	unsigned int threads = opt->threads ? opt->threads : work_threads();
	struct walk k = {.opt = opt};
	int r;

	if (threads > WORK_THREADS_MAX)
		return err_set(e, -EINVAL, "%u threads, at most %d", threads, WORK_THREADS_MAX);
	pthread_mutex_init(&k.lock, NULL);
	r = walk_all(&k, paths, n, threads, e);
	for (unsigned int i = 0; i < threads; i++)
		digester_free(k.digesters[i]);
	pthread_mutex_destroy(&k.lock);
	ret->files = atomic_load(&k.files);
	ret->hashed = atomic_load(&k.hashed);
	ret->bytes = atomic_load(&k.bytes);
	return r;
}
