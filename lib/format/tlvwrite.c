// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../abi/error.h"
#include "../../abi/listfile.h"
#include "../../abi/use.h"
#include "tlvwrite.h"

struct entry {
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint16_t field; /* DIGLIM_TLV_ENTRY_DIGEST or _VERITY */
	uint32_t use;
	char *path; /* "" if there is none */
};

struct tlvwrite {
	char name[DIGLIM_NAME_MAX];
	uint64_t time;
	struct entry *entries;
	size_t n, size;
	uint32_t besides; /* of every use */
};

struct tlvwrite *tlvwrite_new(const char *name, uint64_t time)
{
	struct tlvwrite *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	strncpy(w->name, name ? name : "", sizeof(w->name) - 1);
	w->time = time;
	return w;
}

struct tlvwrite *tlvwrite_free(struct tlvwrite *w)
{
	if (!w)
		return NULL;
	for (size_t i = 0; i < w->n; i++)
		free(w->entries[i].path);
	free(w->entries);
	free(w);
	return NULL;
}

void tlvwrite_immutable(struct tlvwrite *w)
{
	w->besides |= DIGLIM_USE_IMMUTABLE;
}

size_t tlvwrite_count(const struct tlvwrite *w)
{
	return w->n;
}

static int add(struct tlvwrite *w, uint16_t field, const uint8_t *digest, const char *path,
	       uint32_t use, struct err *e)
{
	struct entry *p;

	path = path ? path : "";
	if (!use || use & ~(uint32_t)(DIGLIM_USE_ALL | DIGLIM_USE_PROPERTIES))
		return err_set(e, -EINVAL, "%s: use 0x%x is not one a list can have", path, use);
	if (strlen(path) >= DIGLIM_PATH_LONG)
		return err_set(e, -ENAMETOOLONG, "%.64s…: path of %zu bytes, at most %d", path,
			       strlen(path), DIGLIM_PATH_LONG - 1);
	if (w->n == w->size) {
		size_t size = w->size ? 2 * w->size : 64;

		p = reallocarray(w->entries, size, sizeof(*p));
		if (!p)
			return err_set(e, -ENOMEM, "out of memory");
		w->entries = p;
		w->size = size;
	}
	p = &w->entries[w->n];
	memcpy(p->digest, digest, sizeof(p->digest));
	p->field = field;
	p->use = use | w->besides;
	p->path = strdup(path);
	if (!p->path)
		return err_set(e, -ENOMEM, "out of memory");
	w->n++;
	return 0;
}

int tlvwrite_add(struct tlvwrite *w, const uint8_t digest[DIGLIM_DIGEST_SIZE], const char *path,
		 uint32_t use, struct err *e)
{
	return add(w, DIGLIM_TLV_ENTRY_DIGEST, digest, path, use, e);
}

int tlvwrite_add_verity(struct tlvwrite *w, const uint8_t digest[DIGLIM_DIGEST_SIZE],
			const char *path, uint32_t use, struct err *e)
{
	return add(w, DIGLIM_TLV_ENTRY_VERITY, digest, path, use, e);
}

int tlvwrite_add_name(struct tlvwrite *w, const struct digestname *d, const char *path,
		      uint32_t use, struct err *e)
{
	return (d->verity ? tlvwrite_add_verity : tlvwrite_add)(w, d->value, path, use, e);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	r = r ? r : memcmp(x->digest, y->digest, sizeof(x->digest));
	return r ? r : x->field - y->field;
}

/* Sorts; the same digest and path become one entry. */
static void merge(struct tlvwrite *w)
{
	size_t kept = 0;

	qsort(w->entries, w->n, sizeof(*w->entries), compare);
	for (size_t i = 0; i < w->n; i++) {
		if (kept && !compare(&w->entries[kept - 1], &w->entries[i])) {
			w->entries[kept - 1].use |= w->entries[i].use;
			free(w->entries[i].path);
			continue;
		}
		w->entries[kept++] = w->entries[i];
	}
	w->n = kept;
}

static void put_field(struct buf *b, uint16_t field, const void *data, size_t len)
{
	buf_add_be16(b, field);
	buf_add_be32(b, (uint32_t)len);
	buf_add(b, data, len);
}

static void put_entry(struct buf *b, const struct entry *p)
{
	size_t path = *p->path ? strlen(p->path) + 1 : 0;

	buf_add_be16(b, DIGLIM_TLV_ENTRY);
	buf_add_be32(b, (uint32_t)(6 + sizeof(p->digest) + (path ? 6 + path : 0) + 10));
	put_field(b, p->field, p->digest, sizeof(p->digest));
	if (path)
		put_field(b, DIGLIM_TLV_ENTRY_PATH, p->path, path);
	buf_add_be16(b, DIGLIM_TLV_ENTRY_USE);
	buf_add_be32(b, 4);
	buf_add_be32(b, p->use);
}

static void put_head(struct buf *b, const struct tlvwrite *w)
{
	buf_add_be16(b, DIGLIM_TLV_ALGO);
	buf_add_be32(b, 2);
	buf_add_be16(b, DIGLIM_HASH_ALGO_SHA256);
	if (w->name[0])
		put_field(b, DIGLIM_TLV_NAME, w->name, strlen(w->name));
	if (w->time) {
		buf_add_be16(b, DIGLIM_TLV_TIME);
		buf_add_be32(b, 8);
		buf_add_be64(b, w->time);
	}
	buf_add_be16(b, DIGLIM_TLV_COUNT);
	buf_add_be32(b, 4);
	buf_add_be32(b, (uint32_t)w->n);
}

int tlvwrite_finish(struct tlvwrite *w, struct buf *ret, struct err *e)
{
	if (!w->n)
		return err_set(e, -DIGLIM_E_EMPTY, "no file to vouch for");
	merge(w);
	if (w->n > DIGLIM_LIST_ENTRIES_MAX)
		return err_set(e, -DIGLIM_E_TOO_MANY, "%zu files in one list, at most %u", w->n,
			       DIGLIM_LIST_ENTRIES_MAX);
	put_head(ret, w);
	for (size_t i = 0; i < w->n; i++)
		put_entry(ret, &w->entries[i]);
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}
