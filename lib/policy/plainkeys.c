/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "plainkeys.h"
#include "../base/buf.h"
#include "../base/io.h"
#include "../crypto/pgpkey.h"

struct reading {
	struct plainkeys *keys;
	pgpplain_sha1_fn sha1;
};

/* Keys of the owner vouch for no package, but may be revoked copies of one that does. */
static int read_one(enum keys_kind kind, const char *path, void *arg, struct err *e)
{
	struct reading *g = arg;
	struct buf b = BUF_INIT;
	int r = io_read_file(path, CERT_FILE_MAX, &b, e);

	if (!r && pgpkey_recognise(b.data, b.len))
		r = pgpplain_read(&g->keys->all, b.data, b.len, path, kind == KEYS_VENDOR, 0,
				  g->sha1, e);
	else if (!r && kind == KEYS_VENDOR)
		r = err_set(e, -EOPNOTSUPP, "%s: no OpenPGP key", path);
	buf_free(&b);
	return r;
}

int plainkeys_read(struct plainkeys *k, const struct places *places, pgpplain_sha1_fn sha1,
		   struct err *e)
{
	struct reading g = {k, sha1};
	int r;

	*k = (struct plainkeys){0};
	r = keys_walk(places, read_one, &g, e);
	return r ?: pgpplain_lend(&k->all, &k->vendor, e);
}

void plainkeys_done(struct plainkeys *k)
{
	free(k->vendor.certs); /* the certificates are ->all's */
	pgpplain_done(&k->all);
	*k = (struct plainkeys){0};
}
