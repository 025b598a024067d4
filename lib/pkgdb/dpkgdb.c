// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/hex.h"
#include "../base/io.h"
#include "../base/root.h"
#include "../format/deb822.h"
#include "contents.h"
#include "deb.h"
#include "dpkgdb.h"

#define ADMIN	 "/var/lib/dpkg"
#define FILE_MAX (512U << 20) /* of the status file; far above any */

struct reader {
	const char *root;
	struct dpkgdb *db;
	struct contents seen; /* files of the package at hand that have a digest */
	struct err *e;
};

static int no_memory(struct reader *r)
{
	return err_set(r->e, -ENOMEM, "out of memory");
}

static int read_file(struct reader *r, const char *path, struct buf *b)
{
	struct stat st;
	int fd = root_open_regular(r->root, path, &st, r->e), ret;
	uint8_t *p;

	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size > FILE_MAX)
		ret = err_set(r->e, -EFBIG, "%s: %lld bytes", path, (long long)st.st_size);
	else if (!(p = buf_reserve(b, (size_t)st.st_size)))
		ret = no_memory(r);
	else
		ret = io_read_exact(fd, p, (size_t)st.st_size, 0, path, r->e);
	close(fd);
	return ret;
}

/* Three lines each: where the package wants it, where it is, whose it is not about. */
static int read_diversions(struct reader *r)
{
	struct buf b = BUF_INIT;
	struct dpkgdb *db = r->db;
	int ret = read_file(r, ADMIN "/diversions", &b);
	const char *p = (const char *)b.data, *end = p + b.len;

	while (!ret && p < end) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((feed ? feed : end) - p);
		char **all = reallocarray(db->diversions, db->n_diversions + 1, sizeof(*all));

		if (!all) {
			ret = no_memory(r);
			break;
		}
		db->diversions = all;
		all[db->n_diversions] = strndup(p, len);
		if (!all[db->n_diversions++])
			ret = no_memory(r);
		p += len + (p + len < end);
	}
	buf_free(&b);
	if (!ret && db->n_diversions % 3)
		ret = err_set(r->e, -EINVAL, ADMIN "/diversions: %zu lines, not three for each",
			      db->n_diversions);
	return ret == -ENOENT ? 0 : ret;
}

/* A diverted file of all packages but one lies elsewhere. */
static const char *diverted(const struct dpkgdb *db, const char *path, const char *package)
{
	for (size_t i = 0; i + 2 < db->n_diversions; i += 3)
		if (!strcmp(db->diversions[i], path) && strcmp(db->diversions[i + 2], package) != 0)
			return db->diversions[i + 1];
	return path;
}

static struct dpkg_file *add_file(struct reader *r, const char *path)
{
	struct dpkgdb *db = r->db;
	const char *package = db->packages[db->n_packages - 1].name;
	struct dpkg_file *f;

	if (db->n_files == db->size) {
		size_t size = db->size ? 2 * db->size : 4096;

		f = reallocarray(db->files, size, sizeof(*f));
		if (!f)
			return NULL;
		db->files = f;
		db->size = size;
	}
	f = &db->files[db->n_files];
	memset(f, 0, sizeof(*f));
	f->package = (uint32_t)db->n_packages - 1;
	f->path = strdup(diverted(db, path, package));
	if (!f->path)
		return NULL;
	db->n_files++;
	return f;
}

static int add_digest(struct reader *r, const char *path, const uint8_t md5[DIGEST_MD5_SIZE],
		      bool conffile)
{
	struct contents_file seen = {.path = (char *)path, .type = CONTENTS_OTHER};
	struct dpkg_file *f = add_file(r, path);

	if (!f)
		return no_memory(r);
	memcpy(f->md5, md5, sizeof(f->md5));
	f->has_md5 = true;
	f->conffile = conffile;
	return contents_put(&r->seen, &seen, r->e);
}

bool dpkgdb_md5_line(const char *line, size_t len, uint8_t md5[DIGEST_MD5_SIZE],
		     char path[DIGLIM_PATH_LONG])
{
	char text[DIGLIM_PATH_LONG];
	size_t n = 2 * DIGEST_MD5_SIZE;

	if (len < n + 3 || len - n >= sizeof(text) || line[n] != ' ' || memchr(line, '\0', len) ||
	    hex_decode(line, n, md5, DIGEST_MD5_SIZE))
		return false;
	line += n + 1;
	len -= n + 1;
	while (len && (*line == ' ' || *line == '*')) {
		line++;
		len--;
	}
	memcpy(text, line, len);
	text[len] = '\0';
	return len && !contents_path(text, path);
}

