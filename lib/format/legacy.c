// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../abi/listfile.h"
#include "legacy.h"

#define HEAD 16

/* Items of an entry of version 2. */
enum {
	ITEM_DIGEST = 0,
	ITEM_EVM = 1,
	ITEM_PATH = 2,
	ITEM_UID = 3,
	ITEM_GID = 4,
	ITEM_MODE = 5,
	ITEM_SIZE = 6,
	ITEM_FS_MAGIC = 7,
	ITEM_LABEL = 8,
	ITEM_CAPS = 9,
};

static const char *const type_names[LEGACY_TYPES] = {
	[LEGACY_UNKNOWN] = "unknown", [LEGACY_KEY] = "key",	      [LEGACY_PARSER] = "parser",
	[LEGACY_FILE] = "file",	      [LEGACY_METADATA] = "metadata",
};

static const char *const format_names[LEGACY_FORMATS] = {
	[LEGACY_FORMAT_UNKNOWN] = "",
	[LEGACY_COMPACT] = "compact",
	[LEGACY_COMPACT_TLV] = "compact_tlv",
	[LEGACY_RPM] = "rpm",
	[LEGACY_TLV] = "tlv",
};

const char *legacy_type_name(enum legacy_type type)
{
	return (unsigned int)type < LEGACY_TYPES ? type_names[type] : "unknown";
}

const char *legacy_format_name(enum legacy_format format)
{
	return (unsigned int)format < LEGACY_FORMATS ? format_names[format] : "";
}

/* "FORMAT-NAME" */
static bool read_format(const char *p, struct legacy_name *ret)
{
	size_t n = strcspn(p, "-");

	if (!p[n] || !p[n + 1])
		return false;
	for (int i = 1; i < LEGACY_FORMATS; i++)
		if (strlen(format_names[i]) == n && !memcmp(p, format_names[i], n)) {
			ret->format = (enum legacy_format)i;
			ret->name = p + n + 1;
			return true;
		}
	return false;
}

