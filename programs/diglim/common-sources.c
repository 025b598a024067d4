/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-sources.h"
#include "../../abi/error.h"
#include "../../abi/use.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/format/listfile.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/pkgdb/unpack.h"

int sources_add(struct cli *c, struct sources *s, enum source_kind kind, const char *path)
{
	if (s->n == SOURCES_MAX) {
		cli_usage(c, "more than %d sources at once", SOURCES_MAX);
		return -E2BIG;
	}
	s->item[s->n].kind = kind;
	s->item[s->n++].path = path;
	return 0;
}

int sources_take_option(struct cli *c, struct sources *s, int id, const char *arg)
{
	switch (id) {
	case SOURCES_OPT_TAR:
		return sources_add(c, s, SOURCE_TAR, arg);
	case SOURCES_OPT_OCI:
		return sources_add(c, s, SOURCE_OCI, arg);
	case SOURCES_OPT_SUMS:
		return sources_add(c, s, SOURCE_SUMS, arg);
	case SOURCES_OPT_SYSEXT:
		return sources_add(c, s, SOURCE_SYSEXT, arg);
	case SOURCES_OPT_LEGACY:
		return sources_add(c, s, SOURCE_LEGACY, arg);
	case SOURCES_OPT_METADATA:
		return sources_add(c, s, SOURCE_METADATA, arg);
	case SOURCES_OPT_DPKG:
		s->dpkg = true;
		return 0;
	case SOURCES_OPT_ARCHIVE:
		s->archive = arg;
		return 0;
	case SOURCES_OPT_KEY:
		if (s->n_keys == SOURCES_KEYS_MAX) {
			cli_usage(c, "more than %d times --archive-key", SOURCES_KEYS_MAX);
			return -E2BIG;
		}
		s->archive_keys[s->n_keys++] = arg;
		return 0;
	case SOURCES_OPT_LAYERS:
		s->layers = true;
		return 0;
	default:
		return 1;
	}
}

bool sources_any(const struct sources *s)
{
	return s->n || s->dpkg || s->archive;
}

int maker_open(struct maker *m, struct err *e)
{
	int r = sign_open_key(m->c, m->args, &m->signer, e);

	if (!r)
		r = places_make_dir(m->dir ? m->dir : m->c->places.lists[PLACES_MADE], e);
	return r;
}

void maker_close(struct maker *m)
{
	progress_clear(&m->progress);
	signer_close(m->signer);
	m->signer = NULL;
}

void maker_refuse(struct maker *m, const char *name, const char *outcome, const struct err *why)
{
	struct out *o = m->c->out;

	progress_clear(&m->progress);
	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, name);
	out_str(o, "outcome", NULL, outcome);
	out_bool(o, "vouched", NULL, false);
	out_str(o, "reason", NULL, why->text);
	out_end(o);
	/* Most reasons begin with the name of the file that they are about. */
	out_line(o, OUT_BAD, "[-]", "%s%s%s", strstr(why->text, name) ? "" : name,
		 strstr(why->text, name) ? "" : ": ", why->text);
}

void maker_show(struct maker *m, const char *name, const char *path, size_t digests)
{
	struct out *o = m->c->out;

	m->lists++;
	m->files += digests;
	progress_clear(&m->progress);
	if (m->quiet && !out_is_json(o))
		return;
	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, name);
	out_str(o, "outcome", NULL, "imported");
	out_bool(o, "vouched", NULL, true);
	out_str(o, "list", NULL, path);
	out_num(o, "digests", NULL, digests);
	out_end(o);
	out_line(o, OUT_GOOD, "[+]", "%s: %zu files, %s", name, digests, path);
}

/* Identity of a list file. */
static bool read_id(const char *path, uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	struct payload_info info = {0};
	struct listfile lf = {0};
	bool good = !listfile_read(path, &lf, NULL) &&
		    !payload_walk(lf.payload, lf.payload_len, path, &info, NULL, NULL, NULL);

	listfile_done(&lf);
	memcpy(id, info.list_id, DIGLIM_LIST_ID_SIZE);
	return good;
}

struct same {
	const struct contents *c;
	size_t n;
};

static int is_in(const struct payload_entry *entry, void *arg)
{
	struct same *s = arg;
	const struct contents_file *f = entry->path ? contents_find(s->c, entry->path) : NULL;

	s->n++;
	return !f || memcmp(f->digest, entry->digest, sizeof(f->digest)) != 0;
}

