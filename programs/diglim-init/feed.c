/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known before the first program runs: keys, and the lists of the root file system. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "init.h"
#include "../../abi/error.h"
#include "../../lib/base/io.h"
#include "../../lib/engine/keyring.h"
#include "../../lib/format/listfile.h"
#include "../../lib/format/payload.h"
#include "../../lib/sync/load.h"

#define DER_MAX (64U << 10)

static const char *const ring_names[RINGS] = {KEYRING_VENDOR, KEYRING_OWNER, KEYRING_RESTRICTED};
static const char *const ring_dirs[RINGS] = {"vendor", "owner", "restricted"};

static void add_key_file(struct boot *b, int32_t ring, const char *path, const char *name)
{
	struct buf der = BUF_INIT;
	char description[NAME_MAX + 16];
	struct err e = {0};
	int32_t serial;
	int r = io_read_file(path, DER_MAX, &der, &e);

	snprintf(description, sizeof(description), "diglim:%s", name);
	if (!r)
		r = keyring_add_cert(ring, description, der.data, der.len, &serial, &e);
	buf_free(&der);
	b->record.keys += !r;
	b->record.keys_refused += r != 0;
	if (r)
		trouble(b, "%s: left out", e.text);
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int fill_ring(struct boot *b, int i, struct err *e)
{
	char dir[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	struct dirent **names = NULL;
	int n;

	if (keyring_open(ring_names[i], &b->rings[i], e))
		return e->code;
	snprintf(dir, sizeof(dir), "%s/%s", b->files, ring_dirs[i]);
	n = scandir(dir, &names, is_visible, alphasort);
	if (n < 0 && errno != ENOENT)
		return err_set(e, -errno, "%s: %s", dir, strerror(errno));
	for (int k = 0; k < n; k++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[k]->d_name);
		add_key_file(b, b->rings[i], path, names[k]->d_name);
		free(names[k]);
	}
	free(names);
	return 0;
}

/* Those of the root, and those that were taken into the initramfs, unless they are loaded. */
static int find_lists(struct boot *b, struct err *e)
{
	char dir[PATH_MAX];
	int r = 0;

	if (b->stage != STAGE_EARLY)
		r = lists_add_places(&b->lists, &b->places, e);
	snprintf(dir, sizeof(dir), "%s/lists", b->files);
	if (!r && !b->attached)
		r = lists_add(&b->lists, dir, e);
	return r == -ENOENT ? 0 : r;
}

/* The early stage has made them. */
static int known_rings(struct boot *b, struct err *e)
{
	struct engine_status s = {0};
	struct engine *g = NULL;
	int r = engine_open(&g, e);

	if (!r)
		r = engine_status_get(g, &s, e);
	engine_close(g);
	b->rings[0] = s.control.vendor_keyring;
	b->rings[1] = s.control.owner_keyring;
	b->rings[2] = s.control.restricted_keyring;
	return r;
}

int feed_attach(struct boot *b, struct err *e)
{
	struct engine_config cfg;
	int r = find_lists(b, e);

	if (r || b->attached)
		return r ? r : known_rings(b, e);
	b->record.read_us = now_us();
	sync_survey(&b->lists, &b->amount, NULL, NULL);
	b->record.read_us = now_us() - b->record.read_us;
	b->record.bytes = b->amount.bytes;
	for (int i = 0; !r && i < RINGS; i++)
		r = fill_ring(b, i, e);
	if (!r && !b->record.keys)
		trouble(b, "no keys in %s: 'diglim prepare' makes them", b->files);
	if (!r)
		r = sync_engine_config(&b->config, b->amount.digests, b->lists.n, &cfg, e);
	if (r)
		return r;
	cfg.restricted_keyring = b->rings[2];
	return engine_attach(&cfg, b->rings[0], b->rings[1], e);
}

/* Identities of lists. */
struct ids {
	uint8_t (*id)[DIGLIM_LIST_ID_SIZE];
	size_t n;
};

static int add_id(struct ids *ids, const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	void *more = realloc(ids->id, (ids->n + 1) * sizeof(*ids->id));

	if (!more)
		return -ENOMEM;
	ids->id = more;
	memcpy(ids->id[ids->n++], id, sizeof(*ids->id));
	return 0;
}

static bool has_id(const struct ids *ids, const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	for (size_t i = 0; i < ids->n; i++)
		if (!memcmp(ids->id[i], id, sizeof(*ids->id)))
			return true;
	return false;
}

struct stale {
	struct ids root, gone;
};

/* What denies or limits stays: on the root it may have been taken away by an attacker. */
static int is_stale(const uint8_t id[DIGLIM_LIST_ID_SIZE], const struct diglim_list_record *rec,
		    void *arg)
{
	struct stale *s = arg;

	if (rec->type != DIGLIM_LIST_ALLOW || has_id(&s->root, id))
		return 0;
	return add_id(&s->gone, id);
}

static int root_ids(const struct boot *b, struct ids *ids)
{
	struct lists l = {0};
	int r = lists_add_places(&l, &b->places, NULL);

	for (size_t i = 0; !r && i < l.n; i++) {
		struct payload_info info;
		struct listfile lf = {0};

		if (!listfile_read(l.paths[i], &lf, NULL) &&
		    !payload_walk(lf.payload, lf.payload_len, "", &info, NULL, NULL, NULL))
			r = add_id(ids, info.list_id);
		listfile_done(&lf);
	}
	lists_done(&l);
	return r;
}

/* An initramfs may be older than the root: packages that were removed are not trusted any more. */
static int forget_stale(struct boot *b, struct engine *g, struct err *e)
{
	struct stale s = {{0}, {0}};
	int r = root_ids(b, &s.root);

	if (r)
		err_set(e, r, "lists of the root: %s", err_name(r));
	else
		r = engine_lists(g, is_stale, &s, e);
	for (size_t i = 0; !r && i < s.gone.n; i++)
		r = engine_list_remove(g, s.gone.id[i], e);
	if (!r && s.gone.n)
		say(b, "%zu lists of the initramfs are not on the root and were unloaded",
		    s.gone.n);
	free(s.root.id);
	free(s.gone.id);
	return r;
}

/* With the lists on another file system the root says nothing about what was removed. */
static bool root_decides(const struct boot *b)
{
	struct lists l = {0};
	bool yes = b->attached && b->stage == STAGE_LATE && !lists_add_places(&l, &b->places, NULL);

	yes = yes && l.n;
	lists_done(&l);
	return yes;
}

int feed_lists(struct boot *b, struct err *e)
{
	struct engine_status s = {0};
	struct engine *g = NULL;
	int r = engine_open(&g, e);

	for (size_t i = 0; !r && i < b->lists.n; i++) {
		struct err why = {0};
		int got = sync_load_file(g, b->lists.paths[i], NULL, &why);

		if (!got || got == -DIGLIM_E_EXISTS) {
			b->record.lists++;
			continue;
		}
		b->record.lists_refused++;
		trouble(b, "%s: skipped", why.text);
	}
	if (!r && root_decides(b))
		r = forget_stale(b, g, e);
	if (!r)
		r = engine_status_get(g, &s, e);
	b->record.digests = s.state.digests;
	engine_close(g);
	return r;
}
