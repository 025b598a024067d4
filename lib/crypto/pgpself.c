// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "pgpself.h"
#include "memory.h"

static void put_key(struct buf *b, const struct core_view *key)
{
	buf_add_u8(b, 0x99);
	buf_add_be16(b, (uint16_t)key->len);
	buf_add(b, key->data + key->start, key->len);
}

/* RFC 4880, 5.2.4: document, then the head of the signature, then for v4 its length. */
static void put_hashed(struct buf *b, const struct core_view *primary,
		       const struct pgpself_over *over, const struct core_view *v,
		       const struct core_pgp_sig *sig)
{
	put_key(b, primary);
	if (over->subkey)
		put_key(b, over->subkey);
	if (over->uid && sig->version == 4) {
		buf_add_u8(b, over->uid_tag);
		buf_add_be32(b, over->uid->len);
	}
	if (over->uid)
		buf_add(b, over->uid->data + over->uid->start, over->uid->len);
	buf_add(b, v->data + v->start + sig->head, sig->head_len);
	if (sig->version == 4) {
		buf_add_be16(b, 0x04ff);
		buf_add_be32(b, sig->head_len);
	}
}

bool pgpself_claims(const struct pgppub *p, const struct core_view *v,
		    const struct core_pgp_sig *sig)
{
	return pgp_claims(p->fingerprint, p->fingerprint_len, p->key_id, v, sig);
}

bool pgpself_verify(const struct pgppub *by, const struct core_view *primary,
		    const struct pgpself_over *over, const struct core_view *v,
		    const struct core_pgp_sig *sig, uint64_t now, bool *sha1)
{
	enum pk_hash hash = pgppub_hash(sig->hash_algo);
	struct buf b = BUF_INIT;
	uint8_t digest[64];
	size_t n = 0;
	bool good;

	if ((sig->version != 3 && sig->version != 4) || sig->unknown_critical ||
	    !sig->has_created || hash == PK_HASH_NONE || !pgpself_claims(by, v, sig))
		return false;
	if (sig->expires_after && (uint64_t)sig->created + sig->expires_after < now)
		return false;
	if (primary->len > 0xffff || (over->subkey && over->subkey->len > 0xffff))
		return false;
	put_hashed(&b, primary, over, v, sig);
	if (b.failed)
		crypto_memory_gone();
	good = !b.failed &&
	       EVP_Q_digest(NULL, pk_hash_name(hash), NULL, b.data, b.len, digest, &n) &&
	       pgppub_verify(by, v, sig, hash, digest, n);
	buf_free(&b);
	if (good && sha1)
		*sha1 = hash == PK_HASH_SHA1;
	return good;
}
