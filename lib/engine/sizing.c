/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How large the maps must be for what is to be loaded. */
#include <errno.h>

#include "sizing.h"

#define DEFAULT_DIGESTS 16384
#define DEFAULT_LISTS	1024
#define DEFAULT_RING	(1U << 20)

/* An array map may hold 4 GiB; 40 bytes a slot. */
#define DIGESTS_MAX 100000000U

static uint32_t or_default(uint32_t v, uint32_t def)
{
	return v ? v : def;
}

/*
 * Of the bytes for events an eighth is for long paths: of 6,450 programs on a Debian system none
 * has a path that does not fit beside its event. One long path must be possible however little is
 * given.
 */
static void size_log(uint32_t bytes, struct engine_sizes *ret)
{
	uint32_t part = bytes / 8;

	ret->paths = part / sizeof(struct diglim_path_slot);
	if (!ret->paths)
		ret->paths = 1;
	ret->events = (bytes - part) / sizeof(struct diglim_event_slot);
	if (!ret->events)
		ret->events = 1;
}

int engine_sizes_of(const struct engine_config *cfg, struct engine_sizes *ret, struct err *e)
{
	uint32_t digests = or_default(cfg->store_digests, DEFAULT_DIGESTS);
	uint32_t buffer = or_default(cfg->ingest_buffer, DIGLIM_INGEST_DEFAULT);

	if (buffer < DIGLIM_INGEST_MIN || buffer > DIGLIM_INGEST_MAX)
		return err_set(e, -ERANGE, "[ingest] buffer of %u bytes: must be %u to %u", buffer,
			       DIGLIM_INGEST_MIN, DIGLIM_INGEST_MAX);
	if (digests > DIGESTS_MAX)
		return err_set(e, -ERANGE, "store for %u digests: at most %u are possible", digests,
			       DIGESTS_MAX);
	ret->lists = or_default(cfg->max_lists, DEFAULT_LISTS);
	ret->slots = digests;
	ret->links = digests / DIGLIM_LINKS_ROW + 1;
	/* The last chunk of each list is half empty. */
	ret->chunks = digests / DIGLIM_CHUNK_REFS + ret->lists + 1;
	ret->buffer = buffer + DIGLIM_SIG_MAX;
	/* Twice: upgrades bring packages of new names, too. */
	ret->versions = ret->lists < UINT32_MAX / 2 ? 2 * ret->lists : ret->lists;
	size_log(or_default(cfg->ring_bytes, DEFAULT_RING), ret);
	return 0;
}
