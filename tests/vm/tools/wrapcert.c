/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wrapcert KEYFILE KEYID: writes the X.509 certificate (DER) that stands for this OpenPGP key to
 * stdout. For tests that put damaged certificates into the kernel.
 */
#include <stdio.h>
#include <string.h>

#include "../../../lib/crypto/cert.h"

static const struct cert *find(const struct cert_set *set, const char *key_id)
{
	for (size_t i = 0; i < set->n; i++) {
		char hex[17];

		for (int b = 0; b < 8; b++)
			snprintf(hex + 2 * b, 3, "%02x", set->certs[i]->key_id[b]);
		if (!strcmp(hex, key_id) && set->certs[i]->der)
			return set->certs[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct cert_set set = {0};
	const struct cert *c;
	struct err e = {0};
	int r = 1;

	if (argc != 3) {
		fputs("usage: wrapcert KEYFILE KEYID\n", stderr);
		return 2;
	}
	/* Expired keys are wanted as well: any time will do. */
	if (cert_set_read_file(&set, argv[1], 1, &e) < 0) {
		fprintf(stderr, "wrapcert: %s\n", e.text);
		return 2;
	}
	c = find(&set, argv[2]);
	if (c && fwrite(c->der, 1, c->der_len, stdout) == c->der_len && !fflush(stdout))
		r = 0;
	cert_set_done(&set);
	return r;
}
