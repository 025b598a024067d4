// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../../abi/error.h"
#include "../../core/view.h"
#include "../base/io.h"
#include "../crypto/armor.h"
#include "rpmfile.h"

#define LEAD_LEN    96
#define INTRO_LEN   16
#define ENTRY_LEN   16
#define ENTRIES_MAX 0xffff

enum {
	TYPE_BIN = 7,
	TYPE_STRING_ARRAY = 8,
	SIGTAG_PGP = 1002, /* RPMSIGTAG_PGP: header and payload */
	SIGTAG_GPG = 1005,
};

/* Where bytes come from: a file, or memory (fd < 0). */
struct source {
	const char *name;
	int fd;
	const uint8_t *data;
	uint64_t size;
};

bool rpmfile_recognise(const void *data, size_t len)
{
	return len >= 4 && !memcmp(data, "\xed\xab\xee\xdb", 4);
}

static int get(const struct source *s, uint64_t off, void *to, size_t len, struct err *e)
{
	if (off > s->size || len > s->size - off)
		return err_set(e, -DIGLIM_E_TRUNCATED,
			       "%s: offset %llu: ends inside the package header (%llu bytes, %llu "
			       "needed)",
			       s->name, (unsigned long long)s->size, (unsigned long long)s->size,
			       (unsigned long long)(off + len));
	if (s->fd >= 0)
		return io_read_exact(s->fd, to, len, off, s->name, e);
	memcpy(to, s->data + off, len);
	return 0;
}

/* Lead: magic, major version at 4, kind of signature at 78 (5: header style). */
static int check_lead(const struct source *s, struct err *e)
{
	uint8_t lead[LEAD_LEN];
	int r;

	if (s->size < LEAD_LEN)
		return err_set(e, -DIGLIM_E_FORMAT, "%s: %llu bytes, too short for an RPM package",
			       s->name, (unsigned long long)s->size);
	r = get(s, 0, lead, sizeof(lead), e);
	if (r < 0)
		return r;
	if (!rpmfile_recognise(lead, sizeof(lead)))
		return err_set(e, -DIGLIM_E_FORMAT, "%s: offset 0: not an RPM package", s->name);
	if (lead[4] < 3 || lead[4] > 4)
		return err_set(e, -DIGLIM_E_FORMAT,
			       "%s: offset 4: RPM package format %u is not supported", s->name,
			       lead[4]);
	if (core_get_be16(lead + 78) != 5)
		return err_set(
			e, -DIGLIM_E_FORMAT,
			"%s: offset 78: signature of kind %u, only headers (5) are supported",
			s->name, core_get_be16(lead + 78));
	return 0;
}

/*
 * Reads the header at @off as a whole: magic, counts, index, data. What is inside is checked by
 * whoever uses it.
 */
static int get_header(const struct source *s, uint64_t off, size_t max, const char *what,
		      struct buf *ret, struct err *e)
{
	uint8_t intro[INTRO_LEN];
	uint64_t n, data, len;
	uint8_t *p;
	int r = get(s, off, intro, sizeof(intro), e);

	if (r < 0)
		return r;
	if (memcmp(intro, "\x8e\xad\xe8\x01\0\0\0\0", 8))
		return err_set(e, -DIGLIM_E_RPM_MAGIC, "%s: offset %llu: no magic of a %s", s->name,
			       (unsigned long long)off, what);
	n = core_get_be32(intro + 8);
	data = core_get_be32(intro + 12);
	if (n > ENTRIES_MAX)
		return err_set(e, -DIGLIM_E_TOO_MANY,
			       "%s: offset %llu: %s with %llu entries, at most %d", s->name,
			       (unsigned long long)off + 8, what, (unsigned long long)n,
			       ENTRIES_MAX);
	len = INTRO_LEN + n * ENTRY_LEN + data;
	if (len > max)
		return err_set(e, -DIGLIM_E_TOO_LARGE,
			       "%s: offset %llu: %s of %llu bytes, at most %zu are read", s->name,
			       (unsigned long long)off + 8, what, (unsigned long long)len, max);
	if (off > s->size || len > s->size - off)
		return get(s, off, intro, (size_t)len, e);
	p = buf_reserve(ret, (size_t)len);
	if (!p)
		return err_set(e, -ENOMEM, "%s: out of memory", s->name);
	return get(s, off, p, (size_t)len, e);
}

/* One entry of the signature header, and where its data lies. */
struct entry {
	uint32_t tag, type, count;
	uint64_t off; /* in the file, for messages */
	const uint8_t *data;
	size_t room; /* bytes up to the end of the header */
};

