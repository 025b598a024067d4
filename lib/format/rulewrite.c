// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "../../abi/error.h"
#include "payload.h"
#include "rulewrite.h"

static void put_field(struct buf *b, uint16_t field, const void *data, size_t len)
{
	buf_add_be16(b, field);
	buf_add_be32(b, (uint32_t)len);
	buf_add(b, data, len);
}

static void put_text(struct buf *b, uint16_t field, const char *text)
{
	if (text)
		put_field(b, field, text, strlen(text));
}

static void put_number(struct buf *b, uint16_t field, uint32_t value)
{
	buf_add_be16(b, field);
	buf_add_be32(b, 4);
	buf_add_be32(b, value);
}

/* Takes @in. */
static void put_entry(struct rulewrite *w, struct buf *in)
{
	put_field(&w->entries, DIGLIM_TLV_ENTRY, in->data, in->len);
	w->entries.failed |= in->failed;
	w->n++;
	buf_free(in);
}

void rulewrite_digest(struct rulewrite *w, const struct digestname *d, const char *path)
{
	struct buf in = BUF_INIT;

	put_field(&in, d->verity ? DIGLIM_TLV_ENTRY_VERITY : DIGLIM_TLV_ENTRY_DIGEST, d->value,
		  DIGLIM_DIGEST_SIZE);
	if (path)
		put_field(&in, DIGLIM_TLV_ENTRY_PATH, path, strlen(path) + 1);
	put_entry(w, &in);
}

void rulewrite_key(struct rulewrite *w, const uint8_t *signer, size_t len)
{
	struct buf in = BUF_INIT;

	put_field(&in, DIGLIM_TLV_ENTRY_KEY, signer, len);
	put_entry(w, &in);
}

void rulewrite_mode(struct rulewrite *w, uint32_t mode, uint32_t window_s)
{
	struct buf in = BUF_INIT;

	buf_add_be16(&in, DIGLIM_TLV_ENTRY_MODE);
	buf_add_be32(&in, 8);
	buf_add_be32(&in, mode);
	buf_add_be32(&in, window_s);
	put_entry(w, &in);
}

void rulewrite_unseal(struct rulewrite *w)
{
	struct buf in = BUF_INIT;

	put_field(&in, DIGLIM_TLV_ENTRY_UNSEAL, "", 0);
	put_entry(w, &in);
}

void rulewrite_remove(struct rulewrite *w, const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	struct buf in = BUF_INIT;

	put_field(&in, DIGLIM_TLV_ENTRY_REMOVE, id, DIGLIM_LIST_ID_SIZE);
	put_entry(w, &in);
}

void rulewrite_limit(struct rulewrite *w, const struct rulewrite_limit *l)
{
	struct buf in = BUF_INIT;

	put_field(&in, DIGLIM_TLV_ENTRY_KEY, l->signer, l->signer_len);
	if (l->use)
		put_number(&in, DIGLIM_TLV_ENTRY_USE, l->use);
	put_text(&in, DIGLIM_TLV_ENTRY_NAME, l->name);
	if (l->path)
		put_field(&in, DIGLIM_TLV_ENTRY_PATH, l->path, strlen(l->path) + 1);
	put_entry(w, &in);
}

void rulewrite_floor(struct rulewrite *w, const struct rulewrite_floor *f)
{
	struct buf in = BUF_INIT;

	put_text(&in, DIGLIM_TLV_ENTRY_NAME, f->name);
	put_text(&in, DIGLIM_TLV_ENTRY_ARCH, f->arch);
	if (f->epoch)
		put_number(&in, DIGLIM_TLV_ENTRY_EPOCH, f->epoch);
	put_text(&in, DIGLIM_TLV_ENTRY_VERSION, f->version);
	put_text(&in, DIGLIM_TLV_ENTRY_RELEASE, f->release);
	if (f->lower)
		put_field(&in, DIGLIM_TLV_ENTRY_LOWER, "", 0);
	put_entry(w, &in);
}

static void put_head(struct buf *b, const struct rulewrite_head *h, uint32_t n)
{
	buf_add_be16(b, DIGLIM_TLV_ALGO);
	buf_add_be32(b, 2);
	buf_add_be16(b, DIGLIM_HASH_ALGO_SHA256);
	if (h->name && *h->name)
		put_text(b, DIGLIM_TLV_NAME, h->name);
	if (h->time) {
		buf_add_be16(b, DIGLIM_TLV_TIME);
		buf_add_be32(b, 8);
		buf_add_be64(b, h->time);
	}
	put_number(b, DIGLIM_TLV_TYPE, h->type);
	if (h->boot) {
		put_field(b, DIGLIM_TLV_BOOT, h->boot, DIGLIM_BOOT_SIZE);
		buf_add_be16(b, DIGLIM_TLV_COUNTER);
		buf_add_be32(b, 8);
		buf_add_be64(b, h->counter);
	}
	put_number(b, DIGLIM_TLV_COUNT, n);
}

int rulewrite_finish(struct rulewrite *w, const struct rulewrite_head *h, struct buf *ret,
		     struct err *e)
{
	if (!w->n)
		return err_set(e, -DIGLIM_E_EMPTY, "nothing to put into the list");
	put_head(ret, h, w->n);
	buf_add(ret, w->entries.data, w->entries.len);
	if (ret->failed || w->entries.failed)
		return err_set(e, -ENOMEM, "out of memory");
	return payload_walk(ret->data, ret->len, "list", NULL, NULL, NULL, e);
}

void rulewrite_done(struct rulewrite *w)
{
	buf_free(&w->entries);
	w->n = 0;
}