bool maker_is_same(const struct maker *m, const char *path, const struct contents *c)
{
	struct same s = {.c = c};
	struct listfile lf = {0};
	bool same = !listfile_read(path, &lf, NULL) &&
		    !payload_walk(lf.payload, lf.payload_len, path, NULL, is_in, &s, NULL);

	listfile_done(&lf);
	for (size_t i = 0; same && i < c->n; i++)
		s.n -= c->files[i].type == CONTENTS_FILE && (c->files[i].use || m->args->all);
	return same && !s.n;
}

/* Signs what is in @j and accounts for it. */
int maker_finish(struct maker *m, struct sign_job *j, const char *file, struct err *e)
{
	const char *dir = m->dir ? m->dir : m->c->places.lists[PLACES_MADE];
	char output[PATH_MAX], path[PATH_MAX];
	uint8_t old[DIGLIM_LIST_ID_SIZE], new[DIGLIM_LIST_ID_SIZE];
	bool had;
	int r;

	if (file && snprintf(output, sizeof(output), "%s/%s", dir, file) >= (int)sizeof(output))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", dir);
	j->later = m->later;
	had = file && m->replaced && read_id(output, old);
	r = sign_finish(j, m->dir, file ? output : NULL, path, e);
	if (r)
		return r;
	maker_show(m, j->name, path, tlvwrite_count(j->list));
	r = m->written ? m->written(path, m->arg, e) : 0;
	if (!r && had && read_id(path, new) && memcmp(old, new, sizeof(old)) != 0)
		r = m->replaced(old, m->arg, e);
	return r;
}

void maker_show_empty(struct maker *m, const char *name)
{
	struct out *o = m->c->out;

	if (m->quiet && !out_is_json(o))
		return;
	progress_clear(&m->progress);
	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, name);
	out_str(o, "outcome", NULL, "no-files");
	out_bool(o, "vouched", NULL, true);
	out_end(o);
	out_line(o, OUT_GOOD, "[=]", "%s: nothing in it that could be run or loaded", name);
}

/* What an entry takes in a list: heads of its fields, digest, use, path. */
static size_t entry_size(const struct contents_file *f)
{
	return 6 + 6 + DIGLIM_DIGEST_SIZE + 6 + strlen(f->path) + 1 + 6 + 4;
}

/* Adds entries from *at on until the list is full. */
static int fill(const struct maker *m, struct sign_job *j, const struct contents *c, size_t *at,
		struct err *e)
{
	/* Signature, trailer, name and a little more. */
	size_t room = m->c->config.ingest_buffer - DIGLIM_SIG_MAX - 1024;
	int r = 0;

	for (; !r && *at < c->n; ++*at) {
		const struct contents_file *f = &c->files[*at];
		uint32_t use = m->args->use		 ? m->args->use
			       : !f->use && m->args->all ? DIGLIM_USE_DATA
							 : f->use;

		if (f->type != CONTENTS_FILE || !use)
			continue;
		if (entry_size(f) > room || tlvwrite_count(j->list) == DIGLIM_LIST_ENTRIES_MAX)
			break;
		room -= entry_size(f);
		r = tlvwrite_add(j->list, f->digest, f->path, use, e);
	}
	return r;
}

