// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../abi/error.h"
#include "../base/hex.h"
#include "../crypto/pgpsig.h"
#include "../format/payload.h"
#include "import.h"
#include "importint.h"

#define OWN_KEY "vouch for it with your own key (diglim sign)"

const char *import_outcome_name(enum import_outcome outcome)
{
	static const char *const names[IMPORT_OUTCOME_MAX] = {
		[IMPORT_OK] = "imported",
		[IMPORT_PRESENT] = "present",
		[IMPORT_UNSIGNED] = "unsigned",
		[IMPORT_UNKNOWN_KEY] = "unknown-key",
		[IMPORT_KEY_UNUSABLE] = "key-unusable",
		[IMPORT_SIG_HASH] = "signature-hash",
		[IMPORT_SIG_ALGO] = "signature-algorithm",
		[IMPORT_SIG_VERSION] = "signature-version",
		[IMPORT_SIG_EXPIRED] = "signature-expired",
		[IMPORT_SIG_INVALID] = "signature-invalid",
		[IMPORT_FILE_DIGESTS] = "file-digests",
		[IMPORT_NO_FILES] = "no-files",
		[IMPORT_MALFORMED] = "malformed",
		[IMPORT_TOO_LARGE] = "too-large",
	};

	return (unsigned int)outcome < IMPORT_OUTCOME_MAX ? names[outcome] : "unknown";
}

void import_result_done(struct import_result *r)
{
	buf_free(&r->payload);
	buf_free(&r->sig);
}

/* How much a refusal says: of several signatures, the highest is reported. */
static int rank(enum import_outcome outcome)
{
	static const int ranks[IMPORT_OUTCOME_MAX] = {
		[IMPORT_SIG_VERSION] = 1,   [IMPORT_SIG_ALGO] = 2,    [IMPORT_SIG_HASH] = 3,
		[IMPORT_MALFORMED] = 4,	    [IMPORT_UNKNOWN_KEY] = 5, [IMPORT_KEY_UNUSABLE] = 6,
		[IMPORT_SIG_EXPIRED] = 7,   [IMPORT_SIG_INVALID] = 8, [IMPORT_TOO_LARGE] = 9,
		[IMPORT_FILE_DIGESTS] = 10,
	};

	return ranks[outcome];
}

__attribute__((format(printf, 4, 5))) static void refuse(struct import_result *r,
							 enum import_outcome outcome,
							 const char *text, const char *way_out, ...)
{
	va_list ap;

	if (r->outcome != IMPORT_OK && rank(outcome) <= rank(r->outcome))
		return;
	r->outcome = outcome;
	snprintf(r->text, sizeof(r->text), "%s", text);
	va_start(ap, way_out);
	vsnprintf(r->way_out, sizeof(r->way_out), way_out, ap);
	va_end(ap);
}

static void refuse_unsigned(const struct rpmpkg *p, struct import_result *r)
{
	refuse(r, IMPORT_UNSIGNED,
	       p->only_payload_sig
		       ? "its only signature covers header and archive together, the header alone "
			 "is not signed"
		       : "the package is not signed",
	       OWN_KEY);
}

/*
 * The header itself, whoever signed it. A wrong digest algorithm counts only if somebody did. Where
 * the kernel looks at every entry, we do not.
 */
static int check_header(const struct rpmpkg *p, import_verify_fn verify, struct import_result *r)
{
	struct err why;
	int ret;

	if (!verify) {
		ret = payload_header_has_files(p->header.data, p->header.len, "header", &why);
		r->digests = ret > 0;
	} else {
		ret = payload_check_header(p->header.data, p->header.len, "header", &r->digests,
					   &why);
	}
	if (ret == -ENOMEM)
		return ret;
	if (ret < 0 && ret != -DIGLIM_E_ALGO)
		refuse(r, IMPORT_MALFORMED, why.text, "get an undamaged copy of the package");
	return 0;
}

