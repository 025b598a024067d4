/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-metadata.h"
#include "../../abi/error.h"
#include "../../lib/format/listfile.h"
#include "../../lib/output/progress.h"
#include "../../lib/pkgdb/metadata.h"

struct check {
	struct cli *c;
	const struct keys *keys;
	const char *path;
	size_t path_len;
	const char *list; /* the one at hand */
	struct progress progress;
	size_t same, differ, missing, failed, refused;
};

static void show(struct check *k, const char *state, const char *path, const char *why)
{
	struct out *o = k->c->out;

	progress_clear(&k->progress);
	out_object(o, NULL, NULL);
	out_str(o, "path", NULL, path);
	out_str(o, "state", NULL, state);
	if (why)
		out_str(o, "reason", NULL, why);
	out_str(o, "list", NULL, k->list);
	out_end(o);
	out_line(o, OUT_BAD, "[-]", "%s: %s%s%s", path, state, why ? ": " : "", why ? why : "");
}

static bool is_below(const struct check *k, const char *path)
{
	return !strncmp(path, k->path, k->path_len) &&
	       (!path[k->path_len] || path[k->path_len] == '/' || !k->path_len);
}

static int compare(const struct metadata *m, void *arg)
{
	struct check *k = arg;
	char why[METADATA_WHY_MAX];
	struct err e = {0};
	int r;

	if (!is_below(k, m->path))
		return 0;
	progress_step(&k->progress, k->same + k->differ + k->missing, m->path);
	r = metadata_compare(k->c->places.root, m, why, &e);
	if (r == -ENOENT || r == -ENOTDIR) {
		k->missing++;
		show(k, "missing", m->path, NULL);
	} else if (r < 0) {
		k->failed++;
		show(k, "unreadable", m->path, e.text);
	} else if (r) {
		k->differ++;
		show(k, "differs", m->path, why);
	} else {
		k->same++;
	}
	return r == -ENOMEM ? r : 0;
}

static bool is_metadata(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct legacy_name name;

	return legacy_name_read(slash ? slash + 1 : path, &name) && name.type == LEGACY_METADATA;
}

/* Only what somebody signed who may: RPM headers the vendor, the rest the owner. */
static int do_list(struct check *k, const char *path, struct err *e)
{
	struct payload_info info = {0};
	struct listfile lf = {0};
	bool rpm = false;
	int r = listfile_read(path, &lf, e);

	if (!r && !is_metadata(path)) {
		r = payload_walk(lf.payload, lf.payload_len, path, &info, NULL, NULL, e);
		rpm = info.format == DIGLIM_FORMAT_RPM;
	}
	if (!r && (rpm || is_metadata(path)))
		r = verify_list(lf.payload, lf.payload_len, lf.sig, lf.sig_len,
				&k->keys->set[rpm ? KEYS_VENDOR : KEYS_OWNER], NULL, e);
	k->list = path;
	if (!r && rpm)
		r = metadata_walk_rpm(lf.payload, lf.payload_len, path, compare, k, e);
	else if (!r && is_metadata(path))
		r = metadata_walk_legacy(lf.payload, lf.payload_len, path, compare, k, e);
	listfile_done(&lf);
	return r;
}

static int find_lists(struct check *k, struct lists *l, struct err *e)
{
	int r = lists_add_places(l, &k->c->places, e);

	if (!r)
		r = lists_add(l, k->c->places.metadata, e);
	if (r == -ENOENT)
		e->code = r = 0;
	return r;
}

static int summary(struct check *k)
{
	struct out *o = k->c->out;
	bool good = k->same && !k->differ && !k->missing && !k->failed && !k->refused;

	out_num(o, "files_same", NULL, k->same);
	out_num(o, "files_differ", NULL, k->differ);
	out_num(o, "files_missing", NULL, k->missing);
	out_num(o, "files_unreadable", NULL, k->failed);
	out_num(o, "lists_refused", NULL, k->refused);
	if (!k->same && !k->differ && !k->missing && !k->failed)
		out_line(o, OUT_BAD, "[-]", "%s: no list says anything about it",
			 k->path_len ? k->path : "/");
	else
		out_line(o, good ? OUT_GOOD : OUT_BAD, good ? "[+]" : "[-]",
			 "%zu as listed, %zu differ, %zu missing, %zu unreadable", k->same,
			 k->differ, k->missing, k->failed);
	return good ? EXIT_YES : EXIT_NO;
}

int metadata_verify(struct cli *c, const char *path, struct lists *l, const struct keys *keys,
		    struct err *e)
{
	struct check k = {.c = c, .keys = keys, .path = path, .path_len = strlen(path)};
	int r = 0;

	if (*path != '/')
		return err_set(e, -EINVAL, "%s: not an absolute path", path);
	while (k.path_len && path[k.path_len - 1] == '/')
		k.path_len--;
	if (!l->n)
		r = find_lists(&k, l, e);
	progress_start(&k.progress, "Comparing metadata", 0);
	out_array(c->out, "metadata", NULL);
	for (size_t i = 0; !r && i < l->n; i++) {
		struct err why = {0};

		r = do_list(&k, l->paths[i], &why);
		if (r == -ENOMEM) {
			*e = why;
		} else if (r) {
			k.refused++;
			progress_clear(&k.progress);
			cli_say("%s: not used: %s", l->paths[i], why.text);
			r = 0;
		}
	}
	out_end(c->out);
	progress_clear(&k.progress);
	return r ? r : summary(&k);
}
