/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "imalist.h"
#include "../base/buf.h"
#include "../base/hex.h"

#define NAME_FIELD_MAX 256 /* of the template "ima": the name, filled up with zeros */

struct walk {
	const uint8_t *p, *end;
	const uint8_t *begin;
	size_t digest_len; /* of template digests; binary only */
	struct ima_entry entry;
	struct buf data; /* template data of ASCII entries */
	struct buf parts;
	ima_fn fn;
	void *arg;
};

/*
 * Fields of a template, as the kernel names them: d digest with algorithm, n name, x bytes. The
 * first two are always "dn".
 */
static const struct {
	const char *name;
	const char *fields;
} templates[] = {
	{"ima-ng", "dn"},   {"ima-sig", "dnx"},	  {"ima-buf", "dnx"},
	{"ima-ngv2", "dn"}, {"ima-sigv2", "dnx"}, {"ima-modsig", "dnxdx"},
};

static const char *fields_of(const char *template)
{
	for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++)
		if (strcmp(templates[i].name, template) == 0)
			return templates[i].fields;
	return NULL;
}

static bool is_old(const struct ima_entry *entry)
{
	return strcmp(entry->template, "ima") == 0;
}

static void put_le32(struct buf *b, size_t v)
{
	for (int i = 0; i < 4; i++)
		buf_add_u8(b, (uint8_t)(v >> (8 * i)));
}

static bool all_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return len;
}

/* The content of a digest field: "sha256:\0" and the bytes, before that perhaps "verity:". */
static int set_digest(struct ima_entry *entry, const uint8_t *p, size_t len)
{
	const uint8_t *nul = memchr(p, '\0', len), *algo = p;
	size_t n;

	if (!nul || nul == p || nul[-1] != ':')
		return -EBADMSG;
	for (const uint8_t *c = p; c < nul - 1; c++)
		if (*c == ':')
			algo = c + 1;
	n = (size_t)(nul - 1 - algo);
	if (!n || n >= sizeof(entry->algo))
		return -EBADMSG;
	memcpy(entry->algo, algo, n);
	entry->algo[n] = '\0';
	entry->digest = nul + 1;
	entry->digest_len = len - (size_t)(nul + 1 - p);
	return 0;
}

/* Takes a number and that many bytes of template data. */
static int next_field(const uint8_t **p, const uint8_t *end, const uint8_t **field, size_t *len)
{
	if (end - *p < 4)
		return -EBADMSG;
	*len = (size_t)(*p)[0] | (size_t)(*p)[1] << 8 | (size_t)(*p)[2] << 16 |
	       (size_t)(*p)[3] << 24;
	*p += 4;
	if (*len > (size_t)(end - *p))
		return -EBADMSG;
	*field = *p;
	*p += *len;
	return 0;
}

/* Looks into template data: digest, name, what follows. */
static int read_data(struct ima_entry *entry)
{
	const uint8_t *p = entry->data, *end = p + entry->data_len, *field;
	const char *fields = fields_of(entry->template);
	size_t len;

	for (size_t i = 0; fields && fields[i]; i++) {
		if (next_field(&p, end, &field, &len))
			return -EBADMSG;
		if (i == 0 && set_digest(entry, field, len))
			return -EBADMSG;
		if (i == 1) {
			if (len < 2 || field[len - 1])
				return -EBADMSG;
			entry->name = (const char *)field;
			entry->name_len = len - 1;
		} else if (i == 2) {
			entry->extra = field;
			entry->extra_len = len;
		}
	}
	return fields && p != end ? -EBADMSG : 0;
}

/* The template "ima": 20 bytes and a name of at most 255, which is hashed filled up with zeros. */
static int set_old(struct walk *w, const uint8_t *digest, const uint8_t *name, size_t len)
{
	if (!len || len >= NAME_FIELD_MAX || memchr(name, '\0', len))
		return -EBADMSG;
	w->data.len = 0;
	buf_add(&w->data, digest, 20);
	buf_add(&w->data, name, len);
	while (w->data.len < 20 + NAME_FIELD_MAX && !w->data.failed)
		buf_add_u8(&w->data, 0);
	if (w->data.failed)
		return -ENOMEM;
	strcpy(w->entry.algo, "sha1");
	w->entry.data = w->data.data;
	w->entry.data_len = w->data.len;
	w->entry.digest = w->data.data;
	w->entry.digest_len = 20;
	w->entry.name = (const char *)w->data.data + 20;
	w->entry.name_len = len;
	return 0;
}

static int call(struct walk *w)
{
	w->entry.violation = all_zero(w->entry.stated, w->entry.stated_len);
	return w->fn(&w->entry, w->arg);
}

/* Binary entries. */

