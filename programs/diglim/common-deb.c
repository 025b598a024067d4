/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Debian: single packages, and what dpkg has installed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-debscripts.h"
#include "../../lib/base/io.h"
#include "../../lib/format/listfile.h"
#include "../../lib/pkgdb/deb.h"
#include "../../lib/pkgdb/dpkgdb.h"
#include "../../lib/pkgdb/import.h"

int source_deb(struct maker *m, const char *path, struct err *e)
{
	char name[DIGLIM_NAME_MAX], file[NAME_MAX + 1];
	struct stat st;
	struct deb d;
	int fd = io_open_regular(AT_FDCWD, path, &st, e), r;

	if (fd < 0)
		return fd;
	r = deb_read(fd, path, &d, e);
	close(fd);
	if (r)
		return r;
	deb_list_name(name, d.name, d.version, d.arch);
	import_file_name("tlv", name, file, sizeof(file));
	r = maker_contents(m, name, file, PROVENANCE_DEB, &d.files, e);
	deb_done(&d);
	return r;
}

struct dpkg {
	struct maker *m;
	const char *root;
	struct dpkgdb db;
	struct contents written; /* names of list files, as paths */
};

static void left_out(struct dpkg *k, const struct dpkg_file *f, const char *package)
{
	struct out *o = k->m->c->out;
	const char *why = f->state == DPKG_FAILED   ? strerror(f->failed)
			  : f->state == DPKG_NO_MD5 ? "dpkg has no MD5 digest of it"
			  : f->conffile		    ? "configuration file, changed here"
						    : "differs from dpkg's MD5 digest";

	progress_clear(&k->m->progress);
	out_object(o, NULL, NULL);
	out_str(o, "path", NULL, f->path);
	out_str(o, "package", NULL, package);
	out_str(o, "outcome", NULL, "left-out");
	out_bool(o, "vouched", NULL, false);
	out_bool(o, "conffile", NULL, f->conffile);
	out_str(o, "reason", NULL, why);
	out_end(o);
	out_line(o, f->conffile ? OUT_WARN : OUT_BAD, f->conffile ? "[?]" : "[-]", "%s (%s): %s",
		 f->path, package, why);
	/* An administrator may change configuration; that it is not vouched for is said. */
	k->m->failed += !(f->conffile && f->state == DPKG_DIFFERS);
}

static int add_file(struct dpkg *k, const struct dpkg_file *f, struct contents *c, struct err *e)
{
	struct contents_file file = {.path = f->path,
				     .type = CONTENTS_FILE,
				     .kind = f->kind,
				     .use = f->use,
				     .size = f->size};

	if (f->state == DPKG_UNKNOWN)
		return 0;
	if (f->state != DPKG_SAME) {
		left_out(k, f, k->db.packages[f->package].name);
		return 0;
	}
	memcpy(file.digest, f->digest, sizeof(file.digest));
	return contents_put(c, &file, e);
}

static int note_written(const char *path, void *arg, struct err *e)
{
	struct dpkg *k = arg;
	struct contents_file f = {.type = CONTENTS_OTHER};
	char name[DIGLIM_PATH_LONG];

	if (contents_path(strrchr(path, '/'), name))
		return 0;
	f.path = name;
	return contents_put(&k->written, &f, e);
}

/* Named; the list of an earlier run stays. */
static int leave_out(struct dpkg *k, const struct dpkg_package *p, const char *name,
		     const char *file, struct err *e)
{
	struct err why = {.code = -EBADMSG};

	snprintf(why.text, sizeof(why.text), "%s", p->broken);
	maker_refuse(k->m, name, "malformed", &why);
	k->m->damaged++;
	return note_written(file, k, e);
}

static int do_package(struct dpkg *k, size_t package, size_t *at, struct err *e)
{
	const struct dpkg_package *p = &k->db.packages[package];
	char name[DIGLIM_NAME_MAX], file[NAME_MAX + 1], slash[NAME_MAX + 2];
	struct contents c = {0};
	int r = 0;

	for (; !r && *at < k->db.n_files && k->db.files[*at].package == package; ++*at)
		r = add_file(k, &k->db.files[*at], &c, e);
	deb_list_name(name, p->name, p->version, p->arch);
	import_file_name("tlv", name, file, sizeof(file));
	snprintf(slash, sizeof(slash), "/%s", file);
	if (!r && p->broken)
		r = leave_out(k, p, name, slash, e);
	else if (!r)
		r = maker_contents(k->m, name, file, PROVENANCE_DPKG_MD5, &c, e);
	contents_done(&c);
	return r;
}

/* A list of an earlier run, about a package that is no more there in this version. */
static bool is_stale(const struct dpkg *k, const char *dir, const char *file)
{
	struct payload_info info = {0};
	struct listfile lf = {0};
	char path[PATH_MAX], name[NAME_MAX + 2];
	size_t len;
	bool ours = false;

	snprintf(name, sizeof(name), "/%s", file);
	if (strncmp(file, "tlv-", 4) || contents_find(&k->written, name) ||
	    snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return false;
	if (!listfile_read(path, &lf, NULL) &&
	    !payload_walk(lf.payload, lf.payload_len, path, &info, NULL, NULL, NULL))
		ours = provenance_of(info.name, &len) == PROVENANCE_DPKG_MD5;
	listfile_done(&lf);
	return ours;
}

static void remove_stale(struct dpkg *k)
{
	const char *dir = k->m->dir ? k->m->dir : k->m->c->places.lists[PLACES_MADE];
	const struct dirent *entry;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		if (!is_stale(k, dir, entry->d_name))
			continue;
		if (unlinkat(dirfd(d), entry->d_name, 0))
			cli_say("%s/%s: not removed: %s", dir, entry->d_name, strerror(errno));
		else if (!k->m->quiet)
			out_line(k->m->c->out, OUT_PLAIN, "[=]", "%s: removed, no longer installed",
				 entry->d_name);
	}
	if (d)
		closedir(d);
}

static void tick(size_t done, void *arg)
{
	progress_step(&((struct dpkg *)arg)->m->progress, done, NULL);
}

int source_dpkg(struct maker *m, struct err *e)
{
	struct dpkg k = {.m = m, .root = m->c->places.root[0] ? m->c->places.root : NULL};
	struct contents scripts = {0};
	size_t at = 0;
	int r = dpkgdb_read(k.root, &k.db, e);

	if (!r && !k.db.n_packages)
		r = err_set(e, -ENODATA, "dpkg's database has no installed package");
	if (r)
		return r;
	m->written = note_written;
	m->arg = &k;
	progress_start(&m->progress, "Hashing files", k.db.n_files);
	r = dpkgdb_hash(&k.db, k.root, 0, m->args->all, tick, &k, e);
	progress_clear(&m->progress);
	progress_start(&m->progress, "Signing lists", k.db.n_packages);
	for (size_t i = 0; !r && i < k.db.n_packages; i++) {
		progress_step(&m->progress, i, k.db.packages[i].name);
		r = do_package(&k, i, &at, e);
	}
	if (!r)
		r = debscripts_read(m->c, &scripts, e);
	if (!r)
		r = debscripts_list(m, &scripts, e);
	if (!r)
		remove_stale(&k);
	contents_done(&scripts);
	m->written = NULL;
	contents_done(&k.written);
	dpkgdb_done(&k.db);
	return r;
}
