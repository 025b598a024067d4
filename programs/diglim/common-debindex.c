/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-debindex.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/pkgdb/unpack.h"

#define RELEASE_MAX (16U << 20)
#define LISTS	    "/var/lib/apt/lists"

static int read_below(const char *root, const char *path, size_t max, struct buf *b, struct err *e)
{
	struct stat st;
	int fd = root_open_regular(root, path, &st, e), r;
	uint8_t *p;

	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size > max)
		r = err_set(e, -EFBIG, "%s: %lld bytes, at most %zu are read", path,
			    (long long)st.st_size, max);
	else if (!(p = buf_reserve(b, (size_t)st.st_size)))
		r = err_set(e, -ENOMEM, "%s: out of memory", path);
	else
		r = io_read_exact(fd, p, (size_t)st.st_size, 0, path, e);
	close(fd);
	return r;
}

int debindex_read_release(const char *root, const char *path, const struct cert_set *keys,
			  struct debindex_release *ret, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = read_below(root, path, RELEASE_MAX, &b, e);

	if (!r)
		r = debindex_release(b.data, b.len, path, keys, 0, ret, e);
	buf_free(&b);
	return r;
}

static int check_packages(const char *path, const struct buf *b, const struct debindex_file *f,
			  struct err *e)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	int r = digest_buffer(DIGEST_SHA256, b->data, b->len, digest, e);

	if (!r && (b->len != f->size || memcmp(digest, f->digest, sizeof(digest)) != 0))
		r = err_set(e, -EBADMSG,
			    "%s: another file than the signed InRelease lists: tampered with, or "
			    "not of the same day",
			    path);
	return r;
}

int debindex_read_packages(const char *root, const char *stem, const struct debindex_file *f,
			   struct buf *ret, struct err *e)
{
	static const char *const ends[] = {"", ".xz", ".lz4", ".gz", ".zst", ".bz2"};
	struct buf packed = BUF_INIT;
	char path[PATH_MAX];
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s%s", stem, ends[i]);
		r = read_below(root, path, DEBINDEX_MAX, &packed, e);
	}
	if (!r)
		r = unpack_compressed(packed.data, packed.len, path, DEBINDEX_MAX, ret, e);
	buf_free(&packed);
	return r ? r : check_packages(path, ret, f, e);
}

struct tracing {
	const char *root, *stem; /* of the InRelease, up to its name */
	bool flat;
	struct debindex_deb *debs;
	size_t n;
	const struct debindex_release *release;
	struct err *e;
};

static int match(const struct debindex_package *p, void *arg)
{
	struct tracing *t = arg;

	for (size_t i = 0; i < t->n; i++) {
		struct debindex_deb *d = &t->debs[i];

		if (d->origin.found)
			continue;
		if (d->size != p->size || memcmp(d->digest, p->digest, sizeof(d->digest)) != 0) {
			d->conflict |= !strcmp(d->name, p->name) &&
				       !strcmp(d->version, p->version) && !strcmp(d->arch, p->arch);
			continue;
		}
		d->origin.found = true;
		d->origin.package = *p;
		d->origin.signer = t->release->signer;
		strcpy(d->origin.suite, t->release->suite);
	}
	return 0;
}

static bool all_found(const struct tracing *t)
{
	bool all = true;

	for (size_t i = 0; i < t->n; i++)
		all &= t->debs[i].origin.found;
	return all;
}

/* apt puts an underscore for each slash. A list that it did not fetch is not there. */
static int do_packages(const struct debindex_file *f, void *arg)
{
	struct tracing *t = arg;
	struct buf b = BUF_INIT;
	struct err why = {0};
	char stem[PATH_MAX], name[DIGLIM_PATH_LONG];
	int r;

	if (!debindex_is_packages(f->path, t->flat) || all_found(t))
		return 0;
	strcpy(name, f->path);
	for (char *c = name; *c; c++)
		*c = *c == '/' ? '_' : *c;
	if (snprintf(stem, sizeof(stem), "%s%s", t->stem, name) >= (int)sizeof(stem))
		return 0;
	r = debindex_read_packages(t->root, stem, f, &b, &why);
	if (!r)
		r = debindex_packages(b.data, b.len, stem, match, t, &why);
	buf_free(&b);
	if (r == -ENOMEM)
		*t->e = why;
	else if (r && r != -ENOENT)
		cli_say("%s", why.text);
	return r == -ENOMEM ? r : 0;
}

static int do_release(struct tracing *t, const char *name, const struct debindex_trust *trust)
{
	const struct cert_set *keys = debindex_trust_for(trust, name);
	struct debindex_release release;
	struct err why = {0};
	char path[PATH_MAX], stem[PATH_MAX];
	int r;

	if (!keys) {
		cli_say(LISTS "/%s: of no source that apt has", name);
		return 0;
	}
	snprintf(path, sizeof(path), LISTS "/%s", name);
	snprintf(stem, sizeof(stem), LISTS "/%.*s", (int)(strlen(name) - strlen("InRelease")),
		 name);
	r = debindex_read_release(t->root, path, keys, &release, &why);
	if (r) {
		if (r == -ENOMEM)
			*t->e = why;
		else
			cli_say("%s", why.text);
		return r == -ENOMEM ? r : 0;
	}
	t->stem = stem;
	t->release = &release;
	t->flat = debindex_trust_is_flat(trust, name);
	r = debindex_files(&release, do_packages, t);
	debindex_release_done(&release);
	return r;
}

int debindex_trace(const char *root, const struct debindex_trust *trust, struct debindex_deb *debs,
		   size_t n, struct err *e)
{
	struct tracing t = {.root = root, .debs = debs, .n = n, .e = e};
	int fd = root_open(root, LISTS, O_RDONLY | O_DIRECTORY, NULL), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (!r && d && (entry = readdir(d))) {
		size_t len = strlen(entry->d_name);

		if (len > 10 && !strcmp(entry->d_name + len - 10, "_InRelease") && !all_found(&t))
			r = do_release(&t, entry->d_name, trust);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return r;
}