static int set_template(struct ima_entry *entry, const uint8_t *name, size_t len)
{
	if (!len || len >= sizeof(entry->template))
		return -EBADMSG;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return -EBADMSG;
	memcpy(entry->template, name, len);
	entry->template[len] = '\0';
	return 0;
}

static int binary_old(struct walk *w)
{
	const uint8_t *digest = w->p, *name;
	size_t len;

	if (w->end - w->p < 20)
		return -EBADMSG;
	w->p += 20;
	if (next_field(&w->p, w->end, &name, &len))
		return -EBADMSG;
	return set_old(w, digest, name, len);
}

static int binary_entry(struct walk *w)
{
	struct ima_entry *entry = &w->entry;
	const uint8_t *field;
	size_t len;
	uint32_t pcr;

	if ((size_t)(w->end - w->p) < 4 + w->digest_len)
		return -EBADMSG;
	pcr = (uint32_t)w->p[0] | (uint32_t)w->p[1] << 8 | (uint32_t)w->p[2] << 16 |
	      (uint32_t)w->p[3] << 24;
	entry->pcr = pcr;
	entry->stated = w->p + 4;
	entry->stated_len = w->digest_len;
	w->p += 4 + w->digest_len;
	if (pcr > 23 || next_field(&w->p, w->end, &field, &len) || set_template(entry, field, len))
		return -EBADMSG;
	if (is_old(entry))
		return binary_old(w);
	if (next_field(&w->p, w->end, &field, &len) || len > IMALIST_DATA_MAX)
		return -EBADMSG;
	entry->data = field;
	entry->data_len = len;
	return read_data(entry);
}

/* How long template digests are shows in the first entry: a template's name must follow. */
static bool digest_len_fits(const struct walk *w, size_t len)
{
	const uint8_t *p, *field;
	struct ima_entry entry;
	size_t n;

	if ((size_t)(w->end - w->p) < 4 + len)
		return false;
	p = w->p + 4 + len;
	return !next_field(&p, w->end, &field, &n) && !set_template(&entry, field, n);
}

static int walk_binary(struct walk *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < BANK_MAX && !w->digest_len; i++)
		if (digest_len_fits(w, bank_size(bank_at(i))))
			w->digest_len = bank_size(bank_at(i));
	if (!w->digest_len)
		return err_set(e, -EBADMSG, "no list of IMA measurements");
	while (!r && w->p < w->end) {
		size_t number = w->entry.number + 1, offset = (size_t)(w->p - w->begin);

		w->entry = (struct ima_entry){.number = number};
		r = binary_entry(w);
		if (r)
			return err_set(e, r, "IMA list, entry %zu at byte %zu: %s", number, offset,
				       r == -ENOMEM ? "out of memory" : "malformed");
		r = call(w);
	}
	return r;
}

/* ASCII entries: what is printed is turned into the bytes that were hashed. */

struct word {
	const char *p;
	size_t len;
};

static struct word first_word(struct word *line)
{
	const char *blank = memchr(line->p, ' ', line->len);
	struct word ret = {line->p, blank ? (size_t)(blank - line->p) : line->len};
	size_t skip = ret.len + (blank != NULL);

	line->p += skip;
	line->len -= skip;
	return ret;
}

/* Names may hold blanks, what comes behind them may not. The word may be empty. */
static int last_word(struct word *line, struct word *ret)
{
	const char *blank = memrchr(line->p, ' ', line->len);

	if (!blank)
		return -EBADMSG;
	*ret = (struct word){blank + 1, line->len - (size_t)(blank + 1 - line->p)};
	line->len = (size_t)(blank - line->p);
	return 0;
}

static uint8_t *put_hex(struct buf *b, struct word hex)
{
	uint8_t *to = buf_reserve(b, hex.len / 2);

	return to && hex.len % 2 == 0 && !hex_decode(hex.p, hex.len, to, hex.len / 2) ? to : NULL;
}

/* "sha256:HEX" as "sha256:", a zero and the bytes; an empty one stays empty. */
static int put_digest(struct buf *b, struct word text)
{
	const char *colon = memrchr(text.p, ':', text.len);
	size_t algo = colon ? (size_t)(colon + 1 - text.p) : 0, at = b->len;
	struct word hex = {text.p + algo, text.len - algo};

	put_le32(b, 0);
	if (!text.len)
		return b->failed ? -ENOMEM : 0;
	buf_add(b, text.p, algo);
	buf_add_u8(b, 0);
	if (!algo || (hex.len && !put_hex(b, hex)))
		return b->failed ? -ENOMEM : -EBADMSG;
	for (int i = 0; i < 4; i++)
		b->data[at + (size_t)i] = (uint8_t)((b->len - at - 4) >> (8 * i));
	return 0;
}

static int put_bytes(struct buf *b, struct word hex)
{
	put_le32(b, hex.len / 2);
	if (hex.len && !put_hex(b, hex))
		return b->failed ? -ENOMEM : -EBADMSG;
	return 0;
}

