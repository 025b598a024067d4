/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sealing: tells the kernel side what is ours (maps, programs, links, pins, keys), freezes the maps
 * for system calls, and puts the guard up.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "internal.h"
#include "keyring.h"

#define MAPS_MAX   64 /* of one program */
#define MAPS_TOTAL 96

struct seal {
	size_t n;
	struct diglim_guarded entry[DIGLIM_GUARDED_ENTRIES];
	int maps;
	uint32_t map_id[MAPS_TOTAL];
	int map_fd[MAPS_TOTAL];
	struct err *e;
};

static int guard(struct seal *s, enum diglim_guarded_kind kind, uint64_t id, uint32_t dev)
{
	if (s->n == DIGLIM_GUARDED_ENTRIES)
		return err_set(s->e, -E2BIG, "more than %d keys, maps and programs to guard",
			       DIGLIM_GUARDED_ENTRIES);
	s->entry[s->n++] = (struct diglim_guarded){.id = id, .kind = kind, .dev = dev};
	return 0;
}

static int guard_inode(struct seal *s, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(s->e, -errno, "pins: %s", strerror(errno));
	return guard(s, DIGLIM_GUARDED_INODE, st.st_ino,
		     (uint32_t)(major(st.st_dev) << 20 | minor(st.st_dev)));
}

/* Keeps its descriptor: after sealing there is no other. */
static int guard_map(struct seal *s, uint32_t id)
{
	int fd;

	for (int i = 0; i < s->maps; i++)
		if (s->map_id[i] == id)
			return 0;
	if (s->maps == MAPS_TOTAL)
		return err_set(s->e, -E2BIG, "more than %d maps", MAPS_TOTAL);
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return err_set(s->e, -errno, "map %u: %s", id, strerror(errno));
	s->map_id[s->maps] = id;
	s->map_fd[s->maps++] = fd;
	return guard(s, DIGLIM_GUARDED_MAP, id, 0);
}

static int guard_prog(struct seal *s, uint32_t id)
{
	uint32_t maps[MAPS_MAX] = {0};
	struct bpf_prog_info info = {
		.nr_map_ids = MAPS_MAX,
		.map_ids = (uintptr_t)maps,
	};
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id), r;

	if (fd < 0)
		return err_set(s->e, -errno, "program %u: %s", id, strerror(errno));
	r = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;
	close(fd);
	if (r || info.nr_map_ids > MAPS_MAX)
		return err_set(s->e, r ? r : -E2BIG, "program %u: its maps cannot be told", id);
	r = guard(s, DIGLIM_GUARDED_PROG, id, 0);
	for (uint32_t i = 0; !r && i < info.nr_map_ids; i++)
		r = guard_map(s, maps[i]);
	return r;
}

/*
 * Descriptors that are older than the seal write no more; the kernel side does. Constants were
 * frozen when they were loaded.
 */
static int freeze_maps(struct seal *s)
{
	for (int i = 0; i < s->maps; i++) {
		struct bpf_map_info info = {};
		uint32_t len = sizeof(info);

		if (bpf_obj_get_info_by_fd(s->map_fd[i], &info, &len))
			return err_set(s->e, -errno, "map %u: %s", s->map_id[i], strerror(errno));
		if (!(info.map_flags & BPF_F_RDONLY_PROG) && bpf_map_freeze(s->map_fd[i]))
			return err_set(s->e, -errno, "sealed, but map %s is not frozen: %s",
				       info.name, strerror(errno));
	}
	return 0;
}

/* What kind of BPF object a descriptor is, only its name says. */
static bool is_link(int fd)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       (strstr(target, "bpf-link") || strstr(target, "bpf_link"));
}

/* A link leads to its program, a program to its maps: also to those that have no pin. */
static int guard_pin(struct seal *s, const char *path)
{
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info);
	int fd = bpf_obj_get(path), r = 0;

	if (fd < 0)
		return err_set(s->e, -errno, "%s: %s", path, strerror(errno));
	if (is_link(fd)) {
		r = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;
		if (!r)
			r = guard(s, DIGLIM_GUARDED_LINK, info.id, 0);
		if (!r)
			r = guard_prog(s, info.prog_id);
	}
	close(fd);
	return r;
}

static int guard_dir(struct seal *s, const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	struct dirent *ent;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		r = err_set(s->e, -errno, "%s: %s", dir, strerror(errno));
		if (fd >= 0)
			close(fd);
		return r;
	}
	r = guard_inode(s, fd);
	while (!r && (ent = readdir(d))) {
		char path[ENGINE_PATH_MAX * 2];
		struct stat st;

		if (ent->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, ent->d_name);
		if (lstat(path, &st))
			r = err_set(s->e, -errno, "%s: %s", path, strerror(errno));
		else if (S_ISDIR(st.st_mode))
			r = guard_dir(s, path);
		else
			r = guard_pin(s, path);
		if (!r && !S_ISDIR(st.st_mode))
			r = guard(s, DIGLIM_GUARDED_INODE, st.st_ino,
				  (uint32_t)(major(st.st_dev) << 20 | minor(st.st_dev)));
	}
	closedir(d);
	return r;
}

