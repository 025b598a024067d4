/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking the kernel side away. */
#define _GNU_SOURCE
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

static int wait_gone(struct err *e)
{
	const struct timespec nap = {.tv_nsec = 10000000};

	for (int i = 0; i < DETACH_TRIES; i++) {
		if (engine_is_attached(NULL) != 1)
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
	char path[ENGINE_PATH_MAX];

	if (lock < 0)
		return lock;
	if (engine_is_sealed(NULL) == 1) {
		close(lock);
		return engine_say_sealed(e);
	}
	r = empty_dir(engine_pin_path(path, "links", ""), ENGINE_INGEST_PROGRAM, e);
	if (!r && !access(engine_pin_path(path, "links", ENGINE_INGEST_PROGRAM), F_OK))
		judge_nothing();
	if (!r)
		r = engine_pins_remove(e);
	if (r == -ENOENT && engine_is_attached(NULL) == 1)
		r = err_set(e, -EBUSY, "attached, but the pins are not in this bpffs");
	if (!r)
		r = wait_gone(e);
	close(lock);
	return r;
}
