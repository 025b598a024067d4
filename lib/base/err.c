// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../abi/error.h"
#include "err.h"
#include "text.h"

static const struct {
	int code;
	const char *text;
} names[] = {
	{DIGLIM_DONE, "done"},
	{DIGLIM_E_VERSION, "unknown operation or version of the request"},
	{DIGLIM_E_TOO_LARGE, "larger than the ingest buffer"},
	{DIGLIM_E_BUSY, "another list is being loaded"},
	{DIGLIM_E_FULL, "the digest store is full"},
	{DIGLIM_E_LISTS_FULL, "the table of lists is full"},
	{DIGLIM_E_EXISTS, "the list is loaded already"},
	{DIGLIM_E_ABSENT, "the list is not loaded"},
	{DIGLIM_E_INTERNAL, "internal error on the kernel side"},
	{DIGLIM_E_SEALED, "the machine is sealed"},
	{DIGLIM_E_ROLLBACK, "older than a version of the package that was loaded before"},
	{DIGLIM_E_LIMIT, "the signer's key is restricted and may not vouch for this"},
	{DIGLIM_E_REPLAY, "control list of another boot, or one that was obeyed before"},
	{DIGLIM_E_DENIED, "a deny list names the signer's key"},
	{DIGLIM_E_KEEPER,
	 "only diglimd opens the TPM gate, as a loaded list vouches for it, and seeing "
	 "what process 1 sees"},
	{DIGLIM_E_RULES_FULL, "no room for another limit, lowest version or package"},
	{DIGLIM_E_NO_SIGNATURE, "not signed"},
	{DIGLIM_E_SIG_FORMAT, "not the PKCS#7 form that diglim-list(5) describes"},
	{DIGLIM_E_SIG_HASH, "hash algorithm of the signature is not accepted"},
	{DIGLIM_E_SIG_TYPE, "not a signature over a binary document"},
	{DIGLIM_E_SIG_VERSION, "OpenPGP signature version is not supported"},
	{DIGLIM_E_SIG_TRAILER, "OpenPGP trailer does not match the header"},
	{DIGLIM_E_SIG_INVALID, "the signature does not verify"},
	{DIGLIM_E_SIG_NO_KEY, "the signer's key is not known"},
	{DIGLIM_E_SIG_NO_ALGO, "the kernel lacks the algorithm of the signature"},
	{DIGLIM_E_NO_KEYRING, "the keyring is gone"},
	{DIGLIM_E_KEY_REVOKED, "the key is revoked, expired or blacklisted"},
	{DIGLIM_E_SIG_ALGO, "the kernel cannot check this public-key algorithm"},
	{DIGLIM_E_FORMAT, "no known list format"},
	{DIGLIM_E_TRUNCATED, "ends inside a field"},
	{DIGLIM_E_TRAILING, "bytes after the end"},
	{DIGLIM_E_ALGO, "file digests are not SHA-256"},
	{DIGLIM_E_DIGEST_LEN, "digest of the wrong length or not hexadecimal"},
	{DIGLIM_E_COUNT, "number of entries differs from the declared one"},
	{DIGLIM_E_TOO_MANY, "more entries than the limit"},
	{DIGLIM_E_EMPTY, "no digest at all"},
	{DIGLIM_E_VALUE, "field with a value that the format does not allow"},
	{DIGLIM_E_DUPLICATE, "field or tag occurs twice"},
	{DIGLIM_E_RPM_MAGIC, "no RPM header magic"},
	{DIGLIM_E_RPM_REGION, "no immutable region, or it does not cover the header"},
	{DIGLIM_E_RPM_INDEX, "header index entry points outside, is misaligned or overlaps"},
	{DIGLIM_E_RPM_TYPE, "header tag with the wrong type or count"},
	{DIGLIM_E_RPM_TAG, "header tag missing"},
	{DIGLIM_E_COMPACT_TYPE, "compact list of a type that is not accepted"},
	{DIGLIM_E_TLV_FIELD, "unknown or misplaced TLV field"},
};

const char *err_name(int code)
{
	const char *text;

	if (code < 0)
		code = -code;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].text;
	text = strerrordesc_np(code);
	return text ? text : "unknown error";
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	char raw[ERR_TEXT_MAX];
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	e->code = code;
	text_escape(e->text, sizeof(e->text), raw, strlen(raw));
	return code;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char raw[ERR_TEXT_MAX], text[2 * ERR_TEXT_MAX + 2];
	va_list ap;

	if (!e)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_escape(text, ERR_TEXT_MAX, raw, strlen(raw));
	strcat(strcat(text, ": "), e->text);
	text[ERR_TEXT_MAX - 1] = '\0';
	memcpy(e->text, text, ERR_TEXT_MAX);
	return e->code;
}
