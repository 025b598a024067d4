/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "../base/hex.h"
#include "../crypto/armor.h"
#include "../crypto/rawsig.h"
#include "../output/json.h"

#define SIGNATURES_MAX 16

bool reference_is_signed(const char *json, size_t len)
{
	struct jsonr *j = jsonr_parse(json, len);
	bool is = j && jsonr_has(j, "payloadType");

	jsonr_free(j);
	return is;
}

/* Pre-authentication encoding. */
static int encode(const struct buf *payload, struct buf *ret, struct err *e)
{
	char head[128];

	buf_add(ret, head,
		(size_t)snprintf(head, sizeof(head), "DSSEv1 %zu %s %zu ",
				 sizeof(REFERENCE_TYPE) - 1, REFERENCE_TYPE, payload->len));
	buf_add(ret, payload->data, payload->len);
	return ret->failed || payload->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static char *base64(const struct buf *b)
{
	struct buf text = BUF_INIT;

	armor_put_base64(&text, b->data, b->len, 0);
	buf_add_u8(&text, 0);
	if (!text.failed)
		return (char *)text.data;
	buf_free(&text);
	return NULL;
}

static char *envelope(const char *payload, const char *keyid, const char *sig)
{
	struct jsonw *j = payload && sig ? jsonw_new(false) : NULL;
	char *text;

	if (!j)
		return NULL;
	jsonw_str(j, "payload", payload);
	jsonw_str(j, "payloadType", REFERENCE_TYPE);
	jsonw_array(j, "signatures");
	jsonw_object(j, NULL);
	jsonw_str(j, "keyid", keyid);
	jsonw_str(j, "sig", sig);
	jsonw_end(j);
	jsonw_end(j);
	text = jsonw_text(j, true);
	jsonw_free(j);
	return text;
}

int reference_sign(struct signer *s, const struct buf *payload, struct buf *ret, struct err *e)
{
	const struct cert *c = signer_cert(s);
	char keyid[2 * sizeof(c->fingerprint) + 1];
	struct buf what = BUF_INIT, sig = BUF_INIT;
	char *payload64, *sig64 = NULL, *text = NULL;
	int r = encode(payload, &what, e);

	r = r ?: rawsig_sign(s, what.data, what.len, &sig, e);
	payload64 = r ? NULL : base64(payload);
	sig64 = r ? NULL : base64(&sig);
	if (!r)
		text = envelope(payload64, hex_encode(c->fingerprint, c->fingerprint_len, keyid),
				sig64);
	if (text) {
		buf_add(ret, text, strlen(text));
		buf_add_u8(ret, '\n');
	}
	if (!r && (!text || ret->failed))
		r = err_set(e, -ENOMEM, "out of memory");
	free(text);
	free(sig64);
	free(payload64);
	buf_free(&what);
	buf_free(&sig);
	return r;
}

static bool is_signed_by(const struct buf *what, const char *sig64, const struct cert_set *signers)
{
	struct buf sig = BUF_INIT;
	bool good = false;

	if (sig64 && !armor_base64(sig64, strlen(sig64), &sig, NULL))
		for (size_t i = 0; !good && i < signers->n; i++)
			good = cert_has_der(signers->certs[i]) &&
			       !rawsig_check(signers->certs[i], what->data, what->len, sig.data,
					     sig.len, NULL);
	buf_free(&sig);
	return good;
}

static int check(const struct jsonr *j, const struct cert_set *signers, struct buf *payload,
		 struct err *e)
{
	const char *type = jsonr_str(j, "payloadType"), *body = jsonr_str(j, "payload");
	size_t n = jsonr_array_len(j, "signatures");
	struct buf what = BUF_INIT;
	bool good = false;
	int r;

	if (!type || !body || strcmp(type, REFERENCE_TYPE) != 0 ||
	    armor_base64(body, strlen(body), payload, NULL))
		return err_set(e, -EBADMSG, "no signed reference values");
	r = encode(payload, &what, e);
	for (size_t i = 0; !r && !good && i < n && i < SIGNATURES_MAX; i++) {
		const struct jsonr *s = jsonr_array_object(j, "signatures", i);

		good = s && is_signed_by(&what, jsonr_str(s, "sig"), signers);
	}
	buf_free(&what);
	return r ?: good ? 0 : err_set(e, -EKEYREJECTED, "not signed by the one who should have");
}

int reference_open(const char *json, size_t len, const struct cert_set *signers, struct buf *ret,
		   struct err *e)
{
	struct jsonr *j = jsonr_parse(json, len);
	struct buf payload = BUF_INIT;
	int r = j ? check(j, signers, &payload, e) : err_set(e, -EBADMSG, "no JSON");

	jsonr_free(j);
	if (!r)
		buf_add(ret, payload.data, payload.len);
	buf_free(&payload);
	return r ?: ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}
