// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "../../abi/error.h"
#include "../../abi/limits.h"
#include "../../abi/listfile.h"
#include "../base/io.h"
#include "listfile.h"

#define TAIL (sizeof(struct diglim_sig_trailer) + DIGLIM_SIG_MARKER_LEN)

void listfile_done(struct listfile *l)
{
	buf_free(&l->data);
	*l = (struct listfile){.data = BUF_INIT};
}

static int check_trailer(const struct diglim_sig_trailer *t, const char *name, size_t off,
			 struct err *e)
{
	if (t->id_type != DIGLIM_SIG_ID_PKCS7)
		return err_set(e, -DIGLIM_E_SIG_FORMAT,
			       "%s: offset %zu: signature of kind %u, only PKCS#7 (%u) is accepted",
			       name, off, t->id_type, DIGLIM_SIG_ID_PKCS7);
	if (t->algo || t->hash || t->signer_len || t->key_id_len || t->pad[0] || t->pad[1] ||
	    t->pad[2])
		return err_set(e, -DIGLIM_E_SIG_FORMAT,
			       "%s: offset %zu: signature trailer with fields that must be zero",
			       name, off);
	return 0;
}

int listfile_split(const void *data, size_t len, const char *name, struct listfile *ret,
		   struct err *e)
{
	const uint8_t *p = data;
	struct diglim_sig_trailer t;
	size_t sig_len;
	int r;

	if (!len)
		return err_set(e, -DIGLIM_E_EMPTY, "%s: empty file, not a list", name);
	if (len < TAIL ||
	    memcmp(p + len - DIGLIM_SIG_MARKER_LEN, DIGLIM_SIG_MARKER, DIGLIM_SIG_MARKER_LEN))
		return err_set(e, -DIGLIM_E_NO_SIGNATURE,
			       "%s: no signature at its end (offset %zu): not a signed list", name,
			       len);
	len -= TAIL;
	memcpy(&t, p + len, sizeof(t));
	r = check_trailer(&t, name, len, e);
	if (r < 0)
		return r;
	sig_len = (size_t)t.sig_len[0] << 24 | (size_t)t.sig_len[1] << 16 |
		  (size_t)t.sig_len[2] << 8 | t.sig_len[3];
	if (!sig_len || sig_len > DIGLIM_SIG_MAX || sig_len >= len)
		return err_set(
			e, -DIGLIM_E_SIG_FORMAT,
			"%s: offset %zu: signature of %zu bytes in a file of %zu (at most %d)",
			name, len + 8, sig_len, len + TAIL, DIGLIM_SIG_MAX);
	ret->payload = p;
	ret->payload_len = len - sig_len;
	ret->sig = p + len - sig_len;
	ret->sig_len = sig_len;
	return 0;
}

int listfile_read(const char *path, struct listfile *ret, struct err *e)
{
	int r;

	*ret = (struct listfile){.data = BUF_INIT};
	r = io_read_file(path, LISTFILE_MAX, &ret->data, e);
	if (!r)
		r = listfile_split(ret->data.data, ret->data.len, path, ret, e);
	if (r < 0)
		listfile_done(ret);
	return r;
}

typedef int (*write_fn)(const char *path, const struct io_part *parts, size_t n, mode_t mode,
			struct err *e);

static int write_list(const char *path, const void *payload, size_t payload_len, const void *sig,
		      size_t sig_len, write_fn how, struct err *e)
{
	struct diglim_sig_trailer t = {
		.id_type = DIGLIM_SIG_ID_PKCS7,
		.sig_len = {(uint8_t)(sig_len >> 24), (uint8_t)(sig_len >> 16),
			    (uint8_t)(sig_len >> 8), (uint8_t)sig_len},
	};
	const struct io_part parts[] = {
		{payload, payload_len},
		{sig, sig_len},
		{&t, sizeof(t)},
		{DIGLIM_SIG_MARKER, DIGLIM_SIG_MARKER_LEN},
	};

	if (!payload_len || !sig_len || sig_len > DIGLIM_SIG_MAX ||
	    payload_len > LISTFILE_MAX - sig_len - TAIL)
		return err_set(
			e, -EFBIG,
			"%s: payload of %zu bytes with a signature of %zu makes no list file", path,
			payload_len, sig_len);
	return how(path, parts, sizeof(parts) / sizeof(parts[0]), 0644, e);
}

int listfile_write(const char *path, const void *payload, size_t payload_len, const void *sig,
		   size_t sig_len, struct err *e)
{
	return write_list(path, payload, payload_len, sig, sig_len, io_write_atomic, e);
}

int listfile_write_later(const char *path, const void *payload, size_t payload_len, const void *sig,
			 size_t sig_len, struct err *e)
{
	return write_list(path, payload, payload_len, sig, sig_len, io_write_later, e);
}
