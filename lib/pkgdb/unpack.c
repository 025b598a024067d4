// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "../base/hex.h"
#include "unpackin.h"
#include "unpackint.h"

#define BLOCK	   UNPACK_BLOCK
#define TAR_RECORD 512

struct unpack_member {
	struct archive *outer;
	const char *name; /* of file and member */
};

static int damaged(const struct reader *r)
{
	const char *why = archive_error_string(r->a);

	if (archive_errno(r->a) == ENOMEM)
		return err_set(r->e, -ENOMEM, "%s: out of memory", r->name);
	return err_set(r->e, -EBADMSG, "%s: %s%s%s", r->name, r->path, r->path[0] ? ": " : "",
		       why ? why : "damaged archive");
}

static struct archive *new_archive(enum unpack_format format)
{
	struct archive *a = archive_read_new();
	int r = a ? 0 : -1;

	if (!r && format == UNPACK_TAR)
		r = archive_read_support_format_tar(a);
	else if (!r)
		r = archive_read_support_format_cpio(a);
	if (!r)
		return a;
	archive_read_free(a);
	return NULL;
}

static int take(struct reader *r, const void *data, size_t len)
{
	r->bytes += len;
	if (r->bytes > UNPACK_BYTES_MAX)
		return err_set(r->e, -EFBIG, "%s: more than %llu bytes in it", r->name,
			       UNPACK_BYTES_MAX);
	if (r->head_len < sizeof(r->head)) {
		size_t n = sizeof(r->head) - r->head_len;

		n = n < len ? n : len;
		memcpy(r->head + r->head_len, data, n);
		r->head_len += n;
	}
	if (r->text) {
		if (r->data.len + len > UNPACK_TEXT_MAX)
			return err_set(r->e, -EFBIG, "%s: %s has more than %u bytes", r->name,
				       r->path, UNPACK_TEXT_MAX);
		buf_add(&r->data, data, len);
	}
	return digester_feed(r->digester, data, len, r->e);
}

/* Holes of sparse files are not in the archive, but in the file. */
static int take_zeros(struct reader *r, uint64_t len)
{
	static const uint8_t zeros[BLOCK];
	int ret = 0;

	for (; len && !ret; len -= len < BLOCK ? len : BLOCK)
		ret = take(r, zeros, len < BLOCK ? (size_t)len : BLOCK);
	return ret;
}

static int hash(struct reader *r, uint64_t size, uint8_t digest[DIGLIM_DIGEST_SIZE])
{
	uint64_t at = 0;
	int ret = digester_start(r->digester, r->e), got = ARCHIVE_OK;

	r->head_len = 0;
	r->data.len = 0;
	while (!ret) {
		const void *data;
		size_t len;
		la_int64_t off;

		got = archive_read_data_block(r->a, &data, &len, &off);
		if (got < ARCHIVE_WARN)
			return damaged(r);
		if (got == ARCHIVE_EOF)
			break;
		if (off < 0 || (uint64_t)off < at)
			return err_set(r->e, -EBADMSG, "%s: %s: data out of order", r->name,
				       r->path);
		ret = take_zeros(r, (uint64_t)off - at);
		if (!ret)
			ret = take(r, data, len);
		at = (uint64_t)off + len;
		if (r->opt->tick)
			r->opt->tick(r->bytes, r->opt->arg);
	}
	if (!ret && at < size)
		ret = take_zeros(r, size - at);
	return ret ? ret : digester_result(r->digester, digest, NULL, r->e);
}

static int read_xattrs(struct archive_entry *entry, struct contents_file *f)
{
	const char *name;
	const void *value;
	size_t len;

	archive_entry_xattr_reset(entry);
	while (!archive_entry_xattr_next(entry, &name, &value, &len)) {
		char **to = NULL;

		if (!strcmp(name, "security.capability") && len <= 64)
			to = &f->caps;
		else if (!strcmp(name, "security.selinux") && len && len < 1024)
			to = &f->label;
		if (!to || *to)
			continue;
		*to = to == &f->caps ? malloc(2 * len + 1) : strndup(value, len);
		if (!*to)
			return -ENOMEM;
		if (to == &f->caps)
			hex_encode(value, len, *to);
	}
	return 0;
}

static int do_file(struct reader *r, struct archive_entry *entry, struct contents_file *f)
{
	int ret;

	f->type = CONTENTS_FILE;
	f->size = (uint64_t)archive_entry_size(entry);
	ret = hash(r, f->size, f->digest);
	if (ret)
		return ret;
	f->kind = file_kind(f->path, f->mode, r->head, r->head_len, &f->use);
	if (r->data.failed || read_xattrs(entry, f))
		ret = err_set(r->e, -ENOMEM, "out of memory");
	if (!ret && r->text)
		ret = r->text(f->path, r->data.data, r->data.len, r->text_arg, r->e);
	if (!ret)
		ret = contents_put(r->c, f, r->e);
	free(f->caps);
	free(f->label);
	return ret;
}

