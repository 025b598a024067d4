/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints every digest that the kernel's store holds: "HEX USE SOURCE REFS", a line each, in the
 * order of the store. For tests that compare it with what somebody else computed. The map has no
 * pin and is found among all; a sealed machine would not let it be.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../abi/state.h"

/* A descriptor of our map `store`, the only one of slots of this size; or -1. */
static int open_store(struct bpf_map_info *info)
{
	uint32_t id = 0, len = sizeof(*info);
	int fd;

	while (!bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(info, 0, sizeof(*info));
		if (!bpf_obj_get_info_by_fd(fd, info, &len) && !strcmp(info->name, "store") &&
		    info->value_size == sizeof(struct diglim_store_slot))
			return fd;
		close(fd);
	}
	return -1;
}

static void print_slot(const struct diglim_store_slot *s)
{
	for (size_t i = 0; i < sizeof(s->digest); i++)
		printf("%02x", s->digest[i]);
	printf(" %u %u %u\n", s->use, s->source, s->refs);
}

int main(void)
{
	struct diglim_store_slot s;
	struct bpf_map_info info = {0};
	int fd = open_store(&info);

	if (fd < 0) {
		fprintf(stderr, "map store: %s\n", strerror(errno));
		return 2;
	}
	for (uint32_t i = 0; i < info.max_entries; i++) {
		if (bpf_map_lookup_elem(fd, &i, &s)) {
			fprintf(stderr, "slot %u: %s\n", i, strerror(errno));
			return 2;
		}
		if (s.state == DIGLIM_SLOT_USED)
			print_slot(&s);
	}
	return 0;
}
