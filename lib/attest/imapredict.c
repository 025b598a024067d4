/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "imalist.h"
#include "imapredict.h"
#include "imarecord.h"
#include "../base/buf.h"
#include "../crypto/digest.h"
#include "../policy/places.h"

const char *imapredict_keyring(enum keys_kind kind)
{
	/* lib/engine/keyring.h, which this layer does not see. */
	static const char *const names[KEYS_KINDS] = {"diglim_vendor", "diglim_owner",
						      "diglim_restricted"};

	return names[kind];
}

struct prediction {
	enum bank bank;
	uint8_t *value;
	struct err *e;
};

/* IMA writes numbers as the machine does, and x86 and ARM are little endian. */
static void put_field(struct buf *b, const void *data, size_t len)
{
	for (int i = 0; i < 4; i++)
		buf_add_u8(b, (uint8_t)(len >> (8 * i)));
	buf_add(b, data, len);
}

static int extend(struct prediction *p, const void *data, size_t len)
{
	uint8_t digest[BANK_SIZE_MAX];
	int r = bank_hash(p->bank, data, len, digest, p->e);

	return r ?: bank_extend(p->bank, p->value, digest, p->e);
}

/* Digest and name of @content, and with @is_buffer the content itself. */
static int extend_entry(struct prediction *p, const char *name, const void *content, size_t len,
			bool is_buffer)
{
	uint8_t field[7 + 1 + DIGLIM_DIGEST_SIZE] = "sha256:";
	struct buf b = BUF_INIT;
	int r = digest_buffer(DIGEST_SHA256, content, len, field + 8, p->e);

	put_field(&b, field, sizeof(field));
	put_field(&b, name, strlen(name) + 1);
	if (is_buffer)
		put_field(&b, content, len);
	if (!r && b.failed)
		r = err_set(p->e, -ENOMEM, "out of memory");
	r = r ?: extend(p, b.data, b.len);
	buf_free(&b);
	return r;
}

static int take_aggregate(const struct ima_entry *entry, void *arg)
{
	static const char name[] = "boot_aggregate";
	struct prediction *p = arg;
	uint8_t digest[BANK_SIZE_MAX];
	int r;

	if (entry->pcr != IMAPREDICT_PCR || entry->name_len != sizeof(name) - 1 ||
	    memcmp(entry->name, name, entry->name_len) != 0)
		return err_set(p->e, -EBADMSG, "IMA's list does not begin with %s", name);
	r = imalist_digest(entry, p->bank, digest, p->e);
	r = r ?: bank_extend(p->bank, p->value, digest, p->e);
	return r ?: 1;
}

/* One that is in two files is measured once; keys_read() has sorted them. */
static bool is_again(const struct cert *c, const struct cert *last)
{
	return last && last->der_len == c->der_len && memcmp(last->der, c->der, c->der_len) == 0;
}

static int extend_ring(struct prediction *p, const struct cert_set *set, const char *keyring)
{
	const struct cert *last = NULL;
	int r = 0;

	for (size_t i = 0; !r && i < set->n; i++) {
		const struct cert *c = set->certs[i];

		if (!cert_has_der(c) || is_again(c, last))
			continue;
		r = extend_entry(p, keyring, c->der, c->der_len, true);
		last = c;
	}
	return r;
}

static int extend_keys(struct prediction *p, const struct keys *keys)
{
	int r = 0;

	for (int kind = 0; !r && kind < KEYS_KINDS; kind++)
		r = extend_ring(p, &keys->set[kind], imapredict_keyring((enum keys_kind)kind));
	return r;
}

static int extend_record(struct prediction *p, const char *name, const struct buf *text)
{
	char path[sizeof(PLACES_RUN "/" IMARECORD_DIR "/") + IMARECORD_NAME_MAX];

	strcpy(path, PLACES_RUN "/" IMARECORD_DIR "/");
	strcat(path, name);
	return extend_entry(p, path, text->data, text->len, false);
}

static int extend_state(struct prediction *p, struct statement *state)
{
	struct buf text = BUF_INIT, settings = BUF_INIT;
	char name[IMARECORD_NAME_MAX];
	/* Sorts it. */
	int r = statement_text(state, &text, p->e);

	r = r ?: imarecord_settings(state, &settings, p->e);
	r = r ?: extend_record(p, IMARECORD_SETTINGS, &settings);
	imarecord_name(1, STATEMENT_STATE, name);
	r = r ?: extend_record(p, name, &text);
	buf_free(&settings);
	buf_free(&text);
	return r;
}

int imapredict(const void *list, size_t len, const struct keys *keys, struct statement *state,
	       enum bank bank, uint8_t value[BANK_SIZE_MAX], struct err *e)
{
	struct prediction p = {.bank = bank, .value = value, .e = e};
	int r;

	memset(value, 0, BANK_SIZE_MAX);
	r = imalist_walk(list, len, take_aggregate, &p, e);
	if (r <= 0)
		return r ? r : err_set(e, -EBADMSG, "IMA's list is empty");
	r = extend_keys(&p, keys);
	return r ?: extend_state(&p, state);
}
