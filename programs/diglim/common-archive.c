/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of all packages of a Debian archive's tree, for an organisation to make once. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-debindex.h"
#include "../../lib/base/root.h"
#include "../../lib/base/snapshot.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/pkgdb/import.h"

#define DEPTH_MAX 4 /* of InRelease below dists */
#define NAMED_MAX 5 /* of packages that are absent, if people read it */

struct archive {
	struct maker *m;
	const char *dir;
	struct debindex_trust trust;
	const char *base; /* of the release at hand, below dir */
	size_t releases, absent;
	struct buf named; /* the first of those that are absent */
	struct err *e;
};

static int make_list(struct archive *a, const struct debindex_package *p, int fd, struct err *e)
{
	char name[DIGLIM_NAME_MAX], file[NAME_MAX + 1];
	struct deb d;
	int r = lseek(fd, 0, SEEK_SET) ? -errno : deb_read(fd, p->path, &d, e);

	if (r)
		return r;
	if (strcmp(d.name, p->name) != 0 || strcmp(d.version, p->version) != 0 ||
	    strcmp(d.arch, p->arch) != 0)
		r = err_set(e, -EBADMSG, "%s: is %s_%s_%s, not what Packages says", p->path, d.name,
			    d.version, d.arch);
	deb_list_name(name, d.name, d.version, d.arch);
	import_file_name("tlv", name, file, sizeof(file));
	if (!r)
		r = maker_contents(a->m, name, file, PROVENANCE_ARCHIVE, &d.files, e);
	deb_done(&d);
	return r;
}

static int tampered(const struct debindex_package *p, struct err *e)
{
	return err_set(e, -EBADMSG, "%s: another file than Packages lists: tampered with", p->path);
}

/* The tree may be somebody else's, who writes to it: what is checked and read is a copy. */
static int check_deb(struct archive *a, const struct debindex_package *p, int fd,
		     const struct stat *st, struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint64_t size;
	int copy, r;

	if ((uint64_t)st->st_size != p->size)
		return tampered(p, e);
	copy = snapshot_fd(fd, p->size < SNAPSHOT_MAX ? p->size : SNAPSHOT_MAX, p->path, &size, e);
	if (copy < 0)
		return copy;
	r = digest_fd(copy, p->path, digest, NULL, e);
	if (!r && (size != p->size || memcmp(digest, p->digest, sizeof(digest)) != 0))
		r = tampered(p, e);
	if (!r)
		r = make_list(a, p, copy, e);
	close(copy);
	return r;
}

/* A mirror may have a part only: that is no fault, but what is not there has no list. */
static void note_absent(struct archive *a, const struct debindex_package *p)
{
	struct out *o = a->m->c->out;

	if (a->absent++ < NAMED_MAX) {
		if (a->named.len)
			buf_add(&a->named, ", ", 2);
		buf_add(&a->named, p->path, strlen(p->path));
	}
	if (!out_is_json(o))
		return;
	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, p->path);
	out_str(o, "outcome", NULL, "absent");
	out_bool(o, "vouched", NULL, false);
	out_end(o);
}

static void tell_absent(struct archive *a)
{
	if (a->absent && !a->named.failed)
		cli_say("%zu packages that the indexes list are not in %s: %.*s%s", a->absent,
			a->dir, (int)a->named.len, (const char *)a->named.data,
			a->absent > NAMED_MAX ? ", … (all of them with --json)" : "");
}

static int do_package(const struct debindex_package *p, void *arg)
{
	struct archive *a = arg;
	struct err why = {0};
	struct stat st;
	int fd = root_open_regular(a->dir, p->path, &st, &why), r = fd;

	if (fd == -ENOENT || fd == -ENOTDIR) {
		note_absent(a, p);
		return 0;
	}
	progress_step(&a->m->progress, a->m->lists, p->name);
	if (fd >= 0) {
		r = check_deb(a, p, fd, &st, &why);
		close(fd);
	}
	if (!r)
		return 0;
	if (r == -ENOMEM || r == -ENOSPC) {
		*a->e = why;
		return r;
	}
	maker_refuse(a->m, p->path, "refused", &why);
	a->m->refused++;
	return 0;
}

static int do_packages(const struct debindex_file *f, void *arg)
{
	struct archive *a = arg;
	struct buf b = BUF_INIT;
	struct err why = {0};
	char stem[PATH_MAX];
	int r;

	if (!debindex_is_packages(f->path, false) ||
	    snprintf(stem, sizeof(stem), "%s/%s", a->base, f->path) >= (int)sizeof(stem))
		return 0;
	r = debindex_read_packages(a->dir, stem, f, &b, &why);
	if (!r)
		r = debindex_packages(b.data, b.len, stem, do_package, a, &why);
	buf_free(&b);
	if (r == -ENOMEM || r == -ENOSPC) {
		*a->e = a->e->code ? *a->e : why;
		return r;
	}
	if (r && r != -ENOENT) {
		maker_refuse(a->m, stem, "refused", &why);
		a->m->refused++;
	}
	return 0;
}

static int do_release(struct archive *a, const char *base)
{
	struct debindex_release release;
	struct err why = {0};
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/InRelease", base);
	r = debindex_read_release(a->dir, path, &a->trust.keys, &release, &why);
	if (r == -ENOENT)
		return 0;
	a->releases++;
	if (r == -ENOMEM) {
		*a->e = why;
		return r;
	}
	if (r) {
		maker_refuse(a->m, path, "refused", &why);
		a->m->refused++;
		return 0;
	}
	a->base = base;
	r = debindex_files(&release, do_packages, a);
	debindex_release_done(&release);
	return r;
}

static int find_releases(struct archive *a, const char *base, int depth)
{
	int fd = root_open(a->dir, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, NULL), r;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[PATH_MAX];

	if (!d) {
		if (fd >= 0)
			close(fd);
		return 0; /* "stable" is a link to what comes by itself */
	}
	r = do_release(a, base);
	while (!r && depth < DEPTH_MAX && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && entry->d_type != DT_REG &&
		    snprintf(path, sizeof(path), "%s/%s", base, entry->d_name) < (int)sizeof(path))
			r = find_releases(a, path, depth + 1);
	closedir(d);
	return r;
}

int source_archive(struct maker *m, const struct sources *s, struct err *e)
{
	struct archive a = {.m = m, .dir = s->archive, .e = e};
	/* Keys that are named are files of here; those that are not, are what the system trusts. */
	const char *root = s->n_keys || !m->c->places.root[0] ? NULL : m->c->places.root;
	int r = debindex_trust_read(root, s->archive_keys, s->n_keys, &a.trust, e);

	progress_start(&m->progress, "Importing packages", 0);
	if (!r)
		r = find_releases(&a, "dists", 0);
	if (!r && !a.releases)
		r = err_set(e, -ENOENT, "%s: no archive: no dists/…/InRelease in it", s->archive);
	progress_clear(&m->progress);
	if (!r)
		tell_absent(&a);
	buf_free(&a.named);
	debindex_trust_done(&a.trust);
	return r;
}