static int set_path(struct reader *r, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	char full[2 * DIGLIM_PATH_LONG];

	if (!name)
		name = archive_entry_pathname_utf8(entry);
	if (!name)
		return err_set(r->e, -EBADMSG, "%s: an entry without a name", r->name);
	if (snprintf(full, sizeof(full), "%s/%s", r->opt->prefix ? r->opt->prefix : "", name) >=
		    (int)sizeof(full) ||
	    contents_path(full, r->path))
		return err_set(r->e, -EBADMSG, "%s: the name '%.200s' leads out, or is too long",
			       r->name, name);
	return 0;
}

static int do_entry(struct reader *r, struct archive_entry *entry)
{
	struct contents_file f = {.path = r->path};
	unsigned int type = archive_entry_filetype(entry);
	const char *link;
	int ret = set_path(r, entry);

	if (!ret && r->opt->filter)
		ret = r->opt->filter(r->path, r->c, r->opt->arg, r->e);
	if (ret)
		return ret > 0 ? 0 : ret;
	link = archive_entry_hardlink(entry);
	f.mode = archive_entry_perm(entry) & 07777;
	f.uid = (uint32_t)archive_entry_uid(entry);
	f.gid = (uint32_t)archive_entry_gid(entry);
	/* cpio has the content with one of the links, tar has none. */
	if (link && !archive_entry_size(entry)) {
		ret = unpack_link(r, link, &f);
		return ret || r->opt->format != UNPACK_CPIO ? ret : unpack_note_name(r, link);
	}
	if (type == AE_IFREG) {
		ret = do_file(r, entry, &f);
		return ret || !link || r->opt->format != UNPACK_CPIO
			       ? ret
			       : unpack_spread_content(r, link);
	}
	f.type = type == AE_IFDIR ? CONTENTS_DIR : CONTENTS_OTHER;
	return contents_put(r->c, &f, r->e);
}

static int read_all(struct reader *r)
{
	struct archive_entry *entry;
	int ret = 0, got;

	while (!ret) {
		got = archive_read_next_header(r->a, &entry);
		if (got == ARCHIVE_EOF)
			break;
		/* A warning is about names that are not UTF-8: bytes are what we want. */
		if (got < ARCHIVE_WARN)
			return damaged(r);
		ret = do_entry(r, entry);
	}
	return ret;
}

static int run(struct archive *a, int opened, const char *name, const struct unpack_options *opt,
	       struct contents *c, unpack_text_fn text, void *text_arg, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return err_set(e, -ENOMEM, "out of memory");
	r->a = a;
	r->name = name;
	r->opt = opt;
	r->c = c;
	r->text = text;
	r->text_arg = text_arg;
	r->e = e;
	r->digester = digester_new(false);
	if (!r->digester)
		ret = err_set(e, -ENOMEM, "out of memory");
	else
		ret = opened == ARCHIVE_OK ? read_all(r) : damaged(r);
	digester_free(r->digester);
	buf_free(&r->data);
	free(r);
	return ret;
}

/* What libarchive reads of an archive. */
struct plain {
	struct unpack_input *in;
	uint8_t block[BLOCK], last[TAR_RECORD];
};

static ssize_t get_plain(struct plain *p, const char **why)
{
	ssize_t n = unpack_input_read(p->in, p->block, sizeof(p->block), why);
	size_t new = n < 0 ? 0 : (size_t)n < TAR_RECORD ? (size_t)n : TAR_RECORD;

	memmove(p->last, p->last + new, TAR_RECORD - new);
	memcpy(p->last + TAR_RECORD - new, p->block + (n > 0 ? (size_t)n : 0) - new, new);
	return n;
}

static la_ssize_t read_plain(struct archive *a, void *arg, const void **data)
{
	struct plain *p = arg;
	const char *why;
	ssize_t n = get_plain(p, &why);

	*data = p->block;
	if (n < 0)
		archive_set_error(a, EBADMSG, "%s", why);
	return n;
}

/* What is behind the last entry of a tar has the checksums of all before it, and its end mark. */
static int finish(struct plain *p, const char *name, bool whole, struct err *e)
{
	static const uint8_t zeros[TAR_RECORD];
	const char *why;
	ssize_t n;

	do
		n = get_plain(p, &why);
	while (n > 0);
	if (n < 0)
		return err_set(e, -EBADMSG, "%s: %s", name, why);
	if (whole && memcmp(p->last, zeros, sizeof(zeros)) != 0)
		return err_set(e, -EBADMSG,
			       "%s: does not end with the mark that tar archives end with: cut, or "
			       "something is behind it",
			       name);
	return 0;
}