static void refuse_form(struct import_result *r, int code, const struct err *why)
{
	switch (-code) {
	case DIGLIM_E_SIG_VERSION:
		refuse(r, IMPORT_SIG_VERSION, why->text, OWN_KEY);
		break;
	case DIGLIM_E_SIG_ALGO:
		refuse(r, IMPORT_SIG_ALGO, why->text, OWN_KEY);
		break;
	case DIGLIM_E_SIG_HASH:
		refuse(r, IMPORT_SIG_HASH, why->text, OWN_KEY);
		break;
	case DIGLIM_E_ALGO:
		refuse(r, IMPORT_FILE_DIGESTS,
		       "the package lists its files by another digest than SHA-256", OWN_KEY);
		break;
	default:
		refuse(r, IMPORT_MALFORMED, why->text, "get an undamaged copy of the package");
	}
}

static void refuse_key(struct import_result *r, const struct pgpsig *s, const struct cert *c)
{
	char hex[17], text[IMPORT_TEXT_MAX];

	if (!c && !s->has_key_id) {
		refuse(r, IMPORT_UNKNOWN_KEY, "the signature does not say who made it", OWN_KEY);
		return;
	}
	hex_encode(s->key_id, 8, hex);
	if (!c) {
		snprintf(text, sizeof(text), "signed by key %s, which is not among the vendor keys",
			 hex);
		refuse(r, IMPORT_UNKNOWN_KEY, text,
		       "if you trust its owner, get the key and add it (diglim key add FILE)");
		return;
	}
	/* Behind the semicolon stands the way out, which has its own place here. */
	snprintf(text, sizeof(text), "signed by key %s of %s, which is %s: %.*s", hex, c->owner,
		 cert_state_name(c->state), (int)strcspn(c->why, ";"), c->why);
	refuse(r, IMPORT_KEY_UNUSABLE, text, OWN_KEY);
}

/* What every signature of a package is tried with. */
struct import_job {
	const struct rpmpkg *p;
	const struct import_options *opt;
	import_verify_fn verify; /* NULL: the kernel does it */
};

/* Payload and PKCS#7 for the signer @c, verified. Returns 1 if all is well, 0 if refused. */
static int build(const struct import_job *j, const struct pgpsig *s, const struct cert *c,
		 struct import_result *r)
{
	size_t room = j->opt->ingest_buffer ?: DIGLIM_INGEST_DEFAULT;
	struct err why = {0};
	char text[IMPORT_TEXT_MAX];
	int ret;

	buf_add(&r->payload, j->p->header.data, j->p->header.len);
	ret = pgpsig_trailer(s, &r->payload, &why);
	if (!ret)
		ret = pgpsig_pkcs7(s, c, &r->sig, &why);
	if (!ret && j->verify)
		ret = j->verify(r->payload.data, r->payload.len, r->sig.data, r->sig.len,
				j->opt->vendor_keys, NULL, &why);
	if (!ret && j->verify)
		ret = payload_walk(r->payload.data, r->payload.len, "list", NULL, NULL, NULL, &why);
	if (ret == -ENOMEM || ret == -EOPNOTSUPP)
		return ret;
	if (ret == -DIGLIM_E_SIG_INVALID || ret == -DIGLIM_E_SIG_NO_KEY) {
		refuse(r, IMPORT_SIG_INVALID, why.text,
		       "do not install it; get an undamaged copy of the package");
		return 0;
	}
	if (ret < 0) {
		refuse_form(r, ret, &why);
		return 0;
	}
	if (r->payload.len + r->sig.len <= room)
		return 1;
	snprintf(text, sizeof(text), "the list takes %zu bytes, the ingest buffer has %zu",
		 r->payload.len + r->sig.len, room);
	if (r->payload.len + r->sig.len > DIGLIM_INGEST_MAX)
		refuse(r, IMPORT_TOO_LARGE, text,
		       "no buffer may be that large: vouch for it with your own key in smaller "
		       "lists (diglim sign)");
	else
		refuse(r, IMPORT_TOO_LARGE, text,
		       "raise buffer in [ingest] of diglim.conf to at least %zu and attach again",
		       r->payload.len + r->sig.len);
	return 0;
}

/* One signature that was read. */
struct candidate {
	struct pgpsig sig;
	int cost; /* what the kernel may lack: see cost() */
};

static void note_key_id(struct import_result *r, const struct pgpsig *s)
{
	if (r->has_key_id || !s->has_key_id)
		return;
	r->has_key_id = true;
	memcpy(r->key_id, s->key_id, 8);
}