int maker_contents(struct maker *m, const char *name, const char *file, enum provenance p,
		   const struct contents *c, struct err *e)
{
	char full[DIGLIM_NAME_MAX], part[DIGLIM_NAME_MAX], to[NAME_MAX + 1];
	size_t at = 0;
	int r = 0;

	for (unsigned int n = 1; !r && (n == 1 || at < c->n); n++) {
		struct sign_job j = {0};

		snprintf(part, sizeof(part), n > 1 ? "%.100s+%u" : "%.120s", name, n);
		snprintf(to, sizeof(to), n > 1 ? "%.200s+%u" : "%.250s", file ? file : "", n);
		provenance_name(full, part, p);
		r = sign_begin_with(&j, m->c, m->args, m->signer, full, e);
		if (!r)
			r = fill(m, &j, c, &at, e);
		if (!r && tlvwrite_count(j.list))
			r = maker_finish(m, &j, file ? to : NULL, e);
		else if (!r && n == 1)
			maker_show_empty(m, full);
		sign_done(&j);
	}
	return r;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void tick(uint64_t bytes, void *arg)
{
	progress_step(&((struct maker *)arg)->progress, bytes >> 20, NULL);
}

static int source_tar(struct maker *m, const char *path, struct err *e)
{
	struct unpack_options opt = {.format = UNPACK_TAR, .whole = true, .tick = tick, .arg = m};
	struct contents c = {0};
	struct stat st;
	int fd = io_open_regular(AT_FDCWD, path, &st, e), r;

	if (fd < 0)
		return fd;
	progress_start(&m->progress, "Hashing MB", 0);
	r = unpack_fd(fd, path, &opt, &c, e);
	close(fd);
	if (!r)
		r = maker_contents(m, m->args->name ? m->args->name : base_name(path), NULL,
				   PROVENANCE_NONE, &c, e);
	contents_done(&c);
	return r;
}

static int source_sums(struct maker *m, const char *path, struct err *e)
{
	struct sign_job j = {0};
	int r = sign_begin_with(&j, m->c, m->args, m->signer,
				m->args->name ? m->args->name : base_name(path), e);

	if (!r)
		r = sign_add_sums(&j, path, e);
	if (!r)
		r = maker_finish(m, &j, NULL, e);
	sign_done(&j);
	return r;
}

static bool is_there(const char *root, const char *path)
{
	int fd = root_open(root, path, O_PATH, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What a system extension is, it says itself: usr/lib/extension-release.d/extension-release.NAME */
static int check_sysext(const char *dir, struct err *e)
{
	struct stat st;

	if (stat(dir, &st))
		return err_set(e, -errno, "%s: %s", dir, strerror(errno));
	if (S_ISREG(st.st_mode))
		return err_set(e, -ENOTSUP,
			       "%s: raw images are not read: attach it (systemd-dissect --mount "
			       "--read-only) and import the directory",
			       dir);
	if (!is_there(dir, "/usr/lib/extension-release.d"))
		return err_set(e, -EINVAL,
			       "%s: no system extension: usr/lib/extension-release.d is not there",
			       dir);
	return 0;
}

static int source_sysext(struct maker *m, const char *dir, struct err *e)
{
	static const char *const tops[] = {"/usr", "/opt"};
	struct tree_options opt = {.root = dir, .all = m->args->all, .use = m->args->use};
	struct tree_count n = {0}, one;
	struct sign_job j = {0};
	char name[PATH_MAX];
	int r = check_sysext(dir, e);

	if (r)
		return r;
	/* A final slash is no name. */
	snprintf(name, sizeof(name), "%s", dir);
	while (strlen(name) > 1 && name[strlen(name) - 1] == '/')
		name[strlen(name) - 1] = '\0';
	r = sign_begin_with(&j, m->c, m->args, m->signer,
			    m->args->name ? m->args->name : base_name(name), e);
	for (size_t i = 0; !r && i < 2; i++) {
		if (!is_there(dir, tops[i]))
			continue;
		r = tree_add(j.list, tops[i], &opt, &one, e);
		n.failed += r ? 0 : one.failed;
	}
	if (!r && n.failed)
		r = err_set(e, -EIO, "%s: %zu files could not be read", dir, n.failed);
	if (!r)
		r = maker_finish(m, &j, NULL, e);
	sign_done(&j);
	return r;
}

static int source_one(struct maker *m, const struct sources *s, size_t i, struct err *e)
{
	switch (s->item[i].kind) {
	case SOURCE_TAR:
		return source_tar(m, s->item[i].path, e);
	case SOURCE_OCI:
		return source_oci(m, s->item[i].path, s->layers, e);
	case SOURCE_SUMS:
		return source_sums(m, s->item[i].path, e);
	case SOURCE_LEGACY:
		return source_legacy(m, s->item[i].path, e);
	case SOURCE_METADATA:
		return source_metadata(m, s->item[i].path, e);
	case SOURCE_SYSEXT:
		return source_sysext(m, s->item[i].path, e);
	default:
		return source_deb(m, s->item[i].path, e);
	}
}

/* Trouble of the machine ends it all; what is wrong with one source does not keep the others. */
static bool is_fatal(int code)
{
	return code == -ENOMEM || code == -ENOSPC || code == -EDQUOT || code == -EROFS;
}

int sources_import(const struct sources *s, struct maker *m, struct err *e)
{
	int r = maker_open(m, e);

	m->later = s->dpkg || s->archive || s->n > 1;
	for (size_t i = 0; !r && i < s->n; i++) {
		struct err why = {0};

		r = source_one(m, s, i, &why);
		if (!r)
			continue;
		*e = why;
		if (is_fatal(r))
			break;
		maker_refuse(m, s->item[i].path, "malformed", &why);
		m->damaged++;
		r = 0;
	}
	if (!r && s->dpkg)
		r = source_dpkg(m, e);
	if (!r && s->archive)
		r = source_archive(m, s, e);
	if (!r && m->later && m->lists)
		r = io_flush(m->dir ? m->dir : m->c->places.lists[PLACES_MADE], e);
	maker_close(m);
	return r;
}
