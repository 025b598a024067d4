/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists there are, by path and by identity. */
#ifndef DIGLIM_SYNC_KNOWN_H
#define DIGLIM_SYNC_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/err.h"

struct known_list {
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	char *path; /* NULL: none */
	char *name;
	bool flag; /* the user's */
};

/* Zero-initialise; known_done() frees. */
struct known {
	struct known_list *lists;
	size_t n, room;
};

/* Copies; @path may be NULL. */
int known_add(struct known *k, const uint8_t id[DIGLIM_LIST_ID_SIZE], const char *path,
	      const char *name, struct err *e);
void known_done(struct known *k);

/* Sorted once all are there; then looked up. The one with the path, or NULL. */
void known_sort_paths(struct known *k);
const struct known_list *known_by_path(const struct known *k, const char *path);
void known_sort_ids(struct known *k);
const struct known_list *known_by_id(const struct known *k, const uint8_t id[DIGLIM_LIST_ID_SIZE]);

#endif
