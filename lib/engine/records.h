/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the read pins give (abi/read.h), record by record. Whoever put a file in the place of a pin
 * must not be able to do more than be refused: no length and no number is believed.
 */
#ifndef DIGLIM_ENGINE_RECORDS_H
#define DIGLIM_ENGINE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "../../abi/read.h"
#include "../base/err.h"

struct records {
	const uint8_t *data;
	size_t len;
	size_t pos;
};

/* One record, not aligned. */
struct record {
	const uint8_t *data;
	size_t size;
	uint64_t number;
};

/* 1 with *ret set, 0 at the end, -EBADMSG for what is no record of @kind in our version. */
int records_next(struct records *r, uint32_t kind, struct record *ret, struct err *e);

int record_state(const struct record *rec, struct diglim_read_state *ret, struct err *e);
int record_list(const struct record *rec, struct diglim_read_list *ret, struct err *e);

/* Room for the longest event. */
union record_event {
	struct diglim_event event;
	uint8_t bytes[sizeof(struct diglim_event) + DIGLIM_PATH_LONG];
};

/* 1 with *ret and *size set, 0 if it was overwritten while the kernel copied it. */
int record_event(const struct record *rec, union record_event *ret, size_t *size, struct err *e);

#endif
