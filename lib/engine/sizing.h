/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sizes of the maps: fixed at attach, and what bench/ measures. */
#ifndef DIGLIM_ENGINE_SIZING_H
#define DIGLIM_ENGINE_SIZING_H

#include <stdint.h>

#include "engine.h"

/* Entries of the maps, unless said otherwise. */
struct engine_sizes {
	uint32_t slots;
	uint32_t links;
	uint32_t chunks;
	uint32_t lists;
	uint32_t buffer; /* bytes of an ingest buffer: signature and payload */
	uint32_t events;
	uint32_t paths;
	uint32_t versions;
};

/* -ERANGE if the configuration asks for what the kernel cannot take. */
int engine_sizes_of(const struct engine_config *cfg, struct engine_sizes *ret, struct err *e);

#endif
