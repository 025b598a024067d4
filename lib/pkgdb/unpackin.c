/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes of an archive: from where they come, and out of what compresses them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST /* input is not written to */
#include <archive.h>
#include <zlib.h>

#include "unpackin.h"

#define GZIP (15 + 16) /* window bits of inflateInit2(): gzip, its checksum compared */

struct unpack_input {
	struct unpack_from from;
	bool begun, gzip, ended; /* ended: between two gzip members, of which there may be many */
	z_stream z;
	struct archive *raw; /* what libarchive decompresses */
	uint8_t block[UNPACK_BLOCK], plain[UNPACK_BLOCK];
};

static la_ssize_t fail(struct archive *a, const char *why)
{
	archive_set_error(a, EBADMSG, "%s", why);
	return -1;
}

/* As it is in the file. */
static la_ssize_t get(struct unpack_input *in, struct archive *a, const void **data)
{
	struct unpack_from *from = &in->from;
	la_ssize_t n;

	*data = in->block;
	if (from->member) {
		n = archive_read_data(from->member, in->block, sizeof(in->block));
		return n < 0 ? fail(a, archive_error_string(from->member)) : n;
	}
	if (from->data) {
		*data = from->data;
		n = (la_ssize_t)from->len;
		from->len = 0;
		return n;
	}
	do
		n = read(from->fd, in->block, sizeof(in->block));
	while (n < 0 && errno == EINTR);
	return n < 0 ? fail(a, strerror(errno)) : n;
}

/* 1: there are bytes of a gzip member, 0: it is over, negative: cut or unreadable. */
static int fill(struct unpack_input *in, struct archive *a)
{
	const void *data;
	la_ssize_t n = in->z.avail_in;

	if (!n) {
		n = get(in, a, &data);
		if (n < 0)
			return -1;
		in->z.next_in = data;
		in->z.avail_in = (uInt)n;
	}
	if (!in->ended)
		return n ? 1 : (int)fail(a, "ends inside its gzip data");
	/* Whatever is behind that is no gzip, gzip itself leaves out, too. */
	if (!n || *in->z.next_in != 0x1f)
		return 0;
	in->ended = false;
	return inflateReset(&in->z) == Z_OK ? 1 : (int)fail(a, "zlib cannot be used");
}

/* libarchive does not compare the checksum of gzip; whoever signs needs to know. */
static la_ssize_t inflate_some(struct unpack_input *in, struct archive *a, const void **data)
{
	int r;

	in->z.next_out = in->plain;
	in->z.avail_out = sizeof(in->plain);
	while (in->z.avail_out == sizeof(in->plain)) {
		r = fill(in, a);
		if (r <= 0)
			return r;
		r = inflate(&in->z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END)
			return fail(a, in->z.msg ? in->z.msg : "damaged gzip data");
		in->ended = r == Z_STREAM_END;
	}
	*data = in->plain;
	return (la_ssize_t)(sizeof(in->plain) - in->z.avail_out);
}

static la_ssize_t next(struct archive *a, void *arg, const void **data)
{
	struct unpack_input *in = arg;
	la_ssize_t n;

	if (in->gzip)
		return inflate_some(in, a, data);
	n = get(in, a, data);
	if (in->begun || n < 2 || memcmp(*data, "\x1f\x8b", 2) != 0) {
		in->begun = true;
		return n;
	}
	in->begun = in->gzip = true;
	if (inflateInit2(&in->z, GZIP) != Z_OK)
		return fail(a, "zlib cannot be used");
	in->z.next_in = *data;
	in->z.avail_in = (uInt)n;
	return inflate_some(in, a, data);
}

/* Only what is built in: others would start programs. */
static int add_filters(struct archive *a)
{
	static int (*const filters[])(struct archive *) = {
		archive_read_support_filter_bzip2, archive_read_support_filter_xz,
		archive_read_support_filter_lzma,  archive_read_support_filter_zstd,
		archive_read_support_filter_lz4,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (filters[i](a) == ARCHIVE_FATAL)
			return -1;
	return archive_read_support_format_raw(a);
}

struct unpack_input *unpack_input_open(const struct unpack_from *from, const char **why)
{
	struct unpack_input *in = calloc(1, sizeof(*in));
	struct archive_entry *entry;
	int r;

	*why = NULL;
	if (!in)
		return NULL;
	in->from = *from;
	in->raw = archive_read_new();
	if (!in->raw || add_filters(in->raw))
		return unpack_input_close(in);
	r = archive_read_open(in->raw, in, NULL, next, NULL);
	if (r == ARCHIVE_OK)
		r = archive_read_next_header(in->raw, &entry);
	if (r >= ARCHIVE_WARN && r != ARCHIVE_EOF)
		return in;
	*why = "neither an archive nor anything compressed";
	if (r != ARCHIVE_EOF && archive_errno(in->raw) == EBADMSG)
		*why = "damaged compressed data";
	return unpack_input_close(in);
}

ssize_t unpack_input_read(struct unpack_input *in, void *to, size_t len, const char **why)
{
	la_ssize_t n = archive_read_data(in->raw, to, len);

	*why = n < 0 ? archive_error_string(in->raw) : NULL;
	if (n < 0 && !*why)
		*why = "damaged compressed data";
	return n;
}

struct unpack_input *unpack_input_close(struct unpack_input *in)
{
	if (!in)
		return NULL;
	if (in->raw)
		archive_read_free(in->raw);
	if (in->gzip)
		inflateEnd(&in->z);
	free(in);
	return NULL;
}
