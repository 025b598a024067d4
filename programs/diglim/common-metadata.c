/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owner, mode, capabilities and label of what is below a directory, as a list of type metadata. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-metadata.h"
#include "common-sources.h"
#include "../../lib/format/listfile.h"
#include "../../lib/format/payload.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/pkgdb/metadata.h"

/* Entries are large while they are being collected. */
enum { BLOCK = 64 };

struct collect {
	struct maker *m;
	const char *root;
	struct legacy_entry *block;
	uint32_t n;
	size_t files;
	struct buf payload;
	struct err *e;
};

static void end_block(struct collect *c)
{
	if (c->n)
		legacy_put_tlv(&c->payload, LEGACY_METADATA, LEGACY_FROM_KEY, c->block, c->n);
	c->n = 0;
}

static int add(struct collect *c, const FTSENT *f)
{
	const char *path = f->fts_path + strlen(c->root);
	int r;

	if (strlen(*path ? path : "/") >= sizeof(c->block->path))
		return err_set(c->e, -ENAMETOOLONG, "%s: name too long", path);
	r = metadata_take(c->root, *path ? path : "/", &c->block[c->n], c->e);
	if (r == -ENOENT || r == -ENOTDIR) {
		c->e->code = 0;
		return 0; /* gone meanwhile */
	}
	if (r)
		return r;
	c->files++;
	progress_step(&c->m->progress, c->files, path);
	if (++c->n == BLOCK)
		end_block(c);
	if (c->payload.len > LISTFILE_MAX)
		return err_set(c->e, -EFBIG,
			       "more than a list holds (%u bytes): name smaller parts",
			       LISTFILE_MAX);
	return c->payload.failed ? err_set(c->e, -ENOMEM, "out of memory") : 0;
}

/* One file system; no link is followed but the name itself, which metadata_take() looks up anew. */
static int walk(struct collect *c, const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	const FTSENT *f;
	int r = 0;

	if (!fts)
		return err_set(c->e, -errno, "%s: %s", path, strerror(errno));
	for (errno = 0; !r && (f = fts_read(fts)); errno = 0) {
		if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR || f->fts_info == FTS_NS)
			r = err_set(c->e, -f->fts_errno, "%s: %s", f->fts_path,
				    strerror(f->fts_errno));
		else if (f->fts_info != FTS_DP)
			r = add(c, f);
	}
	if (!r && errno)
		r = err_set(c->e, -errno, "%s: %s", path, strerror(errno));
	fts_close(fts);
	end_block(c);
	return r;
}

static int write_list(struct collect *c, const char *name)
{
	const char *dir = c->m->dir ? c->m->dir : c->m->c->places.metadata;
	char file[DIGLIM_NAME_MAX + 32], path[PATH_MAX];
	struct buf sig = BUF_INIT;
	int r = places_make_dir(dir, c->e);

	import_file_name(METADATA_PREFIX, name, file, sizeof(file));
	if (!r && snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		r = err_set(c->e, -ENAMETOOLONG, "%s: name too long", dir);
	if (!r)
		r = signer_sign(c->m->signer, DIGEST_NONE, c->payload.data, c->payload.len, &sig,
				c->e);
	if (!r)
		r = listfile_write(path, c->payload.data, c->payload.len, sig.data, sig.len, c->e);
	if (!r)
		maker_show(c->m, name, path, c->files);
	buf_free(&sig);
	return r;
}

int source_metadata(struct maker *m, const char *path, struct err *e)
{
	struct collect c = {.m = m, .root = m->c->places.root, .payload = BUF_INIT, .e = e};
	char full[PATH_MAX], name[DIGLIM_NAME_MAX];
	int r = 0;

	if (*path != '/')
		return err_set(e, -EINVAL, "%s: not an absolute path", path);
	if (snprintf(full, sizeof(full), "%s%s", c.root, path) >= (int)sizeof(full))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", path);
	while (strlen(full) > strlen(c.root) + 1 && full[strlen(full) - 1] == '/')
		full[strlen(full) - 1] = '\0';
	snprintf(name, sizeof(name), "%.100s",
		 m->args->name ? m->args->name : full + strlen(c.root) + 1);
	c.block = calloc(BLOCK, sizeof(*c.block));
	if (!c.block)
		return err_set(e, -ENOMEM, "out of memory");
	progress_start(&m->progress, "Looking at files", 0);
	r = walk(&c, full);
	progress_clear(&m->progress);
	if (!r)
		r = write_list(&c, *name ? name : "root");
	buf_free(&c.payload);
	free(c.block);
	return r;
}
