// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "../base/io.h"
#include "digest.h"

static const struct {
	const char *name;
	const char *alias;
	size_t size;
} algos[] = {
	[DIGEST_NONE] = {"none", "", 0},
	[DIGEST_SHA256] = {"SHA-256", "sha256", 32},
	[DIGEST_SHA384] = {"SHA-384", "sha384", 48},
	[DIGEST_SHA512] = {"SHA-512", "sha512", 64},
};

const char *digest_name(enum digest_algo algo)
{
	return algos[algo].name;
}

enum digest_algo digest_by_name(const char *name)
{
	for (unsigned int i = DIGEST_SHA256; i <= DIGEST_SHA512; i++)
		if (!strcasecmp(name, algos[i].name) || !strcasecmp(name, algos[i].alias))
			return (enum digest_algo)i;
	return DIGEST_NONE;
}

size_t digest_size(enum digest_algo algo)
{
	return algos[algo].size;
}

int digest_buffer(enum digest_algo algo, const void *data, size_t len, uint8_t *ret, struct err *e)
{
	size_t n;

	if (algo == DIGEST_NONE || !EVP_Q_digest(NULL, algos[algo].name, NULL, data, len, ret, &n))
		return err_set(e, -EOPNOTSUPP, "OpenSSL does not provide %s", algos[algo].name);
	return 0;
}

int digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		       uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e)
{
	size_t n;

	if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_len, data, len, ret,
		       DIGLIM_DIGEST_SIZE, &n))
		return err_set(e, -EOPNOTSUPP, "OpenSSL does not provide HMAC");
	return 0;
}

int digest_fd(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t head[16],
	      struct err *e)
{
	struct digester *d;
	const uint8_t *first;
	struct stat st;
	size_t n = 0;
	int r;

	if (head)
		memset(head, 0, 16);
	if (fstat(fd, &st) < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: not a regular file", path);
	d = digester_new(false);
	if (!d)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	r = digester_begin(d, fd, &st, path, &first, &n, e);
	if (!r && head && n)
		memcpy(head, first, n < 16 ? n : 16);
	if (!r)
		r = digester_end(d, ret, NULL, e);
	digester_free(d);
	return r;
}

int digest_file(int dir_fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t head[16],
		struct err *e)
{
	struct stat st;
	int fd, r;

	fd = io_open_regular(dir_fd, path, &st, e);
	if (fd < 0)
		return fd;
	r = digest_fd(fd, path, ret, head, e);
	close(fd);
	return r;
}
