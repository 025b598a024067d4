/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * After diglim-init has loaded the lists in a directory, in a guest that counts instructions: where
 * those of its loading went, by requests that end early (load.c tells how), and the same work done
 * in user space. Prints one JSON object: sums over all lists.
 *
 * usage: bench-boot CERT LISTS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "../lib/crypto/verify.h"
#include "../lib/format/payload.h"

struct sums {
	uint64_t files, hashed, digests;	     /* bytes, bytes, number */
	uint64_t again, malformed;		     /* the kernel's instructions */
	uint64_t read_here, verify_here, parse_here; /* ours */
};

static struct err err;

static int count(const struct payload_entry *entry, void *arg)
{
	uint64_t *n = arg;

	(*n)++;
	return 0;
}

/* As somebody would who loads lists without the kernel's help: read, verify, parse. */
static void measure_here(const struct cert_set *certs, const char *path, struct listfile *l,
			 struct sums *s)
{
	uint64_t start = guest_instructions(), read, verified;

	if (listfile_read(path, l, &err))
		guest_die(path);
	read = guest_instructions();
	if (verify_list(l->payload, l->payload_len, l->sig, l->sig_len, certs, NULL, &err))
		guest_die(path);
	verified = guest_instructions();
	if (payload_walk(l->payload, l->payload_len, path, NULL, count, &s->digests, &err))
		guest_die(path);
	s->parse_here += guest_instructions() - verified;
	s->verify_here += verified - read;
	s->read_here += read - start;
	s->hashed += l->payload_len;
	s->files += l->payload_len + l->sig_len;
}

static void measure_kernel(struct engine *e, const struct listfile *l, struct sums *s)
{
	uint8_t sig[DIGLIM_SIG_MAX];

	memcpy(sig, l->sig, l->sig_len);
	sig[0] ^= 1;
	s->malformed += guest_request(e, l, sig, -DIGLIM_E_SIG_FORMAT);
	s->again += guest_request(e, l, l->sig, -DIGLIM_E_EXISTS);
}

int main(int argc, char **argv)
{
	struct cert_set certs = {0};
	struct sums s = {0};
	struct engine *e;
	unsigned int n = 0;
	char path[4096];

	if (argc != 3) {
		fprintf(stderr, "usage: bench-boot CERT LISTS\n");
		return 2;
	}
	if (cert_set_read_file(&certs, argv[1], (uint64_t)time(NULL), &err) < 0 ||
	    engine_open(&e, &err))
		guest_die(argv[1]);
	for (;; n++) {
		struct listfile l = {0};

		snprintf(path, sizeof(path), "%s/%06u.list", argv[2], n);
		if (access(path, F_OK))
			break;
		measure_here(&certs, path, &l, &s);
		measure_kernel(e, &l, &s);
		listfile_done(&l);
	}
	if (!n)
		guest_die(argv[2]);
	engine_close(e);
	printf("{\"lists\": %u, \"digests\": %llu, \"file_bytes\": %llu, \"hashed_bytes\": %llu, "
	       "\"again\": %llu, \"malformed\": %llu, \"read_user\": %llu, \"verify_user\": %llu, "
	       "\"parse_user\": %llu, \"key\": \"%s %u\"}\n",
	       n, (unsigned long long)s.digests, (unsigned long long)s.files,
	       (unsigned long long)s.hashed, (unsigned long long)s.again,
	       (unsigned long long)s.malformed, (unsigned long long)s.read_here,
	       (unsigned long long)s.verify_here, (unsigned long long)s.parse_here,
	       certs.certs[0]->algo_name, certs.certs[0]->bits);
	return 0;
}
