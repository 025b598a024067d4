/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking the kernel side away. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

/* Of 10 ms each: a busy machine takes its time to end the grace period of the last program. */
#define DETACH_TRIES 2000

/* More than there are hooks. */
#define PROGRAMS_MAX 128

struct programs {
	size_t n;
	uint32_t id[PROGRAMS_MAX];
};

/* Everything in it but @keep, which may be NULL. */
static int empty_dir(const char *path, const char *keep, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *ent;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (!r && (ent = readdir(d)))
		if (ent->d_name[0] != '.' && (!keep || strcmp(ent->d_name, keep)) &&
		    unlinkat(dirfd(d), ent->d_name, 0))
			r = err_set(e, -errno, "%s/%s: %s", path, ent->d_name, strerror(errno));
	closedir(d);
	return r;
}

static int remove_dir(const char *path, struct err *e)
{
	int r = empty_dir(path, NULL, e);

	if (!r && rmdir(path) && errno != ENOENT)
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	return r;
}

int engine_lock(struct err *e)
{
	int fd = open("/sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, -errno, "/sys/fs/bpf: %s", strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return err_set(e, -EBUSY, "another attach or detach is running");
	}
	return fd;
}

/*
 * The kernel takes a program away some time after the last reference to its link: what is refused
 * must not depend on when. So nothing is judged from now on, and the end is waited for. It is asked
 * for while the pin of the program that takes requests is the only one left: until then everything
 * stays as it was if pins cannot be removed, and the request cannot come too late.
 */
static void judge_nothing(void)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_MODE,
		.mode = DIGLIM_MODE_OFF,
	};

	engine_request(&rq);
}

/*
 * The programs on the hooks, while the pins are there to ask. By program and not by link: a link's
 * number is given back before its program is taken from the hook, the program's after.
 */
static void programs_find(struct programs *ret)
{
	char path[ENGINE_PATH_MAX];
	DIR *d = opendir(engine_pin_path(path, "links", ""));
	struct dirent *ent;

	while (d && ret->n < PROGRAMS_MAX && (ent = readdir(d))) {
		struct bpf_link_info info = {0};
		uint32_t len = sizeof(info);
		int fd;

		if (ent->d_name[0] == '.')
			continue;
		fd = bpf_obj_get(engine_pin_path(path, "links", ent->d_name));
		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len))
			ret->id[ret->n++] = info.prog_id;
		close(fd);
	}
	if (d)
		closedir(d);
}

/* Drops those that are gone. */
static bool programs_gone(struct programs *p)
{
	while (p->n) {
		int fd = bpf_prog_get_fd_by_id(p->id[p->n - 1]);

		if (fd >= 0)
			close(fd);
		if (fd >= 0 || errno != ENOENT)
			return false;
		p->n--;
	}
	return true;
}

static int wait_gone(struct programs *p, struct err *e)
{
	const struct timespec nap = {.tv_nsec = 10000000};

	for (int i = 0; i < DETACH_TRIES; i++) {
		if (engine_is_attached(NULL) != 1 && programs_gone(p))
			return 0;
		nanosleep(&nap, NULL);
	}
	return err_set(e, -EBUSY,
		       "pins are removed, but the programs are still there: another process "
		       "holds them (`bpftool link`)");
}

int engine_pins_remove(struct err *e)
{
	char path[ENGINE_PATH_MAX];
	int r;

	r = remove_dir(engine_pin_path(path, "links", ""), e);
	if (!r)
		r = remove_dir(engine_pin_path(path, "query", ""), e);
	if (!r)
		r = remove_dir(engine_pin_path(path, "read", ""), e);
	if (!r && rmdir(ENGINE_PIN_DIR))
		r = err_set(e, -errno, "%s: %s", ENGINE_PIN_DIR,
			    errno == ENOENT ? "not attached" : strerror(errno));
	return r;
}

int engine_detach(struct err *e)
{
	int lock = engine_lock(e), r;
	struct programs programs = {0};
	char path[ENGINE_PATH_MAX];

	if (lock < 0)
		return lock;
	if (engine_is_sealed(NULL) == 1) {
		close(lock);
		return engine_say_sealed(e);
	}
	programs_find(&programs);
	r = empty_dir(engine_pin_path(path, "links", ""), ENGINE_INGEST_PROGRAM, e);
	if (!r && !access(engine_pin_path(path, "links", ENGINE_INGEST_PROGRAM), F_OK))
		judge_nothing();
	if (!r)
		r = engine_pins_remove(e);
	if (r == -ENOENT && engine_is_attached(NULL) == 1)
		r = err_set(e, -EBUSY, "attached, but the pins are not in this bpffs");
	if (!r)
		r = wait_gone(&programs, e);
	close(lock);
	return r;
}