/* "/etc/x HEX", and behind it perhaps "obsolete" or "remove-on-upgrade". */
static int read_conffiles(struct reader *r, const struct deb822_para *p)
{
	const char *value, *line, *word, *hex;
	size_t len, n, wlen, hlen;
	uint8_t md5[DIGEST_MD5_SIZE];
	char path[DIGLIM_PATH_LONG], name[DIGLIM_PATH_LONG];
	int ret = 0;

	if (!deb822_get(p, "Conffiles", &value, &len))
		return 0;
	while (!ret && deb822_line(&value, &len, &line, &n)) {
		if (!deb822_word(&line, &n, &word, &wlen) || !deb822_word(&line, &n, &hex, &hlen) ||
		    wlen >= sizeof(name) || hex_decode(hex, hlen, md5, sizeof(md5)))
			continue; /* "newconffile": not unpacked yet */
		memcpy(name, word, wlen);
		name[wlen] = '\0';
		if (!contents_path(name, path))
			ret = add_digest(r, path, md5, true);
	}
	return ret;
}

/* Of packages that may be there in several architectures the files have it in their names. */
static int read_info(struct reader *r, const char *what, struct buf *b)
{
	const struct dpkg_package *p = &r->db->packages[r->db->n_packages - 1];
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), ADMIN "/info/%s:%s.%s", p->name, p->arch, what);
	ret = read_file(r, path, b);
	if (ret != -ENOENT)
		return ret;
	snprintf(path, sizeof(path), ADMIN "/info/%s.%s", p->name, what);
	return read_file(r, path, b);
}

static int read_md5sums(struct reader *r)
{
	struct dpkg_package *p = &r->db->packages[r->db->n_packages - 1];
	uint8_t md5[DIGEST_MD5_SIZE];
	char path[DIGLIM_PATH_LONG];
	struct buf b = BUF_INIT;
	int ret = read_info(r, "md5sums", &b);
	const char *at = (const char *)b.data, *end = at + b.len;

	p->no_md5sums = ret == -ENOENT;
	for (size_t n = 1; !ret && at < end; n++) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((feed ? feed : end) - at);

		if (len && !dpkgdb_md5_line(at, len, md5, path))
			ret = err_set(r->e, -EINVAL,
				      ADMIN "/info/%s.md5sums: line %zu: neither an MD5 digest nor "
					    "a path",
				      p->name, n);
		else if (len)
			ret = add_digest(r, path, md5, false);
		at = feed ? feed + 1 : end;
	}
	buf_free(&b);
	return ret == -ENOENT ? 0 : ret;
}

static bool is_regular(const struct reader *r, const char *path)
{
	struct stat st;
	int fd = root_open(r->root, path, O_PATH | O_NOFOLLOW, NULL);
	bool yes = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode);

	if (fd >= 0)
		close(fd);
	return yes;
}

/* What is in .list and has no digest: mostly directories and links. */
static int read_list(struct reader *r)
{
	char path[DIGLIM_PATH_LONG], line[DIGLIM_PATH_LONG];
	struct buf b = BUF_INIT;
	int ret = read_info(r, "list", &b);
	const char *at = (const char *)b.data, *end = at + b.len;

	while (!ret && at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((feed ? feed : end) - at);

		if (len && len < sizeof(line)) {
			memcpy(line, at, len);
			line[len] = '\0';
			if (!contents_path(line, path) && !contents_find(&r->seen, path) &&
			    is_regular(r, path) && !add_file(r, path))
				ret = no_memory(r);
		}
		at = feed ? feed + 1 : end;
	}
	buf_free(&b);
	return ret == -ENOENT ? 0 : ret;
}

/* "install ok installed", also "hold ok installed": unpacked and configured. */
static bool is_installed(const struct deb822_para *p)
{
	char status[DEB_FIELD_MAX];
	size_t len;

	if (!deb822_text(p, "Status", status, sizeof(status)))
		return false;
	len = strlen(status);
	return len > 10 && !strcmp(status + len - 10, " installed");
}