bool legacy_name_read(const char *file, struct legacy_name *ret)
{
	static const char list[] = "_list-";
	size_t digits = strspn(file, "0123456789");
	const char *p = file;

	*ret = (struct legacy_name){0};
	if (digits && file[digits] == '-')
		p = file + digits + 1;
	for (int i = 1; p != file && i < LEGACY_TYPES; i++) {
		size_t n = strlen(type_names[i]);

		if (strncmp(p, type_names[i], n) || strncmp(p + n, list, sizeof(list) - 1))
			continue;
		ret->type = (enum legacy_type)i;
		return read_format(p + n + sizeof(list) - 1, ret);
	}
	return read_format(p, ret);
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

struct walk {
	const uint8_t *data;
	size_t len;
	const char *name;
	legacy_fn fn;
	void *arg;
	struct err *e;
	struct legacy_entry entry;
};

static int bad(const struct walk *w, const uint8_t *at, const char *why)
{
	return err_set(w->e, -EINVAL, "%s: offset %zu: %s", w->name, (size_t)(at - w->data), why);
}

/* What the number means: in one of the numberings it must be what the name says. */
static enum legacy_type type_of(uint16_t number, enum legacy_type named)
{
	enum legacy_type old =
		number < 4 ? (enum legacy_type)(number + LEGACY_KEY) : LEGACY_UNKNOWN;
	enum legacy_type new =
		number < 3 ? (enum legacy_type)(number + LEGACY_PARSER) : LEGACY_UNKNOWN;

	if (named)
		return named == old || named == new ? named : LEGACY_UNKNOWN;
	return number == 1 ? LEGACY_FILE : number == 3 ? LEGACY_METADATA : LEGACY_UNKNOWN;
}

static int do_digests(struct walk *w, const uint8_t *p, uint32_t count, uint32_t len)
{
	int r = 0;

	if (len % DIGLIM_DIGEST_SIZE || len / DIGLIM_DIGEST_SIZE != count)
		return bad(w, p - 4, "length of a block that does not fit its number of digests");
	for (uint32_t i = 0; !r && i < count; i++) {
		/* Metadata digests are none of the content. */
		w->entry.digest =
			w->entry.type == LEGACY_METADATA ? NULL : p + i * DIGLIM_DIGEST_SIZE;
		r = w->fn(&w->entry, w->arg);
	}
	return r;
}

static bool take_text(char *to, size_t size, const uint8_t *p, uint32_t len)
{
	if (!len || len > size || memchr(p, 0, len) != p + len - 1)
		return false;
	memcpy(to, p, len);
	return true;
}

/* False if the item has a form that it may not have. */
static bool do_item(struct legacy_entry *entry, uint8_t id, const uint8_t *p, uint32_t len)
{
	uint32_t *number = id == ITEM_UID   ? &entry->uid
			   : id == ITEM_GID ? &entry->gid
					    : &entry->mode;

	switch (id) {
	case ITEM_DIGEST:
		entry->digest = p;
		return len == DIGLIM_DIGEST_SIZE;
	case ITEM_PATH:
		return take_text(entry->path, sizeof(entry->path), p, len);
	case ITEM_LABEL:
		return take_text(entry->label, sizeof(entry->label), p, len);
	case ITEM_CAPS:
		return take_text(entry->caps, sizeof(entry->caps), p, len);
	case ITEM_UID:
	case ITEM_GID:
	case ITEM_MODE:
		entry->has_owner = true;
		*number = len == 4 ? le32(p) : len == 2 ? le16(p) : 0;
		return len == 4 || len == 2;
	case ITEM_EVM:
		return true; /* of no use to us, as the next two */
	case ITEM_SIZE:
	case ITEM_FS_MAGIC:
		return len == 4 || len == 8;
	default:
		return false;
	}
}

static int do_entry(struct walk *w, const uint8_t **at, const uint8_t *end)
{
	struct legacy_entry *entry = &w->entry;
	const uint8_t *p = *at;
	uint32_t seen[8] = {0};
	unsigned int items;

	entry->digest = NULL;
	entry->path[0] = entry->label[0] = entry->caps[0] = '\0';
	entry->has_owner = false;
	entry->uid = entry->gid = entry->mode = 0;
	if (p == end)
		return bad(w, p, "fewer entries than there should be");
	for (items = *p++; items; items--) {
		uint32_t len;

		if (end - p < 5 || le32(p + 1) > (size_t)(end - p) - 5)
			return bad(w, p, "an item that is longer than its block");
		len = le32(p + 1);
		if (seen[p[0] / 32] & 1U << p[0] % 32)
			return bad(w, p, "an item that was there before");
		seen[p[0] / 32] |= 1U << p[0] % 32;
		if (!do_item(entry, p[0], p + 5, len))
			return bad(w, p, "an item that is not known, or of a wrong length");
		p += 5 + len;
	}
	*at = p;
	return w->fn(entry, w->arg);
}

static int do_entries(struct walk *w, const uint8_t *p, uint32_t count, uint32_t len)
{
	const uint8_t *end = p + len;
	int r = 0;

	for (uint32_t i = 0; !r && i < count; i++)
		r = do_entry(w, &p, end);
	return r || p == end ? r : bad(w, p, "bytes behind the last entry");
}

int legacy_walk(const void *data, size_t len, const char *name, enum legacy_type named,
		legacy_fn fn, void *arg, struct err *e)
{
	struct walk *w = calloc(1, sizeof(*w));
	size_t at = 0;
	int r = 0;

	if (!w)
		return err_set(e, -ENOMEM, "out of memory");
	*w = (struct walk){.data = data, .len = len, .name = name, .fn = fn, .arg = arg, .e = e};
	if (!len)
		r = bad(w, w->data, "empty");
	while (!r && at < len) {
		const uint8_t *p = w->data + at;
		uint32_t count, size;

		if (len - at < HEAD)
			r = bad(w, p, "cut inside the head of a block");
		else if ((p[0] != 1 && p[0] != 2) || p[1])
			r = bad(w, p, "no block of a compact list");
		else if (!(w->entry.type = type_of(le16(p + 2), named)))
			r = bad(w, p + 2,
				"a type that is not the one of the name, or that the name "
				"must tell (POSITION-TYPE_list-compact-NAME)");
		else if (le16(p + 4) & ~DIGLIM_COMPACT_MOD_IMMUTABLE)
			r = bad(w, p + 4, "a modifier that is not known");
		else if (le16(p + 6) != DIGLIM_HASH_ALGO_SHA256)
			r = err_set(e, -ENOTSUP, "%s: offset %zu: digests other than SHA-256", name,
				    at + 6);
		if (r)
			break;
		count = le32(p + 8);
		size = le32(p + 12);
		w->entry.immutable = le16(p + 4);
		if (size > len - at - HEAD)
			r = bad(w, p + 12, "a block that is longer than the file");
		else
			r = p[0] == 1 ? do_digests(w, p + HEAD, count, size)
				      : do_entries(w, p + HEAD, count, size);
		at += HEAD + size;
	}
	free(w);
	return r;
}

static void put_le16(struct buf *b, uint16_t v)
{
	buf_add_u8(b, (uint8_t)v);
	buf_add_u8(b, (uint8_t)(v >> 8));
}

static void put_le32(struct buf *b, uint32_t v)
{
	put_le16(b, (uint16_t)v);
	put_le16(b, (uint16_t)(v >> 16));
}

static void put_head(struct buf *b, uint8_t version, enum legacy_type type,
		     enum legacy_numbering numbering, bool immutable, uint32_t count, uint32_t size)
{
	buf_add_u8(b, version);
	buf_add_u8(b, 0);
	put_le16(b, (uint16_t)(numbering == LEGACY_FROM_KEY ? type - LEGACY_KEY
							    : type - LEGACY_PARSER));
	put_le16(b, immutable ? DIGLIM_COMPACT_MOD_IMMUTABLE : 0);
	put_le16(b, DIGLIM_HASH_ALGO_SHA256);
	put_le32(b, count);
	put_le32(b, size);
}

void legacy_put_block(struct buf *b, enum legacy_type type, enum legacy_numbering numbering,
		      bool immutable, const void *digests, uint32_t n)
{
	put_head(b, 1, type, numbering, immutable, n, n * DIGLIM_DIGEST_SIZE);
	buf_add(b, digests, (size_t)n * DIGLIM_DIGEST_SIZE);
}

static void put_item(struct buf *b, uint8_t id, const void *data, size_t len)
{
	buf_add_u8(b, id);
	put_le32(b, (uint32_t)len);
	buf_add(b, data, len);
}

static void put_number(struct buf *b, uint8_t id, uint32_t v)
{
	buf_add_u8(b, id);
	put_le32(b, 4);
	put_le32(b, v);
}

static void put_entry(struct buf *b, const struct legacy_entry *entry)
{
	unsigned int items = (entry->digest != NULL) + (entry->path[0] != 0) +
			     3U * entry->has_owner + (entry->label[0] != 0) + (entry->caps[0] != 0);

	buf_add_u8(b, (uint8_t)items);
	if (entry->digest)
		put_item(b, ITEM_DIGEST, entry->digest, DIGLIM_DIGEST_SIZE);
	if (entry->path[0])
		put_item(b, ITEM_PATH, entry->path, strlen(entry->path) + 1);
	if (entry->has_owner) {
		put_number(b, ITEM_UID, entry->uid);
		put_number(b, ITEM_GID, entry->gid);
		put_number(b, ITEM_MODE, entry->mode);
	}
	if (entry->label[0])
		put_item(b, ITEM_LABEL, entry->label, strlen(entry->label) + 1);
	if (entry->caps[0])
		put_item(b, ITEM_CAPS, entry->caps, strlen(entry->caps) + 1);
}

void legacy_put_tlv(struct buf *b, enum legacy_type type, enum legacy_numbering numbering,
		    const struct legacy_entry *entries, uint32_t n)
{
	struct buf block = BUF_INIT;

	for (uint32_t i = 0; i < n; i++)
		put_entry(&block, &entries[i]);
	put_head(b, 2, type, numbering, n && entries[0].immutable, n, (uint32_t)block.len);
	buf_add(b, block.data, block.len);
	b->failed |= block.failed;
	buf_free(&block);
}

int legacy_strip(const void *data, size_t *len, const uint8_t **sig, size_t *sig_len)
{
	const size_t tail = DIGLIM_SIG_MARKER_LEN + sizeof(struct diglim_sig_trailer);
	const uint8_t *p = data, *t;
	uint32_t n;

	if (*len < tail ||
	    memcmp(p + *len - DIGLIM_SIG_MARKER_LEN, DIGLIM_SIG_MARKER, DIGLIM_SIG_MARKER_LEN) != 0)
		return -1;
	t = p + *len - tail;
	n = (uint32_t)t[8] << 24 | (uint32_t)t[9] << 16 | (uint32_t)t[10] << 8 | t[11];
	if (n > *len - tail || (t[2] != 0 && t[2] != DIGLIM_SIG_ID_PKCS7))
		return -EINVAL;
	*len -= tail + n;
	if (sig)
		*sig = p + *len;
	if (sig_len)
		*sig_len = n;
	return t[2];
}
