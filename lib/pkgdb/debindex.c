// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <time.h>

#include "../base/hex.h"
#include "../crypto/clearsign.h"
#include "contents.h"
#include "debindex.h"

#define CLOCK_SLACK (24 * 3600) /* of machines whose clock is not set yet */

/* "Sat, 08 Aug 2026 09:42:11 UTC"; 0 if it is none. */
static uint64_t read_date(const struct deb822_para *p, const char *field, bool *there)
{
	struct tm tm = {0};
	char text[64];
	const char *end;
	const char *value;
	size_t len;

	*there = deb822_get(p, field, &value, &len);
	if (!*there || !deb822_text(p, field, text, sizeof(text)))
		return 0;
	end = strptime(text, "%a, %d %b %Y %H:%M:%S", &tm);
	if (!end || (strcmp(end, " UTC") && strcmp(end, " GMT") && strcmp(end, " +0000")))
		return 0;
	return timegm(&tm) > 0 ? (uint64_t)timegm(&tm) : 0;
}

static int check_dates(const struct debindex_release *r, const char *name, uint64_t now,
		       struct err *e)
{
	char text[64] = "";
	bool dated, limited;
	uint64_t date = read_date(&r->fields, "Date", &dated);
	uint64_t until = read_date(&r->fields, "Valid-Until", &limited);

	now = now ? now : (uint64_t)time(NULL);
	if (!date)
		return err_set(e, -EINVAL, "%s: no date that can be read", name);
	if (limited && !until)
		return err_set(e, -EINVAL, "%s: a Valid-Until that cannot be read", name);
	deb822_text(&r->fields, date > now + CLOCK_SLACK ? "Date" : "Valid-Until", text,
		    sizeof(text));
	if (date > now + CLOCK_SLACK)
		return err_set(e, -EKEYEXPIRED, "%s: is of the future (%s): is the clock right?",
			       name, text);
	if (limited && until < now)
		return err_set(e, -EKEYEXPIRED, "%s: expired on %s", name, text);
	return 0;
}

int debindex_release(const void *data, size_t len, const char *name, const struct cert_set *keys,
		     uint64_t now, struct debindex_release *ret, struct err *e)
{
	struct deb822 d;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = clearsign_verify(data, len, name, keys, now, &ret->text, &ret->signer, e);
	if (!r) {
		deb822_open(&d, ret->text.data, ret->text.len, name);
		r = deb822_next(&d, &ret->fields, e);
		r = r > 0 ? 0 : r < 0 ? r : err_set(e, -EINVAL, "%s: says nothing", name);
	}
	if (!r)
		r = check_dates(ret, name, now, e);
	if (!r && !deb822_text(&ret->fields, "Codename", ret->suite, sizeof(ret->suite)))
		(void)deb822_text(&ret->fields, "Suite", ret->suite, sizeof(ret->suite));
	if (r)
		debindex_release_done(ret);
	return r;
}

void debindex_release_done(struct debindex_release *r)
{
	buf_free(&r->text);
}

static bool read_number(const char *p, size_t len, uint64_t *ret)
{
	*ret = 0;
	if (!len || len > 18)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*ret = 10 * *ret + (uint64_t)(p[i] - '0');
	}
	return true;
}

/* Relative, without anything that leads out; "main/binary-amd64/Packages". */
static bool read_path(const char *p, size_t len, char ret[DIGLIM_PATH_LONG])
{
	char text[DIGLIM_PATH_LONG], clean[DIGLIM_PATH_LONG];

	if (!len || len >= sizeof(text) || *p == '/' || memchr(p, '\0', len))
		return false;
	memcpy(text, p, len);
	text[len] = '\0';
	if (contents_path(text, clean) || !clean[1])
		return false;
	strcpy(ret, clean + 1);
	return true;
}

/* " HEX SIZE PATH" */
static bool read_file(const char *line, size_t len, struct debindex_file *f)
{
	const char *hex, *size, *path;
	size_t hex_len, size_len, path_len;

	return deb822_word(&line, &len, &hex, &hex_len) &&
	       deb822_word(&line, &len, &size, &size_len) &&
	       deb822_word(&line, &len, &path, &path_len) && !len &&
	       !hex_decode(hex, hex_len, f->digest, sizeof(f->digest)) &&
	       read_number(size, size_len, &f->size) && read_path(path, path_len, f->path);
}

int debindex_files(const struct debindex_release *r, debindex_file_fn fn, void *arg)
{
	const char *value, *line;
	struct debindex_file f;
	size_t len, n;
	int ret = 0;

	if (!deb822_get(&r->fields, "SHA256", &value, &len))
		return 0;
	while (!ret && deb822_line(&value, &len, &line, &n))
		if (read_file(line, n, &f))
			ret = fn(&f, arg);
	return ret;
}

bool debindex_is_packages(const char *path, bool flat)
{
	const char *base = strrchr(path, '/'), *dir = base;

	if (flat && !strcmp(base ? base + 1 : path, "Packages"))
		return true;
	if (!base || strcmp(base, "/Packages") != 0)
		return false;
	while (dir > path && dir[-1] != '/')
		dir--;
	return !strncmp(dir, "binary-", 7);
}

static const char *read_package(const struct deb822_para *p, struct debindex_package *ret)
{
	char hex[2 * DIGLIM_DIGEST_SIZE + 1], path[DIGLIM_PATH_LONG], size[32];

	if (!deb822_text(p, "Package", ret->name, sizeof(ret->name)) ||
	    !deb822_text(p, "Version", ret->version, sizeof(ret->version)) ||
	    !deb822_text(p, "Architecture", ret->arch, sizeof(ret->arch)))
		return "a package without name, version or architecture";
	if (!deb822_text(p, "SHA256", hex, sizeof(hex)) ||
	    hex_decode(hex, strlen(hex), ret->digest, sizeof(ret->digest)))
		return "a package without SHA-256";
	if (!deb822_text(p, "Size", size, sizeof(size)) ||
	    !read_number(size, strlen(size), &ret->size))
		return "a package without its size";
	if (!deb822_text(p, "Filename", path, sizeof(path)) ||
	    !read_path(path, strlen(path), ret->path))
		return "a package without a file name, or with one that leads out";
	return NULL;
}

int debindex_packages(const void *text, size_t len, const char *name, debindex_package_fn fn,
		      void *arg, struct err *e)
{
	struct debindex_package package;
	struct deb822_para p;
	struct deb822 d;
	int r, stop = 0;

	deb822_open(&d, text, len, name);
	while (!stop && (r = deb822_next(&d, &p, e)) > 0) {
		const char *why = read_package(&p, &package);

		if (why)
			return err_set(e, -EINVAL, "%s: line %zu: %s", name, p.line, why);
		stop = fn(&package, arg);
	}
	return stop ? stop : r;
}