static int read_from(const struct unpack_from *from, const char *name,
		     const struct unpack_options *opt, struct contents *c, unpack_text_fn text,
		     void *arg, struct err *e)
{
	struct plain *p = calloc(1, sizeof(*p));
	struct archive *a = new_archive(opt->format);
	const char *why = NULL;
	int r;

	if (p)
		p->in = unpack_input_open(from, &why);
	if (p && a && p->in) {
		r = run(a, archive_read_open(a, p, NULL, read_plain, NULL), name, opt, c, text, arg,
			e);
		if (!r && opt->format == UNPACK_TAR)
			r = finish(p, name, opt->whole, e);
	} else if (why) {
		r = err_set(e, -EBADMSG, "%s: %s", name, why);
	} else {
		r = err_set(e, -ENOMEM, "%s: libarchive cannot be used", name);
	}
	if (a)
		archive_read_free(a);
	if (p)
		unpack_input_close(p->in);
	free(p);
	return r;
}

int unpack_memory(const void *data, size_t len, const char *name, const struct unpack_options *opt,
		  struct contents *c, struct err *e)
{
	const struct unpack_from from = {.data = len ? data : "", .len = len, .fd = -1};

	return read_from(&from, name, opt, c, NULL, NULL, e);
}

int unpack_fd(int fd, const char *name, const struct unpack_options *opt, struct contents *c,
	      struct err *e)
{
	const struct unpack_from from = {.fd = fd};

	return read_from(&from, name, opt, c, NULL, NULL, e);
}

static int member(const struct unpack_member *m, const struct unpack_options *opt,
		  struct contents *c, unpack_text_fn text, void *arg, struct err *e)
{
	const struct unpack_from from = {.member = m->outer, .fd = -1};

	return read_from(&from, m->name, opt, c, text, arg, e);
}

int unpack_member(struct unpack_member *m, const struct unpack_options *opt, struct contents *c,
		  struct err *e)
{
	return member(m, opt, c, NULL, NULL, e);
}

int unpack_member_texts(struct unpack_member *m, struct contents *c, unpack_text_fn fn, void *arg,
			struct err *e)
{
	static const struct unpack_options opt = {.format = UNPACK_TAR};

	return member(m, &opt, c, fn, arg, e);
}

static int each_member(struct archive *a, const char *name, unpack_member_fn fn, void *arg,
		       struct err *e)
{
	struct reader at = {.a = a, .name = name, .e = e};
	struct archive_entry *entry;
	char full[1024];
	struct unpack_member m = {a, full};
	int r = 0, got;

	while (!r) {
		const char *member;

		got = archive_read_next_header(a, &entry);
		if (got == ARCHIVE_EOF)
			break;
		if (got < ARCHIVE_WARN)
			return damaged(&at);
		member = archive_entry_pathname(entry);
		snprintf(full, sizeof(full), "%s: %s", name, member ? member : "?");
		r = fn(&m, member ? member : "", (uint64_t)archive_entry_size(entry), arg, e);
	}
	return r;
}

int unpack_ar(int fd, const char *name, unpack_member_fn fn, void *arg, struct err *e)
{
	struct archive *a = archive_read_new();
	struct reader at = {.a = a, .name = name, .e = e};
	int r;

	if (!a || archive_read_support_format_ar(a))
		r = err_set(e, -ENOMEM, "%s: libarchive cannot be used", name);
	else if (archive_read_open_fd(a, fd, BLOCK))
		r = damaged(&at);
	else
		r = each_member(a, name, fn, arg, e);
	if (a)
		archive_read_free(a);
	return r;
}

int unpack_compressed(const void *data, size_t len, const char *name, size_t max, struct buf *ret,
		      struct err *e)
{
	const struct unpack_from from = {.data = data, .len = len, .fd = -1};
	uint8_t *block = malloc(BLOCK);
	struct unpack_input *in;
	size_t before = ret->len;
	const char *why = NULL;
	ssize_t n = 1;
	int r = 0;

	in = block && len ? unpack_input_open(&from, &why) : NULL;
	if (len && !in)
		r = err_set(e, why ? -EBADMSG : -ENOMEM, "%s: %s", name,
			    why ? why : "libarchive cannot be used");
	while (in && !r && n) {
		n = unpack_input_read(in, block, BLOCK, &why);
		if (n < 0)
			r = err_set(e, -EBADMSG, "%s: %s", name, why);
		else if (ret->len - before + (size_t)n > max)
			r = err_set(e, -EFBIG, "%s: more than %zu bytes in it", name, max);
		else
			buf_add(ret, block, (size_t)n);
	}
	unpack_input_close(in);
	free(block);
	return !r && ret->failed ? err_set(e, -ENOMEM, "out of memory") : r;
}