static int ascii_data(struct walk *w, struct word line)
{
	const char *fields = fields_of(w->entry.template);
	struct word tail[4], digest = first_word(&line);
	struct buf *b = &w->data;
	size_t n = strlen(fields);
	int r;

	for (size_t i = n; i > 2; i--)
		if (last_word(&line, &tail[i - 3]))
			return -EBADMSG;
	b->len = 0;
	r = put_digest(b, digest);
	put_le32(b, line.len + 1);
	buf_add(b, line.p, line.len);
	buf_add_u8(b, 0);
	for (size_t i = 2; !r && i < n; i++)
		r = fields[i] == 'd' ? put_digest(b, tail[i - 2]) : put_bytes(b, tail[i - 2]);
	if (r || b->failed)
		return r ? r : -ENOMEM;
	w->entry.data = b->data;
	w->entry.data_len = b->len;
	return read_data(&w->entry);
}

static int ascii_old(struct walk *w, struct word line)
{
	struct word hex = first_word(&line);
	uint8_t digest[20];

	if (hex_decode(hex.p, hex.len, digest, sizeof(digest)))
		return -EBADMSG;
	return set_old(w, digest, (const uint8_t *)line.p, line.len);
}

static int ascii_pcr(struct word text, unsigned *ret)
{
	if (!text.len || text.len > 2)
		return -EBADMSG;
	*ret = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -EBADMSG;
		*ret = *ret * 10 + (unsigned)(text.p[i] - '0');
	}
	return *ret > 23 ? -EBADMSG : 0;
}

static int ascii_entry(struct walk *w, struct word line)
{
	struct word pcr, stated, template;

	/* The kernel fills up numbers of one digit with a blank in front. */
	if (line.len && *line.p == ' ') {
		line.p++;
		line.len--;
	}
	pcr = first_word(&line);
	stated = first_word(&line);
	template = first_word(&line);
	w->parts.len = 0;
	if (memchr(line.p, '\0', line.len) || ascii_pcr(pcr, &w->entry.pcr) ||
	    stated.len > 2 * BANK_SIZE_MAX || stated.len < 2 * 20 || !put_hex(&w->parts, stated) ||
	    set_template(&w->entry, (const uint8_t *)template.p, template.len))
		return w->parts.failed ? -ENOMEM : -EBADMSG;
	w->entry.stated = w->parts.data;
	w->entry.stated_len = w->parts.len;
	if (is_old(&w->entry))
		return ascii_old(w, line);
	return fields_of(w->entry.template) ? ascii_data(w, line) : 0;
}

static int walk_ascii(struct walk *w, struct err *e)
{
	int r = 0;

	while (!r && w->p < w->end) {
		const uint8_t *eol = memchr(w->p, '\n', (size_t)(w->end - w->p));
		size_t number = w->entry.number + 1;
		struct word line = {(const char *)w->p, eol ? (size_t)(eol - w->p) : 0};

		w->entry = (struct ima_entry){.number = number};
		r = eol && line.len <= IMALIST_DATA_MAX ? ascii_entry(w, line) : -EBADMSG;
		if (r)
			return err_set(e, r, "IMA list, line %zu: %s", number,
				       r == -ENOMEM ? "out of memory" : "malformed");
		w->p = eol + 1;
		r = call(w);
	}
	return r;
}

int imalist_walk(const void *data, size_t len, ima_fn fn, void *arg, struct err *e)
{
	struct walk w = {.p = data, .begin = data, .fn = fn, .arg = arg};
	int r;

	if (len > IMALIST_MAX)
		return err_set(e, -EBADMSG, "IMA list of %zu bytes", len);
	w.end = w.p + len;
	/* Binary begins with the number of a register, which is below every printed character. */
	if (!len || *w.p >= ' ')
		r = walk_ascii(&w, e);
	else
		r = walk_binary(&w, e);
	buf_free(&w.data);
	buf_free(&w.parts);
	return r;
}

int imalist_digest(const struct ima_entry *entry, enum bank bank, uint8_t ret[BANK_SIZE_MAX],
		   struct err *e)
{
	size_t size = bank_size(bank);
	int r;

	if (entry->violation) {
		memset(ret, 0xff, size);
		return 0;
	}
	if (!entry->data && entry->stated_len != size)
		return err_set(e, -ENODATA, "IMA list, entry %zu: template %s is not known",
			       entry->number, entry->template);
	if (!entry->data) {
		memcpy(ret, entry->stated, size);
		return 0;
	}
	r = bank_hash(bank, entry->data, entry->data_len, ret, e);
	if (!r && entry->stated_len == size && memcmp(ret, entry->stated, size) != 0)
		return err_set(e, -EBADMSG,
			       "IMA list, entry %zu: its digest is not that of its data",
			       entry->number);
	return r;
}
