/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Prints every digest that the kernel's store holds: "HEX USE SOURCE REFS", a line each, in the
 * order of the store. For tests that compare it with what somebody else computed.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../../abi/state.h"

#define STORE_PIN "/sys/fs/bpf/diglim/maps/store"

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
	uint32_t len = sizeof(info);
	int fd = bpf_obj_get(STORE_PIN);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len)) {
		fprintf(stderr, "%s: %s\n", STORE_PIN, strerror(errno));
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
