/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes signed lists for the guests of bench/run.
 *
 * usage: bench-lists KEY CERT DIR headers COUNT   COUNT RPM headers of an average package
 *        bench-lists KEY CERT DIR files FILE...   one list that vouches for these files
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../abi/use.h"
#include "../lib/crypto/signer.h"
#include "../lib/format/listfile.h"
#include "../lib/format/tlvwrite.h"
#include "payload.h"

static struct err err;

static void die(void)
{
	fprintf(stderr, "bench-lists: %s\n", err.text);
	exit(2);
}

static void write_list(struct signer *s, const char *dir, unsigned int n, const void *payload,
		       size_t len)
{
	struct buf sig = BUF_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%06u.list", dir, n);
	if (signer_sign(s, DIGEST_SHA256, payload, len, &sig, &err) ||
	    listfile_write(path, payload, len, sig.data, sig.len, &err))
		die();
	buf_free(&sig);
}

static void headers(struct signer *s, const char *dir, unsigned int count)
{
	static uint8_t payload[PAYLOAD_MAX];

	for (unsigned int i = 0; i < count; i++)
		write_list(s, dir, i, payload,
			   payload_rpm(payload, (uint64_t)i * PAYLOAD_FILES, PAYLOAD_FILES));
}

static void files(struct signer *s, const char *dir, char **file, int n)
{
	struct tlvwrite *w = tlvwrite_new("bench", 0);
	uint8_t digest[DIGLIM_DIGEST_SIZE], head[16];
	struct buf payload = BUF_INIT;

	if (!w)
		die();
	for (int i = 0; i < n; i++)
		if (digest_file(AT_FDCWD, file[i], digest, head, &err) ||
		    tlvwrite_add(w, digest, file[i], DIGLIM_USE_EXEC, &err))
			die();
	if (tlvwrite_finish(w, &payload, &err))
		die();
	write_list(s, dir, 0, payload.data, payload.len);
	buf_free(&payload);
	tlvwrite_free(w);
}

int main(int argc, char **argv)
{
	struct signer_config cfg = {0};
	struct signer *s;

	if (argc < 6 || (strcmp(argv[4], "headers") && strcmp(argv[4], "files"))) {
		fprintf(stderr, "usage: bench-lists KEY CERT DIR headers COUNT | files FILE...\n");
		return 2;
	}
	cfg.key = argv[1];
	cfg.cert = argv[2];
	if (signer_open(&cfg, &s, &err))
		die();
	if (!strcmp(argv[4], "headers"))
		headers(s, argv[3], (unsigned int)strtoul(argv[5], NULL, 10));
	else
		files(s, argv[3], argv + 5, argc - 5);
	signer_close(s);
	return 0;
}
