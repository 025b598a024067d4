/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys apt trusts for which source: its own directory, and what the sources name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-debindex.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/format/aptsources.h"
#include "../../lib/format/deb822.h"

#define KEYS_MAX    (4U << 20)
#define SOURCES_LEN (1U << 20)

static const char key_block[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

struct apt {
	const char *root;
	struct debindex_trust *trust;
	struct cert_set *set; /* where keys go */
	struct err *e;
	int r;
};

static int no_memory(struct apt *a)
{
	return a->r = err_set(a->e, -ENOMEM, "no memory");
}

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

static void add_text(struct apt *a, const struct buf *b, const char *name)
{
	struct err why = {0};
	int r = cert_set_read(a->set, b->data, b->len, name, 0, &why);

	if (r == -ENOMEM)
		no_memory(a);
	else if (r < 0)
		cli_say("%s", why.text);
}

/* What is no key is said: its archive will not be trusted. */
static void add_keys(struct apt *a, const char *path)
{
	struct buf b = BUF_INIT;
	struct err why = {0};
	int r = read_below(a, path, KEYS_MAX, &b, &why);

	if (!r)
		add_text(a, &b, path);
	else if (r == -ENOMEM)
		no_memory(a);
	else if (r != -ENOENT)
		cli_say("%s", why.text);
	buf_free(&b);
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

/* Those that count for every source that names none. */
static void add_trusted(struct apt *a, struct cert_set *to)
{
	struct cert_set *before = a->set;

	a->set = to;
	add_keys(a, "/etc/apt/trusted.gpg");
	each(a, "/etc/apt/trusted.gpg.d", add_keys);
	a->set = before;
}

static bool has_fingerprint(const struct cert *c, const uint8_t *fpr, size_t len)
{
	return (c->fingerprint_len == len && !memcmp(c->fingerprint, fpr, len)) ||
	       (c->primary_len == len && !memcmp(c->primary, fpr, len));
}

/* "!" behind it asks for just this key; as a primary key it stands for its subkeys, too. */
static void add_fingerprint(struct apt *a, const char *word, size_t len)
{
	struct cert_set all = {0};
	uint8_t fpr[32];

	len -= len && word[len - 1] == '!';
	if (len % 2 || len / 2 > sizeof(fpr) || len < 32 || hex_decode(word, len, fpr, len / 2))
		return;
	add_trusted(a, &all);
	for (size_t i = 0; !a->r && i < all.n; i++)
		if (has_fingerprint(all.certs[i], fpr, len / 2)) {
			a->r = cert_set_take(a->set, all.certs[i], a->e);
			all.certs[i] = NULL;
		}
	cert_set_done(&all);
}

static void add_word(struct apt *a, const char *word, size_t len)
{
	char path[PATH_MAX];

	if (*word != '/') {
		add_fingerprint(a, word, len);
		return;
	}
	if (len >= sizeof(path))
		return;
	memcpy(path, word, len);
	path[len] = '\0';
	add_keys(a, path);
}

/* A key in the source itself; a dot stands for an empty line. */
static void add_inline(struct apt *a, const char *value, size_t len, const char *name)
{
	struct buf b = BUF_INIT;
	const char *line;
	size_t n;

	while (deb822_line(&value, &len, &line, &n)) {
		if (n != 1 || *line != '.')
			buf_add(&b, line, n);
		buf_add_u8(&b, '\n');
	}
	if (b.failed)
		no_memory(a);
	else
		add_text(a, &b, name);
	buf_free(&b);
}

static void add_signed_by(struct apt *a, const struct aptsource *s)
{
	const char *p = s->signed_by, *end = p + s->signed_len;

	if (memmem(p, s->signed_len, key_block, sizeof(key_block) - 1)) {
		add_inline(a, p, s->signed_len, s->index);
		return;
	}
	while (p < end) {
		size_t len = 0;

		while (p + len < end && p[len] && !strchr(", \t\n", p[len]))
			len++;
		if (len)
			add_word(a, p, len);
		p += len + 1;
	}
}

static int do_source(const struct aptsource *s, void *arg)
{
	struct apt *a = arg;
	struct debindex_trust *t = a->trust;
	struct debindex_source *all = reallocarray(t->sources, t->n + 1, sizeof(*all));

	if (!all)
		return no_memory(a);
	t->sources = all;
	all += t->n++;
	memset(all, 0, sizeof(*all));
	strcpy(all->index, s->index);
	all->flat = s->flat;
	all->own = s->signed_by != NULL;
	a->set = &all->keys;
	if (all->own)
		add_signed_by(a, s);
	cert_set_revoke(&all->keys);
	return a->r;
}

static void read_source(struct apt *a, const char *path)
{
	struct buf b = BUF_INIT;
	struct err why = {0};
	size_t len = strlen(path);

	if (a->r || read_below(a, path, SOURCES_LEN, &b, NULL) || !b.len)
		;
	else if (len > 8 && !strcmp(path + len - 8, ".sources")) {
		if (aptsources_deb822(b.data, b.len, path, do_source, a, &why) < 0 && !a->r)
			cli_say("%s", why.text);
	} else if (len > 5 && !strcmp(path + len - 5, ".list")) {
		(void)aptsources_lines(b.data, b.len, do_source, a);
	}
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

static bool any_key(const struct debindex_trust *t)
{
	bool any = t->keys.n;

	for (size_t i = 0; i < t->n; i++)
		any |= t->sources[i].keys.n > 0;
	return any;
}

int debindex_trust_read(const char *root, const char *const *paths, size_t n,
			struct debindex_trust *ret, struct err *e)
{
	struct apt a = {.root = root, .trust = ret, .set = &ret->keys, .e = e};

	ret->given = n;
	for (size_t i = 0; !a.r && i < n; i++)
		read_path(&a, paths[i]);
	if (!n) {
		add_trusted(&a, &ret->keys);
		read_source(&a, "/etc/apt/sources.list");
		each(&a, "/etc/apt/sources.list.d", read_source);
	}
	if (!a.r && !any_key(ret))
		a.r = err_set(e, -ENOKEY, "no key of an archive: %s",
			      n ? "there is none in what was given" : "apt trusts none");
	cert_set_revoke(&ret->keys);
	return a.r;
}

/* A source that is there twice must say the same both times, or apt takes neither. */
const struct cert_set *debindex_trust_for(const struct debindex_trust *t, const char *index)
{
	if (t->given)
		return &t->keys;
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->sources[i].index, index))
			return t->sources[i].own ? &t->sources[i].keys : &t->keys;
	return NULL;
}

/* With keys for everything the sources are not looked at. */
bool debindex_trust_is_flat(const struct debindex_trust *t, const char *index)
{
	bool flat = t->given && !strstr(index, "_dists_");

	for (size_t i = 0; i < t->n; i++)
		flat |= t->sources[i].flat && !strcmp(t->sources[i].index, index);
	return flat;
}

void debindex_trust_done(struct debindex_trust *t)
{
	for (size_t i = 0; i < t->n; i++)
		cert_set_done(&t->sources[i].keys);
	free(t->sources);
	cert_set_done(&t->keys);
	*t = (struct debindex_trust){0};
}
