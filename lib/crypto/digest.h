/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Message digests. */
#ifndef DIGLIM_CRYPTO_DIGEST_H
#define DIGLIM_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "../../abi/limits.h"
#include "../base/err.h"

/* Hash algorithms a signature may use. */
enum digest_algo {
	DIGEST_NONE = 0,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
};

#define DIGEST_SIZE_MAX 64

const char *digest_name(enum digest_algo algo);	   /* "SHA-256" */
enum digest_algo digest_by_name(const char *name); /* "sha256", "SHA-256"; or NONE */
size_t digest_size(enum digest_algo algo);

int digest_buffer(enum digest_algo algo, const void *data, size_t len, uint8_t *ret, struct err *e);

/* HMAC with SHA-256, RFC 2104. */
int digest_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		       uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e);

/*
 * SHA-256 of a regular file (relative to @dir_fd as in openat(2)). -EBUSY if it changes meanwhile.
 * @head receives its first bytes, zero-filled (to recognise ELF and scripts); may be NULL.
 */
int digest_file(int dir_fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t head[16],
		struct err *e);

/* The same for an open file, which must be a regular one. @path is for messages. */
int digest_fd(int fd, const char *path, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t head[16],
	      struct err *e);

/*
 * The same for many files: buffer and algorithms are got once. Not for two threads at a time. @md5:
 * the MD5 digest, too, for what states nothing better (dpkg's database). NULL without memory.
 */
#define DIGEST_MD5_SIZE 16

struct digester;
struct digester *digester_new(bool md5);
struct digester *digester_free(struct digester *d);

/*
 * Begins a regular file with @st from fstat(2): reads its first chunk, of which *head points to
 * *head_len bytes until the next call.
 */
int digester_begin(struct digester *d, int fd, const struct stat *st, const char *path,
		   const uint8_t **head, size_t *head_len, struct err *e);

/* Reads the rest. @md5 (may be NULL) only if it was asked for. -EBUSY if the file changed. */
int digester_end(struct digester *d, uint8_t ret[DIGLIM_DIGEST_SIZE], uint8_t md5[DIGEST_MD5_SIZE],
		 struct err *e);

/* For content that is no file: digester_start(), any number of _feed(), _result(). */
int digester_start(struct digester *d, struct err *e);
int digester_feed(struct digester *d, const void *data, size_t len, struct err *e);
int digester_result(struct digester *d, uint8_t ret[DIGLIM_DIGEST_SIZE],
		    uint8_t md5[DIGEST_MD5_SIZE], struct err *e);

#endif
