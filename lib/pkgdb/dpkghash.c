// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/root.h"
#include "../base/work.h"
#include "dpkgdb.h"

#define BATCH 64 /* files of one work item */

struct batch {
	struct work_item link;
	size_t from, to;
};

struct hashing {
	struct dpkgdb *db;
	const char *root;
	bool all;
	struct digester *digesters[WORK_THREADS_MAX];
	atomic_size_t done;
	void (*tick)(size_t done, void *arg);
	void *arg;
};

static int hash_open(const struct hashing *h, struct dpkg_file *f, int fd, const struct stat *st,
		     struct digester *d)
{
	uint8_t md5[DIGEST_MD5_SIZE];
	const uint8_t *head;
	struct err e;
	size_t len;
	int r = digester_begin(d, fd, st, f->path, &head, &len, &e);

	if (r)
		return r;
	f->size = (uint64_t)st->st_size;
	f->kind = file_kind(f->path, st->st_mode, head, len, &f->use);
	if (!f->use && !h->all)
		return 0;
	f->state = DPKG_NO_MD5;
	if (!f->has_md5)
		return 0;
	r = digester_end(d, f->digest, md5, &e);
	if (!r)
		f->state = memcmp(md5, f->md5, sizeof(md5)) ? DPKG_DIFFERS : DPKG_SAME;
	return r;
}

/* What is not there, excluded from unpacking perhaps, needs nobody's word. */
static void hash(const struct hashing *h, struct dpkg_file *f, struct digester *d)
{
	struct stat st;
	struct err e;
	int fd = root_open_regular(h->root, f->path, &st, &e), r = fd;

	if (fd >= 0) {
		r = hash_open(h, f, fd, &st, d);
		close(fd);
	}
	if (r >= 0 || r == -ENOENT || r == -ENOTDIR || r == -EISDIR || r == -EINVAL)
		return;
	f->state = DPKG_FAILED;
	f->failed = -r;
}

static void do_batch(struct work *w, struct work_item *link, unsigned int worker, void *arg)
{
	struct batch *b = (struct batch *)link;
	struct hashing *h = arg;

	(void)w;
	for (size_t i = b->from; i < b->to; i++)
		hash(h, &h->db->files[i], h->digesters[worker]);
	atomic_fetch_add(&h->done, b->to - b->from);
}

static void tick(void *arg)
{
	struct hashing *h = arg;

	if (h->tick)
		h->tick(atomic_load(&h->done), h->arg);
}

int dpkgdb_hash(struct dpkgdb *d, const char *root, unsigned int threads, bool all,
		void (*fn)(size_t done, void *arg), void *arg, struct err *e)
{
	struct hashing h = {.db = d, .root = root, .all = all, .tick = fn, .arg = arg};
	size_t n = (d->n_files + BATCH - 1) / BATCH;
	struct batch *batches = calloc(n ? n : 1, sizeof(*batches));
	int r = batches ? 0 : -ENOMEM;

	threads = threads ? threads : work_threads();
	for (unsigned int i = 0; !r && i < threads; i++)
		r = (h.digesters[i] = digester_new(true)) ? 0 : -ENOMEM;
	for (size_t i = 0; !r && i < n; i++) {
		batches[i].from = i * BATCH;
		batches[i].to = (i + 1) * BATCH < d->n_files ? (i + 1) * BATCH : d->n_files;
		batches[i].link.next = i + 1 < n ? &batches[i + 1].link : NULL;
	}
	if (r)
		err_set(e, r, "out of memory");
	else if (n)
		r = work_run(threads, &batches[0].link, do_batch, tick, &h, e);
	for (unsigned int i = 0; i < threads; i++)
		digester_free(h.digesters[i]);
	free(batches);
	return r;
}
