/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The iterators of bpf/read.bpf.c: attached to their maps and pinned, to be read with read(2). */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "diglim.skel.h"
#include "internal.h"
#include "readers.h"

static const struct {
	const char *program, *map, *pin;
} readers[] = {
	{"diglim_read_state", "status", ENGINE_READ_STATE},
	{"diglim_read_lists", "lists", ENGINE_READ_LISTS},
	{"diglim_read_events", "events", ENGINE_READ_EVENTS},
};

#define READERS (sizeof(readers) / sizeof(readers[0]))

void engine_readers_prepare(struct diglim_bpf *s)
{
	for (size_t i = 0; i < READERS; i++) {
		struct bpf_program *p =
			bpf_object__find_program_by_name(s->obj, readers[i].program);

		if (p)
			bpf_program__set_autoattach(p, false);
	}
}

static int pin_one(struct bpf_program *p, int map_fd, const char *path)
{
	union bpf_iter_link_info info = {.map.map_fd = (uint32_t)map_fd};
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info, .link_info_len = sizeof(info));
	struct bpf_link *link = bpf_program__attach_iter(p, &opts);
	int r;

	if (!link)
		return -errno;
	r = bpf_link__pin(link, path);
	/* The pin holds it from now on. */
	bpf_link__destroy(link);
	if (!r && chmod(path, 0400))
		r = -errno;
	return r;
}

int engine_readers_pin(struct diglim_bpf *s, struct err *e)
{
	char path[ENGINE_PATH_MAX];

	for (size_t i = 0; i < READERS; i++) {
		struct bpf_program *p =
			bpf_object__find_program_by_name(s->obj, readers[i].program);
		struct bpf_map *m = bpf_object__find_map_by_name(s->obj, readers[i].map);
		int r;

		engine_pin_path(path, "read", readers[i].pin);
		r = p && m ? pin_one(p, bpf_map__fd(m), path) : -ENOENT;
		if (r)
			return err_set(e, r, "%s: cannot pin: %s", path, strerror(-r));
	}
	return 0;
}
