/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "begin.h"
#include "../base/io.h"
#include "../format/listfile.h"
#include "../format/payload.h"

/* Room for what is loaded later, even on a machine without lists. */
#define DIGESTS_MIN 16384U
#define LISTS_MIN   1024U

/* Files that the disk is asked for before they are needed. */
#define READ_AHEAD 32

static void move_ahead(struct lists *l, size_t to, size_t from)
{
	char *path = l->paths[from];

	memmove(l->paths + to + 1, l->paths + to, (from - to) * sizeof(*l->paths));
	l->paths[to] = path;
}

/* Only regular files: opening a device can have effects. */
static void ask_disk(const char *path)
{
	struct stat st;
	int fd = io_open_regular(AT_FDCWD, path, &st, NULL);

	if (fd < 0)
		return;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
	close(fd);
}

void sync_survey(struct lists *l, struct sync_amount *ret,
		 void (*step)(size_t done, const char *path, void *arg), void *arg)
{
	size_t first = 0, asked = 0;

	*ret = (struct sync_amount){0};
	for (size_t i = 0; i < l->n; i++) {
		struct payload_info info = {0};
		struct listfile lf = {0};

		while (asked < l->n && asked < i + READ_AHEAD)
			ask_disk(l->paths[asked++]);
		if (step)
			step(i, l->paths[i], arg);
		if (!listfile_read(l->paths[i], &lf, NULL) &&
		    !payload_peek(lf.payload, lf.payload_len, l->paths[i], &info, NULL))
			ret->digests += info.digests;
		ret->bytes += lf.data.len;
		listfile_done(&lf);
		if (info.type != DIGLIM_LIST_ALLOW)
			move_ahead(l, first++, i);
	}
}

static uint64_t with_headroom(const struct config *conf, uint64_t n, uint64_t min)
{
	n += n * conf->headroom / 100;
	return n > min ? n : min;
}

int sync_engine_config(const struct config *conf, uint64_t digests, uint64_t lists,
		       struct engine_config *ret, struct err *e)
{
	uint64_t wanted = with_headroom(conf, digests, DIGESTS_MIN);
	uint64_t room = conf->max_lists ? conf->max_lists : with_headroom(conf, lists, LISTS_MIN);

	if (wanted > UINT32_MAX / 2)
		return err_set(e, -E2BIG, "the lists hold %llu digests: too many for the store",
			       (unsigned long long)digests);
	if (conf->flags & DIGLIM_CONTROL_GATE && conf->seal_register == CONFIG_NO_REGISTER)
		return err_set(e, -EINVAL, "[attest] gate = on needs a register to wait for");
	*ret = (struct engine_config){
		.store_digests = (uint32_t)wanted,
		.max_lists = (uint32_t)(room > lists ? room : lists),
		.ingest_buffer = conf->ingest_buffer,
		.ring_bytes = conf->ring,
		.hash_limit = conf->hash_limit,
		.flags = conf->flags,
		.scope = conf->scope,
		.anonymous = conf->anonymous,
		.interpreters = conf->interpreters,
		.interpreter_names = conf->interpreter_names,
		.seal_register = conf->seal_register < 0 ? 0 : (uint32_t)conf->seal_register,
	};
	return 0;
}
