/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "../base/hex.h"

const char *keys_kind_name(enum keys_kind kind)
{
	static const char *const names[KEYS_KINDS] = {"vendor", "owner", "restricted"};

	return names[kind];
}

enum keys_kind keys_kind_for(enum diglim_format format)
{
	return format == DIGLIM_FORMAT_RPM ? KEYS_VENDOR : KEYS_OWNER;
}

void keys_done(struct keys *k)
{
	for (size_t i = 0; i < k->n_files; i++) {
		free(k->files[i].path);
		cert_set_done(&k->files[i].certs);
	}
	free(k->files);
	for (int i = 0; i < KEYS_KINDS; i++)
		free(k->set[i].certs); /* the certificates are the files' */
	memset(k, 0, sizeof(*k));
}

/* Lends the usable and unusable keys of @file to the set of their kind. */
static int lend(struct cert_set *set, const struct cert_set *from)
{
	struct cert **certs;

	if (!from->n)
		return 0;
	certs = realloc(set->certs, (set->n + from->n) * sizeof(*certs));
	if (!certs)
		return -ENOMEM;
	memcpy(certs + set->n, from->certs, from->n * sizeof(*certs));
	set->certs = certs;
	set->n += from->n;
	return 0;
}

static int read_one(enum keys_kind kind, const char *path, void *arg, struct err *e)
{
	struct keys_file *files, *f;
	struct keys *k = arg;
	int r;

	files = realloc(k->files, (k->n_files + 1) * sizeof(*files));
	if (!files)
		return err_set(e, -ENOMEM, "out of memory");
	k->files = files;
	f = &files[k->n_files];
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->path = strdup(path);
	if (!f->path)
		return err_set(e, -ENOMEM, "out of memory");
	k->n_files++;
	r = cert_set_read_file(&f->certs, f->path, 0, &f->broken);
	if (r < 0)
		cert_set_done(&f->certs);
	else
		f->broken.code = 0;
	/* A broken file is passed over; one that there was no memory for may be good. */
	r = r == -ENOMEM ? r : lend(&k->set[kind], &f->certs);
	return r ? err_set(e, r, "out of memory") : 0;
}

static int count_usable(const struct cert_set *set)
{
	int n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += cert_has_der(set->certs[i]);
	return n;
}

int keys_revoke(struct keys *k, const struct cert_set *set)
{
	struct cert_set all = {0};
	int r = set ? lend(&all, set) : 0, outside = set ? count_usable(set) : 0;

	for (int kind = 0; !r && kind < KEYS_KINDS; kind++)
		r = lend(&all, &k->set[kind]);
	if (!r)
		r = cert_set_revoke(&all) - (set ? outside - count_usable(set) : 0);
	free(all.certs);
	return r;
}

static int by_fingerprint(const void *a, const void *b)
{
	const struct cert *x = *(struct cert *const *)a, *y = *(struct cert *const *)b;
	size_t len =
		x->fingerprint_len < y->fingerprint_len ? x->fingerprint_len : y->fingerprint_len;
	int r = memcmp(x->fingerprint, y->fingerprint, len);

	if (!r)
		r = (x->fingerprint_len > y->fingerprint_len) -
		    (x->fingerprint_len < y->fingerprint_len);
	if (!r)
		r = (x->der_len > y->der_len) - (x->der_len < y->der_len);
	return r || !x->der_len ? r : memcmp(x->der, y->der, x->der_len);
}

int keys_read(struct keys *k, const struct places *places, struct err *e)
{
	int r;

	memset(k, 0, sizeof(*k));
	r = keys_walk(places, read_one, k, e);
	if (r)
		return r;
	for (int kind = 0; kind < KEYS_KINDS; kind++)
		if (k->set[kind].n)
			qsort(k->set[kind].certs, k->set[kind].n, sizeof(*k->set[kind].certs),
			      by_fingerprint);
	return keys_revoke(k, NULL) < 0 ? err_set(e, -ENOMEM, "no memory for the keys") : 0;
}

const struct keys_file *keys_file_of(const struct keys *k, const struct cert *c)
{
	for (size_t i = 0; i < k->n_files; i++)
		for (size_t j = 0; j < k->files[i].certs.n; j++)
			if (k->files[i].certs.certs[j] == c)
				return &k->files[i];
	return NULL;
}

enum keys_kind keys_kind_guess(const struct cert_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->certs[i]->kind == CERT_OPENPGP)
			return KEYS_VENDOR;
	return KEYS_OWNER;
}

int keys_file_path(char ret[PATH_MAX], const struct places *places, enum keys_kind kind,
		   const struct cert_set *set, struct err *e)
{
	const char *dir = keys_dir(places, kind);
	const struct cert *c = set->certs[0];
	char fpr[2 * sizeof(c->primary) + 1];

	if (c->kind == CERT_OPENPGP && c->primary_len)
		hex_encode(c->primary, c->primary_len, fpr);
	else
		hex_encode(c->fingerprint, c->fingerprint_len, fpr);
	if (snprintf(ret, PATH_MAX, "%s/%s", dir, fpr) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: name too long", dir);
	return 0;
}