/* 1 and @ret set if the kernel can check a signature of this form, 0 if it was refused. */
static int read_signature(const struct rpmpkg_sig *sig, struct candidate *ret,
			  struct import_result *r)
{
	struct err why = {0};
	size_t used;
	int code;

	code = pgpsig_read(sig->packet.data, sig->packet.len, &used, &ret->sig, &why);
	if (!code && used != sig->packet.len)
		code = err_set(&why, -DIGLIM_E_TRAILING,
			       "signature packet, offset %zu: %zu bytes behind it", used,
			       sig->packet.len - used);
	if (!code)
		code = pgpsig_acceptable(&ret->sig, &why);
	note_key_id(r, &ret->sig);
	if (code < 0)
		refuse_form(r, code, &why);
	return !code;
}

/* Every kernel has RSA and SHA-256; some lack ECDSA, or SHA-512 until its module is loaded. */
static int cost(const struct pgpsig *s)
{
	return (pgpsig_is_rsa(s) ? 0 : 2) + (pgpsig_digest(s) == DIGEST_SHA256 ? 0 : 1);
}

/* 1 if this signature makes the list, 0 if it was refused. */
static int try_signature(const struct import_job *j, const struct pgpsig *s,
			 struct import_result *r)
{
	const struct cert *c = pgpsig_signer(s, j->opt->vendor_keys);
	struct err why = {0};
	int ret;

	if (!c || !cert_has_der(c)) {
		refuse_key(r, s, c);
		return 0;
	}
	if (pgpsig_check_time(s, c, j->opt->now, &why) < 0) {
		refuse(r, IMPORT_SIG_EXPIRED, why.text, OWN_KEY);
		return 0;
	}
	ret = build(j, s, c, r);
	if (ret != 1) {
		import_result_done(r);
		return ret;
	}
	memcpy(r->key_id, c->key_id, 8);
	r->has_key_id = true;
	r->signer = c;
	return 1;
}

/*
 * The cheapest signature that is good makes the list. Which are good, the kernel does not say: of
 * it only the cheapest is asked.
 */
static int try_all(const struct import_job *j, struct import_result *r)
{
	const struct rpmpkg *p = j->p;
	struct candidate found[RPMPKG_SIGS_MAX];
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < p->n_sigs; i++)
		if (read_signature(&p->sigs[i], &found[n], r) > 0) {
			found[n].cost = cost(&found[n].sig);
			n++;
		}
	for (int want = 0; want <= 3; want++)
		for (size_t i = 0; !ret && i < n; i++) {
			if (found[i].cost != want)
				continue;
			ret = try_signature(j, &found[i].sig, r);
			if (!j->verify)
				return ret;
		}
	return ret;
}

/* Once one signature is good, what was wrong with the others is of no interest. */
static void accept(struct import_result *r)
{
	r->outcome = IMPORT_OK;
	r->text[0] = r->way_out[0] = '\0';
	if (r->digests)
		return;
	import_result_done(r);
	r->signer = NULL;
	refuse(r, IMPORT_NO_FILES, "the package contains no regular file",
	       "nothing to do: there is nothing to vouch for");
}

int import_with(const struct rpmpkg *p, const struct import_options *opt, import_verify_fn verify,
		struct import_result *ret, struct err *e)
{
	const struct import_job j = {p, opt, verify};
	int r;

	memset(ret, 0, sizeof(*ret));
	snprintf(ret->name, sizeof(ret->name), "%s", p->name);
	r = check_header(p, verify, ret);
	if (r < 0)
		return err_set(e, r, "out of memory");
	if (ret->outcome != IMPORT_OK)
		return 0;
	if (!p->n_sigs) {
		refuse_unsigned(p, ret);
		return 0;
	}
	r = try_all(&j, ret);
	if (r < 0)
		return err_set(e, r, "%s: out of memory, or OpenSSL lacks an algorithm", p->name);
	if (r)
		accept(ret);
	return 0;
}

int import_for_kernel(const struct rpmpkg *p, const struct import_options *opt,
		      struct import_result *ret, struct err *e)
{
	return import_with(p, opt, NULL, ret, e);
}

void import_malformed(struct import_result *ret, const char *name, const struct err *why)
{
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)sizeof(ret->name) - 1, name);
	refuse(ret, IMPORT_MALFORMED, why->text, "get an undamaged copy of the package");
}
