/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of earlier generations, made into ones that the kernel takes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-sources.h"
#include "../../abi/error.h"
#include "../../abi/use.h"
#include "../../lib/base/io.h"
#include "../../lib/base/hex.h"
#include "../../lib/crypto/verify.h"
#include "../../lib/format/legacy.h"
#include "../../lib/format/listfile.h"
#include "../../lib/pkgdb/import.h"

struct legacy {
	struct maker *m;
	struct keys keys;
	bool only_immutable; /* the directory has the marker */
	struct sign_job job;
	size_t without; /* entries without a digest of the content */
	struct err *e;
};

/* A list without paths says nothing of what its files are; the earlier ones were about programs. */
static int add_entry(const struct legacy_entry *entry, void *arg)
{
	static const uint8_t no_head[16];
	struct legacy *l = arg;
	uint32_t use = l->m->args->use;

	if (l->only_immutable && !entry->immutable)
		return 0;
	l->without += !entry->digest;
	if (!entry->digest)
		return 0;
	if (!use && entry->path[0])
		use = tree_use(entry->path, entry->has_owner ? entry->mode : 0644, no_head);
	if (!use)
		use = DIGLIM_USE_EXEC;
	if (entry->immutable)
		use |= DIGLIM_USE_IMMUTABLE;
	return tlvwrite_add(l->job.list, entry->digest, entry->path[0] ? entry->path : NULL, use,
			    l->e);
}

static int add_payload_entry(const struct payload_entry *entry, void *arg)
{
	struct legacy *l = arg;
	struct digestname d;

	digestname_of_key(entry->digest, entry->verity, &d);
	return tlvwrite_add_name(l->job.list, &d, entry->path,
				 l->m->args->use ? l->m->args->use : entry->use, l->e);
}

static int convert(struct legacy *l, const struct legacy_name *name, const char *path,
		   const void *data, size_t len, struct err *e)
{
	int r = sign_begin_with(&l->job, l->m->c, l->m->args, l->m->signer,
				l->m->args->name ? l->m->args->name : name->name, e);

	l->e = e;
	l->without = 0;
	if (!r && name->format == LEGACY_TLV)
		r = payload_walk(data, len, path, NULL, add_payload_entry, l, e);
	else if (!r)
		r = legacy_walk(data, len, path, name->type, add_entry, l, e);
	if (!r && name->type == LEGACY_KEY)
		r = err_set(e, -EINVAL, "%s: a list of type %s vouches for no files", path,
			    legacy_type_name(name->type));
	if (!r && !tlvwrite_count(l->job.list))
		r = err_set(e, -ENODATA, "%s: no digest of a file's content in it (%zu others)",
			    path, l->without);
	if (!r)
		r = maker_finish(l->m, &l->job, NULL, e);
	sign_done(&l->job);
	return r;
}

/* Header, then the OpenPGP packet of its signature: what a package has. */
static int import_rpm_list(struct legacy *l, const char *path, const void *data, size_t len,
			   int kind, const uint8_t *sig, size_t sig_len, struct err *e)
{
	struct import_options opt = {.vendor_keys = &l->keys.set[KEYS_VENDOR],
				     .ingest_buffer = l->m->c->config.ingest_buffer};
	struct import_result res = {0};
	struct rpmpkg p = {0};
	char list[PATH_MAX] = "";
	int r;

	if (kind < 0)
		return err_set(e, -EINVAL,
			       "%s: no signature in the file (one in an extended attribute is of "
			       "no use here): import the package itself",
			       path);
	r = rpmpkg_set_header(&p, data, len, e);
	if (!r)
		r = rpmpkg_add_sig(&p, RPMSIG_RSAHEADER, sig, sig_len, e);
	rpmpkg_name(&p);
	if (!r)
		r = import_rpm(&p, &opt, &res, e);
	if (!r && res.outcome == IMPORT_OK)
		r = import_write(&res, l->m->dir ? l->m->dir : l->m->c->places.lists[PLACES_MADE],
				 list, sizeof(list), e);
	else if (!r)
		r = err_set(e, -EKEYREJECTED, "%s: %s", path, res.text);
	if (!r)
		maker_show(l->m, res.name, list, res.digests);
	import_result_done(&res);
	rpmpkg_done(&p);
	return r;
}

/* Who signs it anew answers for it: a signature that is there has to be good. */
static int check_signature(const struct legacy *l, const char *path, const void *data, size_t len,
			   const uint8_t *sig, size_t sig_len, struct err *e)
{
	int r = 0;

	for (int i = 0; i < KEYS_KINDS; i++) {
		r = verify_list(data, len, sig, sig_len, &l->keys.set[i], NULL, e);
		if (r != -DIGLIM_E_SIG_NO_KEY)
			break;
	}
	if (r == -DIGLIM_E_SIG_NO_KEY)
		return err_set(e, r,
			       "%s: no trusted key has made its signature: add that key "
			       "('diglim key add'), or take the signature off the file",
			       path);
	return r ? err_prefix(e, "%s", path) : 0;
}

static int do_data(struct legacy *l, const char *path, const struct buf *b, struct err *e)
{
	const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct legacy_name name;
	const uint8_t *sig = NULL;
	size_t len = b->len, sig_len = 0;
	int kind = legacy_strip(b->data, &len, &sig, &sig_len), r;

	if (kind == -EINVAL)
		return err_set(e, -EINVAL, "%s: damaged trailer of a signature", path);
	if (!legacy_name_read(file, &name))
		return err_set(
			e, -EINVAL,
			"%s: neither POSITION-TYPE_list-FORMAT-NAME nor [NUMBER-]FORMAT-NAME",
			path);
	if (name.format == LEGACY_RPM && kind != DIGLIM_SIG_ID_PKCS7)
		return import_rpm_list(l, path, b->data, len, kind, sig, sig_len, e);
	if (name.format == LEGACY_RPM)
		return err_set(e, -EINVAL, "%s: is a list of today: nothing to convert", path);
	if (kind >= 0 && kind != DIGLIM_SIG_ID_PKCS7)
		return err_set(e, -EINVAL, "%s: a signature that is not PKCS#7 is of no use here",
			       path);
	r = kind < 0 ? 0 : check_signature(l, path, b->data, len, sig, sig_len, e);
	return r ? r : convert(l, &name, path, b->data, len, e);
}

int source_legacy(struct maker *m, const char *path, struct err *e)
{
	struct legacy l = {.m = m};
	char dir[PATH_MAX], marker[PATH_MAX + 16];
	struct buf b = BUF_INIT;
	int r = io_read_file(path, LISTFILE_MAX, &b, e);

	snprintf(dir, sizeof(dir), "%s", path);
	if (strrchr(dir, '/'))
		strrchr(dir, '/')[0] = '\0';
	else
		strcpy(dir, ".");
	snprintf(marker, sizeof(marker), "%s/%s", dir, LEGACY_MARKER);
	l.only_immutable = !access(marker, F_OK);
	if (!r)
		r = keys_read(&l.keys, &m->c->places, e);
	if (!r)
		r = do_data(&l, path, &b, e);
	keys_done(&l.keys);
	buf_free(&b);
	return r;
}