static int add_package(struct reader *r, const struct deb822_para *p)
{
	char name[DEB_FIELD_MAX], version[DEB_FIELD_MAX], arch[DEB_FIELD_MAX];
	struct dpkg_package *all, *to;

	if (!deb822_text(p, "Package", name, sizeof(name)) ||
	    !deb822_text(p, "Version", version, sizeof(version)) ||
	    !deb822_text(p, "Architecture", arch, sizeof(arch)) || strchr(name, '/') ||
	    strchr(arch, '/'))
		return err_set(r->e, -EINVAL,
			       ADMIN "/status: line %zu: a package without name, version or "
				     "architecture",
			       p->line);
	all = reallocarray(r->db->packages, r->db->n_packages + 1, sizeof(*all));
	if (!all)
		return no_memory(r);
	r->db->packages = all;
	to = &all[r->db->n_packages++];
	*to = (struct dpkg_package){strdup(name), strdup(version), strdup(arch), NULL, false};
	return to->name && to->version && to->arch ? 0 : no_memory(r);
}

/* What one package has in info/ may be damaged: that one is left out, with the reason. */
static int set_broken(struct reader *r, size_t files)
{
	struct dpkgdb *db = r->db;
	struct dpkg_package *p = &db->packages[db->n_packages - 1];

	while (db->n_files > files)
		free(db->files[--db->n_files].path);
	p->broken = strdup(r->e->text);
	return p->broken ? 0 : no_memory(r);
}

static int do_package(struct reader *r, const struct deb822_para *p)
{
	size_t files = r->db->n_files;
	int ret;

	if (!is_installed(p))
		return 0;
	ret = add_package(r, p);
	if (ret)
		return ret;
	ret = read_md5sums(r);
	if (!ret)
		ret = read_conffiles(r, p);
	if (!ret)
		ret = read_list(r);
	contents_done(&r->seen);
	return ret && ret != -ENOMEM ? set_broken(r, files) : ret;
}

static int read_status(struct reader *r, struct buf *b)
{
	int ret = read_file(r, ADMIN "/status", b);

	/* Half of it would make all others look as if they were gone. */
	if (!ret && b->len && b->data[b->len - 1] != '\n')
		return err_set(r->e, -EBADMSG, ADMIN "/status: offset %zu: cut inside a line",
			       b->len);
	return ret == -ENOENT ? err_set(r->e, ret,
					"dpkg has no database here: " ADMIN "/status is not there")
			      : ret;
}

static int do_status(const struct deb822_para *para, dpkg_status_fn fn, void *arg)
{
	char name[DEB_FIELD_MAX], version[DEB_FIELD_MAX] = "", arch[DEB_FIELD_MAX] = "";
	char status[DEB_FIELD_MAX];
	struct dpkg_status p = {name, version, arch, status};

	if (!deb822_text(para, "Package", name, sizeof(name)) ||
	    !deb822_text(para, "Status", status, sizeof(status)))
		return 0;
	(void)deb822_text(para, "Version", version, sizeof(version));
	(void)deb822_text(para, "Architecture", arch, sizeof(arch));
	p.state = strrchr(status, ' ') ? strrchr(status, ' ') + 1 : status;
	return fn(&p, arg);
}

int dpkgdb_status(const char *root, dpkg_status_fn fn, void *arg, struct err *e)
{
	struct reader r = {.root = root, .e = e};
	struct buf b = BUF_INIT;
	struct deb822_para p;
	struct deb822 d;
	int code = read_status(&r, &b), stop = 0;

	deb822_open(&d, b.data, b.len, ADMIN "/status");
	while (!stop && code >= 0 && (code = deb822_next(&d, &p, e)) > 0)
		stop = do_status(&p, fn, arg);
	buf_free(&b);
	return stop ? stop : code;
}

int dpkgdb_read(const char *root, struct dpkgdb *ret, struct err *e)
{
	struct reader r = {.root = root, .db = ret, .e = e};
	struct buf b = BUF_INIT;
	struct deb822_para p;
	struct deb822 d;
	int code;

	memset(ret, 0, sizeof(*ret));
	code = read_status(&r, &b);
	if (!code)
		code = read_diversions(&r);
	deb822_open(&d, b.data, b.len, ADMIN "/status");
	while (!code && (code = deb822_next(&d, &p, e)) > 0)
		code = do_package(&r, &p);
	buf_free(&b);
	if (code)
		dpkgdb_done(ret);
	return code;
}

void dpkgdb_done(struct dpkgdb *d)
{
	for (size_t i = 0; i < d->n_packages; i++) {
		free(d->packages[i].name);
		free(d->packages[i].version);
		free(d->packages[i].arch);
		free(d->packages[i].broken);
	}
	for (size_t i = 0; i < d->n_files; i++)
		free(d->files[i].path);
	for (size_t i = 0; i < d->n_diversions; i++)
		free(d->diversions[i]);
	free(d->packages);
	free(d->files);
	free(d->diversions);
	*d = (struct dpkgdb){0};
}