static int add_array(const struct source *s, const struct entry *t, struct rpmpkg *p, struct err *e)
{
	const uint8_t *at = t->data, *end = t->data + t->room, *nul;
	int r = 0;

	for (uint32_t i = 0; !r && i < t->count; i++) {
		struct buf packet = BUF_INIT;

		nul = memchr(at, 0, (size_t)(end - at));
		if (!nul)
			return err_set(
				e, -DIGLIM_E_TRUNCATED,
				"%s: offset %llu: signature %u does not end inside its header",
				s->name, (unsigned long long)t->off, i + 1);
		r = armor_base64((const char *)at, (size_t)(nul - at), &packet, e);
		if (!r)
			r = rpmpkg_add_sig(p, t->tag, packet.data, packet.len, e);
		buf_free(&packet);
		at = nul + 1;
	}
	return r < 0 ? err_prefix(e, "%s: offset %llu: OPENPGP signature", s->name,
				  (unsigned long long)t->off)
		     : 0;
}

static int add_signature(const struct source *s, const struct entry *t, struct rpmpkg *p,
			 struct err *e)
{
	int r;

	if (t->tag == SIGTAG_PGP || t->tag == SIGTAG_GPG)
		p->only_payload_sig = true;
	if (t->tag == RPMSIG_OPENPGP && t->type == TYPE_STRING_ARRAY)
		return add_array(s, t, p, e);
	if (t->tag != RPMSIG_RSAHEADER && t->tag != RPMSIG_DSAHEADER && t->tag != RPMSIG_OPENPGP)
		return 0;
	if (t->type != TYPE_BIN)
		return err_set(e, -DIGLIM_E_RPM_TYPE,
			       "%s: offset %llu: signature tag %u of type %u, expected binary (7)",
			       s->name, (unsigned long long)t->off, t->tag, t->type);
	if (t->count > t->room)
		return err_set(e, -DIGLIM_E_RPM_INDEX,
			       "%s: offset %llu: signature tag %u points outside the header",
			       s->name, (unsigned long long)t->off, t->tag);
	r = rpmpkg_add_sig(p, t->tag, t->data, t->count, e);
	return r < 0 ? err_prefix(e, "%s: offset %llu", s->name, (unsigned long long)t->off) : 0;
}

static int read_signatures(const struct source *s, const struct buf *h, struct rpmpkg *p,
			   struct err *e)
{
	size_t n = core_get_be32(h->data + 8), data = INTRO_LEN + n * ENTRY_LEN;
	size_t data_len = h->len - data;
	int r = 0;

	for (size_t i = 0; !r && i < n; i++) {
		const uint8_t *at = h->data + INTRO_LEN + i * ENTRY_LEN;
		size_t off = core_get_be32(at + 8);
		struct entry t = {
			.tag = core_get_be32(at),
			.type = core_get_be32(at + 4),
			.count = core_get_be32(at + 12),
			.off = LEAD_LEN + INTRO_LEN + i * ENTRY_LEN,
		};

		if (off > data_len)
			return err_set(
				e, -DIGLIM_E_RPM_INDEX,
				"%s: offset %llu: tag %u points outside the signature header",
				s->name, (unsigned long long)t.off, t.tag);
		t.data = h->data + data + off;
		t.room = data_len - off;
		r = add_signature(s, &t, p, e);
	}
	return r;
}

static int read_package(const struct source *s, struct rpmpkg *p, struct err *e)
{
	struct buf sig = BUF_INIT;
	uint64_t off;
	int r = check_lead(s, e);

	if (!r)
		r = get_header(s, LEAD_LEN, RPMFILE_SIG_MAX, "signature header", &sig, e);
	if (!r)
		r = read_signatures(s, &sig, p, e);
	/* The signature header is padded to eight bytes, the main header follows. */
	off = LEAD_LEN + ((sig.len + 7) & ~(size_t)7);
	buf_free(&sig);
	if (!r)
		r = get_header(s, off, RPMFILE_HEADER_MAX, "package header", &p->header, e);
	if (!r)
		rpmpkg_name(p);
	return r;
}

int rpmfile_parse(const void *data, size_t len, const char *name, struct rpmpkg *p, struct err *e)
{
	struct source s = {.name = name, .fd = -1, .data = data, .size = len};

	return read_package(&s, p, e);
}

int rpmfile_read(const char *path, struct rpmpkg *p, struct err *e)
{
	struct source s = {.name = path};
	struct stat st;
	int r;

	s.fd = io_open_regular(AT_FDCWD, path, &st, e);
	if (s.fd < 0)
		return s.fd;
	s.size = (uint64_t)st.st_size;
	r = s.size ? read_package(&s, p, e)
		   : err_set(e, -DIGLIM_E_EMPTY, "%s: empty file, not an RPM package", path);
	if (!r)
		r = io_check_unchanged(s.fd, &st, path, e);
	close(s.fd);
	return r;
}
