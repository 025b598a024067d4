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
 * must not depend on when. So nothing is judged from now on, and the end is waited for. Only after
 * the pins are gone: if they cannot be removed, everything stays as it was.
 */
static void judge_nothing(int control_fd)
{
	struct diglim_control c;
	uint32_t zero = 0;

	/* Not by a request: the program that takes them may be the first to go. */
	if (bpf_map_lookup_elem(control_fd, &zero, &c))
		return;
	c.mode = DIGLIM_MODE_OFF;
	c.window_end = 0;
	bpf_map_update_elem(control_fd, &zero, &c, BPF_ANY);
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
	int lock = engine_lock(e), control_fd, r;
	char path[ENGINE_PATH_MAX];

	if (lock < 0)
		return lock;
	control_fd =
		bpf_obj_get(engine_pin_path(path, "maps", engine_map_names[ENGINE_MAP_CONTROL]));
	r = engine_pins_remove(e);
	if (r == -ENOENT && engine_is_attached(NULL) == 1)
		r = err_set(e, -EBUSY, "attached, but the pins are not in this bpffs");
	if (!r && control_fd >= 0)
		judge_nothing(control_fd);
	if (control_fd >= 0)
		close(control_fd);
	if (!r)
		r = wait_gone(e);
	close(lock);
	return r;
}
