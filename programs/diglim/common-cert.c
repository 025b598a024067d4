/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "common-cert.h"
#include "../../lib/base/hex.h"
#include "../../lib/output/text.h"

char *cert_fingerprint(const struct cert *c, char ret[CERT_HEX_MAX])
{
	return hex_encode(c->fingerprint, c->fingerprint_len, ret);
}

char *cert_key_id(const struct cert *c, char ret[CERT_HEX_MAX])
{
	return hex_encode(c->key_id, sizeof(c->key_id), ret);
}

static void show_validity(struct out *o, const struct cert *c)
{
	char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];

	out_time(o, "created", NULL, c->created);
	out_time(o, "expires", NULL, c->expires);
	out_label(o, OUT_PLAIN, "Valid", "from %s %s%s", text_time(from, (int64_t)c->created, -1),
		  c->expires ? "to " : "without end",
		  c->expires ? text_time(to, (int64_t)c->expires, -1) : "");
}

void cert_show(struct out *o, const struct cert *c, enum keys_kind kind, const char *file)
{
	bool usable = cert_has_der(c);

	out_hex(o, "fingerprint", "Fingerprint", c->fingerprint, c->fingerprint_len);
	out_hex(o, "key_id", "Key id", c->key_id, sizeof(c->key_id));
	if (c->subkey)
		out_hex(o, "primary", "Subkey of", c->primary, c->primary_len);
	out_str(o, "owner", "Owner", c->owner[0] ? c->owner : "not stated");
	out_str(o, "type", "Type", c->kind == CERT_OPENPGP ? "OpenPGP" : "X.509");
	out_str(o, "algorithm", NULL, c->algo_name);
	out_num(o, "bits", NULL, c->bits);
	if (c->bits)
		out_label(o, OUT_PLAIN, "Algorithm", "%s, %u bits", c->algo_name, c->bits);
	else
		out_label(o, OUT_PLAIN, "Algorithm", "%s", c->algo_name);
	show_validity(o, c);
	out_str(o, "vouches_for", "Vouches for",
		kind == KEYS_VENDOR  ? "RPM packages"
		: kind == KEYS_OWNER ? "lists of the owner"
				     : "what a limits list permits");
	out_bool(o, "usable", NULL, usable);
	out_str(o, "state", NULL, cert_state_name(c->state));
	if (c->why[0])
		out_str(o, "why", NULL, c->why);
	out_bool(o, "sha1_binding", NULL, c->used_sha1);
	out_label(o, usable && c->state == CERT_USABLE ? OUT_GOOD : OUT_BAD, "State", "%s%s%s",
		  cert_state_name(c->state), c->why[0] ? ": " : "", c->why);
	if (c->used_sha1)
		out_label(o, OUT_WARN, "Note", "bound to its owner by SHA-1 signatures only");
	out_str(o, "file", "File", file);
}

void cert_show_signer(struct out *o, const struct cert *c, const uint8_t *serial, size_t serial_len)
{
	out_object(o, "signer", NULL);
	if (c) {
		out_str(o, "owner", "Signer", c->owner);
		out_hex(o, "fingerprint", "Fingerprint", c->fingerprint, c->fingerprint_len);
		out_hex(o, "key_id", "Key id", c->key_id, sizeof(c->key_id));
	} else {
		out_hex(o, "serial", NULL, serial, serial_len);
		out_label(o, OUT_BAD, "Signer", "unknown key");
		if (serial_len)
			out_hex(o, NULL, "Key id", serial, serial_len);
	}
	out_end(o);
}
