// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "../base/io.h"
#include "digest.h"

#define CHUNK (128U << 10)

struct digester {
	EVP_MD *sha256, *md5; /* fetched once: each look-up by name costs more than a small file */
	EVP_MD_CTX *ctx, *md5_ctx;
	int fd;
	struct stat st;
	const char *path;
	size_t first; /* bytes in ->buf */
	uint8_t buf[CHUNK];
};

struct digester *digester_new(bool md5)
{
	struct digester *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->ctx = EVP_MD_CTX_new();
	if (md5) {
		d->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
		d->md5_ctx = EVP_MD_CTX_new();
	}
	if (!d->sha256 || !d->ctx || (md5 && (!d->md5 || !d->md5_ctx)))
		return digester_free(d);
	return d;
}

struct digester *digester_free(struct digester *d)
{
	if (!d)
		return NULL;
	EVP_MD_free(d->sha256);
	EVP_MD_free(d->md5);
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_CTX_free(d->md5_ctx);
	free(d);
	return NULL;
}

static int failed(const struct digester *d, struct err *e)
{
	return err_set(e, -EIO, "%s: OpenSSL failed to hash", d->path ? d->path : "data");
}

int digester_start(struct digester *d, struct err *e)
{
	d->path = NULL;
	if (!EVP_DigestInit_ex2(d->ctx, d->sha256, NULL) ||
	    (d->md5 && !EVP_DigestInit_ex2(d->md5_ctx, d->md5, NULL)))
		return failed(d, e);
	return 0;
}

int digester_feed(struct digester *d, const void *data, size_t len, struct err *e)
{
	if (!EVP_DigestUpdate(d->ctx, data, len) ||
	    (d->md5 && !EVP_DigestUpdate(d->md5_ctx, data, len)))
		return failed(d, e);
	return 0;
}

int digester_result(struct digester *d, uint8_t ret[DIGLIM_DIGEST_SIZE],
		    uint8_t md5[DIGEST_MD5_SIZE], struct err *e)
{
	if (!EVP_DigestFinal_ex(d->ctx, ret, NULL) ||
	    (md5 && (!d->md5 || !EVP_DigestFinal_ex(d->md5_ctx, md5, NULL))))
		return failed(d, e);
	return 0;
}

/* What ends before its size was cut short meanwhile. */
static int read_chunk(struct digester *d, uint64_t off, size_t *len, struct err *e)
{
	uint64_t left = (uint64_t)d->st.st_size - off;
	int r;

	*len = left < CHUNK ? (size_t)left : CHUNK;
	r = io_read_exact(d->fd, d->buf, *len, off, d->path, e);
	return r == -ENODATA ? err_set(e, -EBUSY, "%s: changed while it was read", d->path) : r;
}

int digester_begin(struct digester *d, int fd, const struct stat *st, const char *path,
		   const uint8_t **head, size_t *head_len, struct err *e)
{
	int r;

	d->fd = fd;
	d->st = *st;
	d->path = path;
	r = read_chunk(d, 0, &d->first, e);
	*head = d->buf;
	*head_len = d->first;
	return r;
}

int digester_end(struct digester *d, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t md5[DIGEST_MD5_SIZE],
		 struct err *e)
{
	uint64_t off = d->first, size = (uint64_t)d->st.st_size;
	const char *path = d->path;
	size_t n = d->first;
	int r = digester_start(d, e);

	d->path = path;
	if (!r)
		r = digester_feed(d, d->buf, n, e);
	while (!r && off < size) {
		r = read_chunk(d, off, &n, e);
		if (!r)
			r = digester_feed(d, d->buf, n, e);
		off += n;
	}
	if (!r)
		r = io_check_unchanged(d->fd, &d->st, path, e);
	return r ? r : digester_result(d, ret, md5, e);
}