/* The keyring, its keys, and from now on no others. */
static int guard_keyring(struct seal *s, int32_t ring)
{
	key_serial_t *keys = NULL;
	int n, r;

	if (ring <= 0)
		return 0;
	if (keyctl_restrict_keyring(ring, NULL, NULL) && errno != EEXIST)
		return err_set(s->e, -errno, "keyring %d: %s", ring, strerror(errno));
	n = keyctl_read_alloc(ring, (void **)&keys);
	if (n < 0)
		return err_set(s->e, -errno, "keyring %d: %s", ring, strerror(errno));
	r = guard(s, DIGLIM_GUARDED_KEY, (uint32_t)ring, 0);
	for (int i = 0; !r && i < n / (int)sizeof(*keys); i++)
		r = guard(s, DIGLIM_GUARDED_KEY, (uint32_t)keys[i], 0);
	free(keys);
	return r;
}

static int guard_keys(struct seal *s, const int32_t *rings, size_t n)
{
	int32_t anchor;
	int r = keyring_anchor(&anchor, s->e);

	if (!r)
		r = guard(s, DIGLIM_GUARDED_KEY, (uint32_t)anchor, 0);
	for (size_t i = 0; !r && i < n; i++)
		r = guard_keyring(s, rings[i]);
	return r;
}

static int put_up(struct seal *s, enum diglim_seal how)
{
	int fd = open(ENGINE_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_SEAL,
		.mode = how,
		.payload = (uint64_t)fd,
	};
	int r;

	if (fd < 0)
		return err_set(s->e, -errno, "%s: %s", ENGINE_PIN_DIR, strerror(errno));
	r = engine_request(&rq);
	close(fd);
	if (r)
		return err_set(s->e, r, "sealing: %s", err_name(r));
	r = engine_is_sealed(s->e);
	return r == 1 ? 0 : err_set(s->e, -EPROTO, "sealing was answered, but it is not sealed");
}

/* A namespace that ends takes its mounts with it: the pins must be in one that stays. */
static int refuse_other_namespace(struct err *e)
{
	struct stat own, first;

	if (stat("/proc/self/ns/mnt", &own) || stat("/proc/1/ns/mnt", &first))
		return err_set(e, -errno, "/proc: %s", strerror(errno));
	if (own.st_ino != first.st_ino)
		return err_set(e, -EINVAL,
			       "not in the mount namespace of process 1: the pins would go with "
			       "this one");
	return 0;
}

/* The descriptor of one of our maps; they have no pins. */
static int map_by_name(const struct seal *s, const char *name)
{
	for (int i = 0; i < s->maps; i++) {
		struct bpf_map_info info = {};
		uint32_t len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(s->map_fd[i], &info, &len) && !strcmp(info.name, name))
			return s->map_fd[i];
	}
	return -1;
}

static int note_guarded(struct seal *s)
{
	int fd = map_by_name(s, "guarded");
	uint32_t one = 1;

	for (size_t i = 0; i < s->n; i++)
		if (bpf_map_update_elem(fd, &s->entry[i], &one, BPF_ANY))
			return err_set(s->e, -errno, "noting what is guarded: %s", strerror(errno));
	return 0;
}

static int seal_collected(struct seal *s, enum diglim_seal how)
{
	const struct selftest_maps maps = {
		.control = map_by_name(s, "control"),
		.counters = map_by_name(s, "counters"),
		.tasks = map_by_name(s, "tasks"),
	};
	const struct engine_config all = {0};
	/* A guarantee that is missing now cannot be had any more once it is sealed. */
	int r = engine_refuse_partial(false, s->e);

	if (!r && (map_by_name(s, "control") < 0 || map_by_name(s, "guarded") < 0))
		r = err_set(s->e, -ENOENT, "%s: the pins do not lead to the maps", ENGINE_PIN_DIR);
	if (!r)
		r = engine_selftest_all(&maps, DIGLIM_HOOK_PTRACE, &all, s->e);
	if (!r)
		r = note_guarded(s);
	if (!r)
		r = put_up(s, how);
	return r ? r : freeze_maps(s);
}

int engine_seal(const int32_t *rings, size_t n, enum diglim_seal how, struct err *e)
{
	int lock = engine_lock(e), r;
	struct seal *s;

	if (lock < 0)
		return lock;
	s = calloc(1, sizeof(*s));
	if (!s) {
		close(lock);
		return err_set(e, -ENOMEM, "out of memory");
	}
	s->e = e;
	r = refuse_other_namespace(e);
	if (!r)
		r = guard_keys(s, rings, n);
	if (!r)
		r = guard_dir(s, ENGINE_PIN_DIR);
	if (!r)
		r = seal_collected(s, how);
	for (int i = 0; i < s->maps; i++)
		close(s->map_fd[i]);
	free(s);
	close(lock);
	return r;
}
