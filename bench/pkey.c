/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Microseconds of this machine, not of an emulated one, for the signature of a list: in the kernel
 * (keyctl_pkey_verify(2), the same code that lists go through), and all of the check in user space.
 * Prints one JSON object. Status 77: this kernel does not take the key.
 *
 * usage: bench-pkey CERT LIST
 */
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../lib/crypto/cert.h"
#include "../lib/crypto/digest.h"
#include "../lib/crypto/verify.h"
#include "../lib/format/listfile.h"

enum { ROUNDS = 20, REPEAT = 50 }; /* the least of the rounds counts */

static struct err err;

static int die(const char *what, int status)
{
	fprintf(stderr, "bench-pkey: %s: %s\n", what, err.text);
	return status;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static long kernel_key(const struct cert *c)
{
	return syscall(SYS_add_key, "asymmetric", "bench", c->der, c->der_len,
		       KEY_SPEC_PROCESS_KEYRING);
}

/* 0 if the kernel says that the signature is good. The number itself is the end of the PKCS#7. */
static long in_kernel(long key, const struct listfile *l, size_t sig_len)
{
	uint8_t digest[DIGEST_SIZE_MAX];
	struct keyctl_pkey_params p = {
		.key_id = (int32_t)key,
		.in_len = (uint32_t)digest_size(DIGEST_SHA256),
		.in2_len = (uint32_t)sig_len,
	};

	if (digest_buffer(DIGEST_SHA256, l->payload, l->payload_len, digest, &err))
		return -1;
	return syscall(SYS_keyctl, KEYCTL_PKEY_VERIFY, &p, "enc=pkcs1 hash=sha256", digest,
		       (const uint8_t *)l->sig + l->sig_len - sig_len);
}

static double least(double best, double start)
{
	double t = (now_us() - start) / REPEAT;

	return t < best ? t : best;
}

int main(int argc, char **argv)
{
	double kernel = 1e9, here = 1e9, start;
	struct cert_set certs = {0};
	struct listfile l = {0};
	size_t sig_len;
	long key;

	if (argc != 3)
		return die("usage: bench-pkey CERT LIST", 2);
	if (cert_set_read_file(&certs, argv[1], (uint64_t)time(NULL), &err) < 0 ||
	    listfile_read(argv[2], &l, &err))
		return die(argv[2], 2);
	key = kernel_key(certs.certs[0]);
	sig_len = certs.certs[0]->bits / 8;
	if (key < 0 || l.sig_len < sig_len || in_kernel(key, &l, sig_len))
		return die("the kernel does not verify", 77);
	for (int r = 0; r < ROUNDS; r++) {
		start = now_us();
		for (int i = 0; i < REPEAT; i++)
			if (in_kernel(key, &l, sig_len))
				return die("the kernel changes its mind", 2);
		kernel = least(kernel, start);
		start = now_us();
		for (int i = 0; i < REPEAT; i++)
			if (verify_list(l.payload, l.payload_len, l.sig, l.sig_len, &certs, NULL,
					&err))
				return die(argv[2], 2);
		here = least(here, start);
	}
	printf("{\"kernel_us\": %.1f, \"user_us\": %.1f, \"key\": \"%s %u\"}\n", kernel, here,
	       certs.certs[0]->algo_name, certs.certs[0]->bits);
	listfile_done(&l);
	return 0;
}
