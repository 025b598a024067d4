// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writes the seeds: make-seeds KEY-DIR SIGNATURE-DIR PACKAGE-DIR. Small, and our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../unit/crypto/pgpmake.h"
#include "../../unit/pkgdb/mkrpm.h"

#define T0 1600000000U

static void put(const char *dir, const char *name, struct buf *b)
{
	char path[1000];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (!f || fwrite(b->data, 1, b->len, f) != b->len || fclose(f)) {
		perror(path);
		exit(1);
	}
	buf_free(b);
}

static void seed_keys(const char *dir, struct pgpmake_key *rsa, struct pgpmake_key *ec,
		      struct pgpmake_key *ed)
{
	struct pgpmake_cert c = {.primary = ec, .uid = "A", .flags = 3};
	struct buf b = BUF_INIT, text = BUF_INIT;

	pgpmake_cert(&b, &c);
	pgpmake_armor(&text, &b);
	put(dir, "p256", &b);
	put(dir, "p256-armoured", &text);
	c.subkey = rsa;
	c.sub_flags = 2;
	c.expires_after = 1000;
	pgpmake_cert(&b, &c);
	put(dir, "p256-expired-with-rsa-subkey", &b);
	c = (struct pgpmake_cert){.primary = rsa, .uid = "B", .hash = PGPMAKE_SHA1};
	pgpmake_cert(&b, &c);
	put(dir, "rsa-sha1", &b);
	c = (struct pgpmake_cert){.primary = ed,
				  .uid = "C",
				  .flags = 1,
				  .subkey = ec,
				  .sub_flags = 2,
				  .sub_revoke = true,
				  .revoke = true};
	pgpmake_cert(&b, &c);
	put(dir, "ed25519-revoked", &b);
}

static void seed_signatures(const char *dir, const struct pgpmake_key *rsa,
			    const struct pgpmake_key *ec, const struct pgpmake_key *ed)
{
	const struct pgpmake_key *by[] = {rsa, ec, ed};
	const char *const names[] = {"rsa", "p256", "ed25519"};
	char name[64];

	for (unsigned int i = 0; i < 6; i++) {
		struct pgpmake_sig s = {.by = by[i % 3],
					.version = i < 3 ? 4 : 3,
					.hash = PGPMAKE_SHA256,
					.created = T0};
		struct buf body = BUF_INIT, b = BUF_INIT;

		pgpmake_sign(&body, &s, "x", 1);
		pgpmake_packet(&b, 2, body.data, body.len);
		snprintf(name, sizeof(name), "v%u-%s", s.version, names[i % 3]);
		put(dir, name, &b);
		buf_free(&body);
	}
}

static void seed_packages(const char *dir, const struct pgpmake_key *rsa)
{
	struct pgpmake_sig how = {.by = rsa, .version = 4, .hash = PGPMAKE_SHA256, .created = T0};
	struct mkrpm m = {.name = "a", .files = 2, .digest_algo = 8};
	struct buf header = BUF_INIT, body = BUF_INIT, sig = BUF_INIT, b = BUF_INIT;
	struct mkrpm_sig s = {.tag = 268, .type = 7};

	mkrpm_header(&header, &m);
	mkrpm_package(&b, &header, &s, 0);
	put(dir, "unsigned", &b);
	pgpmake_sign(&body, &how, header.data, header.len);
	pgpmake_packet(&sig, 2, body.data, body.len);
	s.data = sig.data;
	s.len = sig.len;
	s.count = (uint32_t)sig.len;
	mkrpm_package(&b, &header, &s, 1);
	put(dir, "signed", &b);
	s = (struct mkrpm_sig){.tag = 278, .type = 8, .count = 1, .data = "wgQGAAEI", .len = 9};
	mkrpm_package(&b, &header, &s, 1);
	put(dir, "signed-openpgp-tag", &b);
	buf_add(&b,
		"payload"
		"sig"
		"\0\0\2\0\0\0\0\0\0\0\0\3"
		"~Module signature appended~\n",
		50);
	put(dir, "list", &b);
	buf_free(&header);
	buf_free(&body);
	buf_free(&sig);
}

int main(int argc, char **argv)
{
	struct pgpmake_key *rsa = pgpmake_key("rsa2048", T0), *ec = pgpmake_key("P-256", T0);
	struct pgpmake_key *ed = pgpmake_key("ed25519", T0);

	if (argc != 4)
		return 1;
	seed_keys(argv[1], rsa, ec, ed);
	seed_signatures(argv[2], rsa, ec, ed);
	seed_packages(argv[3], rsa);
	pgpmake_key_free(rsa);
	pgpmake_key_free(ec);
	pgpmake_key_free(ed);
	return 0;
}
