/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys apt trusts: its own directory, and what its sources name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-debindex.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/format/deb822.h"

#define KEYS_MAX    (4U << 20)
#define SOURCES_LEN (1U << 20)

struct apt {
	const char *root;
	struct cert_set *set;
	struct err *e;
	int r;
};

static int read_below(const struct apt *a, const char *path, size_t max, struct buf *b,
		      struct err *e)
{
	struct stat st;
	int fd = root_open_regular(a->root, path, &st, e), r;
	uint8_t *p;

	if (fd < 0)
		return fd;
	p = (uint64_t)st.st_size > max ? NULL : buf_reserve(b, (size_t)st.st_size);
	r = p ? io_read_exact(fd, p, (size_t)st.st_size, 0, path, e)
	      : err_set(e, -EFBIG, "%s: %lld bytes", path, (long long)st.st_size);
	close(fd);
	return r;
}

/* What is no key is said: its archive will not be trusted. */
static void add_keys(struct apt *a, const char *path)
{
	struct buf b = BUF_INIT;
	struct err why = {0};
	int r = read_below(a, path, KEYS_MAX, &b, &why);

	if (!r)
		r = cert_set_read(a->set, b.data, b.len, path, 0, &why);
	buf_free(&b);
	if (r == -ENOMEM)
		a->r = err_set(a->e, r, "no memory");
	else if (r < 0 && r != -ENOENT)
		cli_say("%s", why.text);
}

typedef void (*file_fn)(struct apt *a, const char *path);

static void each(struct apt *a, const char *dir, file_fn fn)
{
	int fd = root_open(a->root, dir, O_RDONLY | O_DIRECTORY, NULL);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[PATH_MAX];

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) < (int)sizeof(path))
			fn(a, path);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

static void add_named(struct apt *a, const char *word, size_t len)
{
	char path[PATH_MAX];

	if (!len || *word != '/' || len >= sizeof(path))
		return; /* a fingerprint: of a key in trusted.gpg.d */
	memcpy(path, word, len);
	path[len] = '\0';
	add_keys(a, path);
}

/* "Signed-By: /usr/share/keyrings/x.gpg", or the key itself below it. */
static void read_deb822(struct apt *a, const char *path, const struct buf *b)
{
	const char *value, *line, *word;
	size_t len, line_len, word_len;
	struct deb822_para p;
	struct deb822 d;

	deb822_open(&d, b->data, b->len, path);
	while (deb822_next(&d, &p, NULL) > 0)
		if (deb822_get(&p, "Signed-By", &value, &len))
			while (deb822_line(&value, &len, &line, &line_len))
				while (deb822_word(&line, &line_len, &word, &word_len))
					add_named(a, word, word_len);
}

/* "deb [signed-by=/x,/y arch=amd64] https://…" */
static void read_one_line(struct apt *a, const struct buf *b)
{
	static const char key[] = "signed-by=";
	const char *p = (const char *)b->data, *end = p + b->len;

	while (p && (p = memmem(p, (size_t)(end - p), key, sizeof(key) - 1))) {
		p += sizeof(key) - 1;
		while (p < end && *p == '/') {
			size_t len = 0;

			while (p + len < end && p[len] && !strchr(" \t\n],", p[len]))
				len++;
			add_named(a, p, len);
			p += len;
			p += p < end && *p == ',';
		}
	}
}

static void read_source(struct apt *a, const char *path)
{
	struct buf b = BUF_INIT;
	size_t len = strlen(path);

	if (read_below(a, path, SOURCES_LEN, &b, NULL) || !b.len)
		;
	else if (len > 8 && !strcmp(path + len - 8, ".sources"))
		read_deb822(a, path, &b);
	else if (len > 5 && !strcmp(path + len - 5, ".list"))
		read_one_line(a, &b);
	buf_free(&b);
}

static void read_path(struct apt *a, const char *path)
{
	struct stat st;
	int fd = root_open(a->root, path, O_PATH, a->e);
	bool dir = fd >= 0 && !fstat(fd, &st) && S_ISDIR(st.st_mode);

	if (fd < 0) {
		a->r = fd;
		return;
	}
	close(fd);
	if (dir)
		each(a, path, add_keys);
	else
		add_keys(a, path);
}

int debindex_keys(const char *root, const char *const *paths, size_t n, struct cert_set *ret,
		  struct err *e)
{
	struct apt a = {.root = root, .set = ret, .e = e};

	for (size_t i = 0; !a.r && i < n; i++)
		read_path(&a, paths[i]);
	if (!n) {
		add_keys(&a, "/etc/apt/trusted.gpg");
		each(&a, "/etc/apt/trusted.gpg.d", add_keys);
		read_source(&a, "/etc/apt/sources.list");
		each(&a, "/etc/apt/sources.list.d", read_source);
	}
	if (!a.r && !ret->n)
		a.r = err_set(e, -ENOKEY, "no key of an archive: %s",
			      n ? "there is none in what was given" : "apt trusts none");
	cert_set_revoke(ret);
	return a.r;
}
