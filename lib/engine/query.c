/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../abi/query.h"
#include "diglim-query.skel.h"
#include "internal.h"
#include "query.h"

/* Our maps: more than we have. */
#define MAPS_MAX 64

static int program_open(const char *program, uint32_t *ret_id, struct err *e)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);
	char *end;
	unsigned long id = strtoul(program, &end, 10);
	int fd = *program && !*end && id <= UINT32_MAX ? bpf_prog_get_fd_by_id((uint32_t)id)
						       : bpf_obj_get(program);

	if (fd < 0)
		return err_set(e, -errno, "BPF program %s: %s", program, strerror(errno));
	if (bpf_obj_get_info_by_fd(fd, &info, &len)) {
		len = (uint32_t)errno;
		close(fd);
		return err_set(e, -(int)len, "%s: no BPF program: %s", program, strerror((int)len));
	}
	*ret_id = info.id;
	return fd;
}

/* The program on bprm_creds_for_exec, through the link that engine_attach() pinned. */
static int our_program(struct err *e)
{
	char path[ENGINE_PATH_MAX];
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info);
	int link = bpf_obj_get(engine_pin_path(path, "links", "diglim_exec")), fd;

	if (link < 0)
		return err_set(e, -errno, "%s: %s%s", path, strerror(errno),
			       errno == EPERM ? " (sealed?)" : "");
	fd = bpf_obj_get_info_by_fd(link, &info, &len) ? -1 : bpf_prog_get_fd_by_id(info.prog_id);
	if (fd < 0)
		err_set(e, -errno, "program %u: %s%s", info.prog_id, strerror(errno),
			errno == EPERM ? " (sealed: nothing can be attached any more)" : "");
	close(link);
	return fd < 0 ? -EPERM : fd;
}

/* Every map that the query's object names is the attached one of the same name. */
static int reuse(struct bpf_object *obj, int map_fd, struct err *e)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);
	struct bpf_map *m;
	int r;

	if (bpf_obj_get_info_by_fd(map_fd, &info, &len))
		return err_set(e, -errno, "map: %s", strerror(errno));
	m = bpf_object__find_map_by_name(obj, info.name);
	if (!m || bpf_map__is_internal(m))
		return 0;
	r = bpf_map__reuse_fd(m, map_fd);
	return r ? err_set(e, r, "map %s: %s", info.name, strerror(-r)) : 1;
}

static int reuse_all(struct bpf_object *obj, int program, struct err *e)
{
	uint32_t ids[MAPS_MAX], len;
	struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids};
	int r = 0, fd;

	len = sizeof(info);
	if (bpf_obj_get_info_by_fd(program, &info, &len))
		return err_set(e, -errno, "our program: %s", strerror(errno));
	for (uint32_t i = 0; r >= 0 && i < info.nr_map_ids && i < MAPS_MAX; i++) {
		fd = bpf_map_get_fd_by_id(ids[i]);
		if (fd < 0)
			return err_set(e, -errno, "map %u: %s", ids[i], strerror(errno));
		r = reuse(obj, fd, e);
		close(fd);
	}
	return r < 0 ? r : 0;
}

/* Maps that no look-up uses are left out: a new empty one would only take memory. */
static int drop_unused(struct diglim_query_bpf *s)
{
	struct bpf_map *m;

	bpf_object__for_each_map(m, s->obj)
		if (!bpf_map__is_internal(m) && bpf_map__fd(m) < 0)
			bpf_map__set_autocreate(m, false);
	return 0;
}

static int load_onto(struct diglim_query_bpf *s, int target, struct err *e)
{
	int ours = our_program(e), r;
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (ours < 0)
		return ours;
	r = reuse_all(s->obj, ours, e);
	close(ours);
	if (r)
		return r;
	if (bpf_obj_get_info_by_fd(bpf_map__fd(s->maps.store), &info, &len))
		return err_set(e, -errno, "map store: %s", strerror(errno));
	s->rodata->store_slots = info.max_entries;
	drop_unused(s);
	r = bpf_program__set_attach_target(s->progs.diglim_answer, target, DIGLIM_QUERY_FUNCTION);
	if (r)
		return err_set(e, -ENOENT,
			       "the program has no function " DIGLIM_QUERY_FUNCTION
			       "(), or no BTF: see DIGLIM_QUERY_STUB");
	r = diglim_query_bpf__load(s);
	return r ? err_set(e, r, "the kernel does not take the extension: %s", strerror(-r)) : 0;
}

static const char *pin_of(char path[ENGINE_PATH_MAX], uint32_t id)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", id);
	return engine_pin_path(path, "query", name);
}

static int attach_and_pin(struct diglim_query_bpf *s, int target, uint32_t id, struct err *e)
{
	char path[ENGINE_PATH_MAX];
	struct bpf_link *link;
	int r;

	if (mkdir(engine_pin_path(path, "query", ""), 0700) && errno != EEXIST)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	link = bpf_program__attach_freplace(s->progs.diglim_answer, target, DIGLIM_QUERY_FUNCTION);
	if (!link)
		return err_set(e, -errno, "attaching: %s", strerror(errno));
	r = bpf_link__pin(link, pin_of(path, id));
	bpf_link__destroy(link);
	return r ? err_set(e, r, "%s: cannot pin: %s", path, strerror(-r)) : 0;
}

int engine_query_attach(const char *program, uint32_t *ret_id, struct err *e)
{
	char path[ENGINE_PATH_MAX];
	struct diglim_query_bpf *s;
	int target = program_open(program, ret_id, e), r;

	if (target < 0)
		return target;
	if (!access(pin_of(path, *ret_id), F_OK)) {
		close(target);
		return err_set(e, -EEXIST, "program %u may ask already", *ret_id);
	}
	s = diglim_query_bpf__open();
	r = s ? load_onto(s, target, e) : err_set(e, -errno, "query: %s", strerror(errno));
	if (!r)
		r = attach_and_pin(s, target, *ret_id, e);
	diglim_query_bpf__destroy(s);
	close(target);
	return r;
}

int engine_query_detach(const char *program, struct err *e)
{
	char path[ENGINE_PATH_MAX], *end;
	unsigned long id = strtoul(program, &end, 10);
	uint32_t prog_id = (uint32_t)id;
	int fd;

	if (!*program || *end) {
		fd = program_open(program, &prog_id, e);
		if (fd < 0)
			return fd;
		close(fd);
	}
	if (unlink(pin_of(path, prog_id)))
		return err_set(e, -errno, "program %u: %s", prog_id,
			       errno == ENOENT ? "cannot ask" : strerror(errno));
	return 0;
}

int engine_query_list(engine_query_fn fn, void *arg, struct err *e)
{
	char path[ENGINE_PATH_MAX];
	DIR *d = opendir(engine_pin_path(path, "query", ""));
	struct dirent *ent;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (!r && (ent = readdir(d)))
		if (ent->d_name[0] != '.')
			r = fn((uint32_t)strtoul(ent->d_name, NULL, 10), arg);
	closedir(d);
	return r;
}
