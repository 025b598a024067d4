/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"
#include "../../abi/use.h"

#define SLOTS_MIN 1024

struct slot {
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint32_t uses; /* 0: free */
};

/* Open addressing by the first bytes of the digest, at most half full. */
struct cover {
	struct slot *slots;
	size_t size, used, lists;
};

/* Entries of one list, kept back until its signature was seen to be good. */
struct entry {
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	uint32_t use;
};

struct reader {
	struct entry *entries;
	size_t n, size;
};

static struct slot *find(struct slot *slots, size_t size, const uint8_t *digest)
{
	size_t at;

	memcpy(&at, digest, sizeof(at));
	for (at &= size - 1; slots[at].uses; at = (at + 1) & (size - 1))
		if (!memcmp(slots[at].digest, digest, DIGLIM_DIGEST_SIZE))
			break;
	return &slots[at];
}

static int grow(struct cover *c)
{
	size_t size = c->size ? 2 * c->size : SLOTS_MIN;
	struct slot *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < c->size; i++)
		if (c->slots[i].uses)
			*find(slots, size, c->slots[i].digest) = c->slots[i];
	free(c->slots);
	c->slots = slots;
	c->size = size;
	return 0;
}

static int add(struct cover *c, const struct entry *entry, bool deny)
{
	struct slot *s;

	if (2 * (c->used + 1) > c->size && grow(c))
		return -ENOMEM;
	s = find(c->slots, c->size, entry->digest);
	if (!s->uses) {
		memcpy(s->digest, entry->digest, sizeof(s->digest));
		c->used++;
	}
	s->uses |= deny ? DIGLIM_FOUND_DENIED : entry->use;
	return 0;
}

static int keep(const struct payload_entry *p, void *arg)
{
	struct reader *r = arg;
	struct entry *entries;

	if (r->n == r->size) {
		entries = reallocarray(r->entries, r->size ? 2 * r->size : 256, sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		r->entries = entries;
		r->size = r->size ? 2 * r->size : 256;
	}
	memcpy(r->entries[r->n].digest, p->digest, DIGLIM_DIGEST_SIZE);
	r->entries[r->n++].use = p->use;
	return 0;
}

/* -ENOMEM, or 0 whatever becomes of the file. */
static int read_list(struct cover *c, struct reader *reader, const char *path,
		     const struct keys *keys, const struct cover_options *opt)
{
	struct lists_info info;
	struct err why = {0};
	int r;

	reader->n = 0;
	r = lists_examine(path, keys, &info, keep, reader, &why);
	if (r == -ENOMEM)
		return r;
	if (r || info.verdict) {
		if (opt && opt->refused)
			opt->refused(path, r ? &why : &info.refused, opt->arg);
		return 0;
	}
	if (info.payload.type != DIGLIM_LIST_ALLOW && info.payload.type != DIGLIM_LIST_DENY)
		return 0;
	c->lists++;
	for (size_t i = 0; i < reader->n; i++)
		if (add(c, &reader->entries[i], info.payload.type == DIGLIM_LIST_DENY))
			return -ENOMEM;
	return 0;
}

int cover_read(const struct lists *l, const struct keys *keys, const struct cover_options *opt,
	       struct cover **ret, struct err *e)
{
	struct cover *c = calloc(1, sizeof(*c));
	struct reader reader = {0};
	int r = c ? grow(c) : -ENOMEM;

	for (size_t i = 0; !r && i < l->n; i++) {
		if (opt && opt->step)
			opt->step(i, l->paths[i], opt->arg);
		r = read_list(c, &reader, l->paths[i], keys, opt);
	}
	free(reader.entries);
	if (r) {
		cover_free(c);
		return err_set(e, r, "no memory");
	}
	*ret = c;
	return 0;
}

struct cover *cover_free(struct cover *c)
{
	if (c)
		free(c->slots);
	free(c);
	return NULL;
}

uint32_t cover_uses(const struct cover *c, const uint8_t digest[DIGLIM_DIGEST_SIZE])
{
	uint32_t uses = find(c->slots, c->size, digest)->uses;

	return uses & DIGLIM_FOUND_DENIED ? DIGLIM_FOUND_DENIED : uses;
}

size_t cover_digests(const struct cover *c)
{
	return c->used;
}

size_t cover_lists(const struct cover *c)
{
	return c->lists;
}
