/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking the kernel side away. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

/* Of 10 ms each. */
#define DETACH_TRIES 500

static int remove_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *ent;
	int r = 0;

	if (!d)
		return -errno;
	while ((ent = readdir(d)))
		if (ent->d_name[0] != '.' && unlinkat(dirfd(d), ent->d_name, 0))
			r = -errno;
	closedir(d);
	return rmdir(path) && !r ? -errno : r;
}

/*
 * The kernel takes a program away some time after the last reference to its link: what is refused
 * must not depend on when. So nothing is judged from now on, and the end is waited for.
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

	r = remove_dir(engine_pin_path(path, "links", ""));
	if (r && r != -ENOENT)
		return err_set(e, r, "%s: %s", path, strerror(-r));
	r = remove_dir(engine_pin_path(path, "maps", ""));
	if (r && r != -ENOENT)
		return err_set(e, r, "%s: %s", path, strerror(-r));
	if (rmdir(ENGINE_PIN_DIR))
		return err_set(e, -errno, "%s: %s", ENGINE_PIN_DIR,
			       errno == ENOENT ? "not attached" : strerror(errno));
	return 0;
}

int engine_detach(struct err *e)
{
	int r;

	judge_nothing();
	r = engine_pins_remove(e);
	return r ? r : wait_gone(e);
}
