/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common-sign.h"
#include "common-cert.h"
#include "../../abi/use.h"
#include "../../lib/base/io.h"
#include "../../lib/format/listfile.h"
#include "../../lib/format/sums.h"
#include "../../lib/output/names.h"
#include "../../lib/pkgdb/import.h"

int sign_take_option(struct cli *c, struct sign_args *a, int id, const char *arg)
{
	switch (id) {
	case 'k':
		a->key = arg;
		return 0;
	case 'c':
		a->cert = arg;
		return 0;
	case 'p':
		a->provider = arg;
		return 0;
	case 'n':
		a->name = arg;
		return 0;
	case 'a':
		a->all = true;
		return 0;
	case 'i':
		a->immutable = true;
		return 0;
	case 'u':
		if (!names_use_parse(arg, &a->use))
			return 0;
		cli_usage(c,
			  "--use %s: must be of exec, module, firmware, kexec, data, "
			  "interpreter, exempt, code, immutable",
			  arg);
		return -EINVAL;
	default:
		return 1;
	}
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

int sign_open_key(struct cli *c, const struct sign_args *a, struct signer **ret, struct err *e)
{
	const struct config *conf = &c->config;
	struct signer_config cfg = {
		.key = a->key ? a->key : or_null(conf->sign_key),
		.cert = a->cert	 ? a->cert
			: a->key ? NULL
				 : or_null(conf->sign_cert),
		.provider = a->provider ? a->provider : or_null(conf->sign_provider),
		.pass = cli_passphrase,
	};

	if (!cfg.key)
		return err_set(e, -EINVAL,
			       "no key to sign with: --key and --cert, or [sign] in %s; "
			       "'diglim key create' makes one",
			       c->places.conf);
	return signer_open(&cfg, ret, e);
}

void sign_what_add(const struct cli *c, const char *path, char what[SIGN_WHAT_MAX])
{
	size_t len = strlen(what);
	char real[PATH_MAX];

	if (*path != '/' && !c->places.root[0] && realpath(path, real))
		path = real;
	snprintf(what + len, SIGN_WHAT_MAX - len, "%s%s%s", len ? " " : "",
		 *path != '/' && c->places.root[0] ? "/" : "", path);
}

int sign_begin(struct sign_job *j, struct cli *c, const struct sign_args *a, const char *what,
	       struct err *e)
{
	return sign_begin_with(j, c, a, NULL, a->name ? a->name : what ? what : "digests", e);
}

/* reproducible-builds.org: two who sign the same files then make the same list. */
static int list_time(uint64_t *ret, struct err *e)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char *end;

	*ret = (uint64_t)time(NULL);
	if (!epoch)
		return 0;
	errno = 0;
	*ret = strtoull(epoch, &end, 10);
	if (*epoch < '0' || *epoch > '9' || *end || errno)
		return err_set(e, -EINVAL, "SOURCE_DATE_EPOCH=%s: not seconds since 1970", epoch);
	return 0;
}

int sign_begin_with(struct sign_job *j, struct cli *c, const struct sign_args *a,
		    struct signer *signer, const char *name, struct err *e)
{
	uint64_t when;

	*j = (struct sign_job){.c = c, .args = a, .signer = signer, .borrowed = signer};
	if (strlen(name) >= sizeof(j->name))
		return err_set(e, -ENAMETOOLONG,
			       "name of the list is longer than %zu bytes: choose one with --name",
			       sizeof(j->name) - 1);
	strcpy(j->name, name);
	if (!signer && sign_open_key(c, a, &j->signer, e))
		return e->code;
	if (list_time(&when, e))
		return e->code;
	j->list = tlvwrite_new(j->name, when);
	if (!j->list)
		return err_set(e, -ENOMEM, "no memory");
	if (a->immutable)
		tlvwrite_immutable(j->list);
	progress_start(&j->progress, "Hashing files", 0);
	j->progress.terminal = j->progress.terminal && !a->quiet;
	return 0;
}

static void report(enum tree_event event, const char *path, uint64_t bytes, const struct err *e,
		   void *arg)
{
	struct sign_job *j = arg;

	(void)bytes;
	if (event == TREE_CHANGED || event == TREE_FAILED) {
		progress_clear(&j->progress);
		cli_say("%s: left out", e->text);
	}
	progress_step(&j->progress, tlvwrite_count(j->list), path);
}

int sign_add_path(struct sign_job *j, const char *path, struct err *e)
{
	struct tree_options opt = {
		.root = j->c->places.root[0] ? j->c->places.root : NULL,
		.verity = j->args->verity,
		.all = j->args->all,
		.use = j->args->use,
		.report = report,
		.arg = j,
	};
	struct tree_count one = {0};
	int r = tree_add(j->list, path, &opt, &one, e);

	progress_clear(&j->progress);
	j->count.added += one.added;
	j->count.skipped += one.skipped;
	j->count.failed += one.failed;
	return r;
}

struct sums {
	struct sign_job *j;
	const char *path;
	struct err *e;
};

static int add_sum(const struct sums_entry *entry, void *arg)
{
	static const uint8_t no_head[16];
	struct sums *s = arg;
	uint32_t use = s->j->args->use;
	int r;

	if (!use && entry->use[0] && names_use_parse(entry->use, &use))
		return err_set(s->e, -EINVAL, "%s: line %zu: '%s' are no uses", s->path,
			       entry->line, entry->use);
	if (!use)
		use = tree_use(entry->path, 0644, no_head) ?: DIGLIM_USE_EXEC;
	r = tlvwrite_add_name(s->j->list, &entry->digest, entry->path, use, s->e);
	s->j->count.added += !r;
	return r;
}

int sign_add_sums(struct sign_job *j, const char *path, struct err *e)
{
	struct sums s = {j, path, e};
	struct buf b = BUF_INIT;
	size_t before = j->count.added;
	int r = io_read_file(path, SUMS_MAX, &b, e);

	if (!r)
		r = sums_walk(b.data, b.len, path, add_sum, &s, e);
	buf_free(&b);
	if (!r && j->count.added == before)
		r = err_set(e, -ENODATA, "%s: not one digest in it", path);
	return r;
}

/* Names of files are poorer than names of lists: another list may be there. */
static int check_same_list(const struct sign_job *j, const char *path, struct err *e)
{
	struct payload_info info = {0};
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, NULL);

	if (r == -ENOENT)
		return 0;
	if (!r)
		r = payload_walk(lf.payload, lf.payload_len, path, &info, NULL, NULL, NULL);
	if (!r && strcmp(info.name, j->name) != 0)
		r = -EEXIST;
	listfile_done(&lf);
	return r ? err_set(e, -EEXIST, "%s: there is another list: choose a name with --name", path)
		 : 0;
}

static int output_path(struct sign_job *j, const char *dir, const char *output, char path[PATH_MAX],
		       struct err *e)
{
	char file[NAME_MAX + 1];

	if (output) {
		if (snprintf(path, PATH_MAX, "%s", output) >= PATH_MAX)
			return err_set(e, -ENAMETOOLONG, "%s: name too long", output);
		return 0;
	}
	dir = dir ? dir : j->c->places.lists[PLACES_MADE];
	import_file_name("tlv", j->name, file, sizeof(file));
	if (snprintf(path, PATH_MAX, "%s/%s", dir, file) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: name too long", dir);
	return places_make_dir(dir, e) ?: j->args->name ? 0 : check_same_list(j, path, e);
}

int sign_finish(struct sign_job *j, const char *dir, const char *output, char path[PATH_MAX],
		struct err *e)
{
	struct buf payload = BUF_INIT, sig = BUF_INIT;
	int r = tlvwrite_finish(j->list, &payload, e);

	if (r)
		err_prefix(e, "%s", j->name);
	if (!r)
		r = signer_sign(j->signer, DIGEST_NONE, payload.data, payload.len, &sig, e);
	if (!r && payload.len + sig.len > j->c->config.ingest_buffer)
		r = err_set(
			e, -EFBIG,
			"the list takes %zu bytes, the ingest buffer %u: make smaller lists, or "
			"raise buffer in [ingest] of diglim.conf",
			payload.len + sig.len, j->c->config.ingest_buffer);
	if (!r)
		r = output_path(j, dir, output, path, e);
	if (!r)
		r = (j->later ? listfile_write_later : listfile_write)(
			path, payload.data, payload.len, sig.data, sig.len, e);
	buf_free(&payload);
	buf_free(&sig);
	return r;
}

void sign_done(struct sign_job *j)
{
	progress_clear(&j->progress);
	tlvwrite_free(j->list);
	if (!j->borrowed)
		signer_close(j->signer);
	*j = (struct sign_job){0};
}

void sign_show(struct sign_job *j, const char *path)
{
	struct out *o = j->c->out;

	out_str(o, "name", "List", j->name);
	out_str(o, "list", "File", path);
	out_num(o, "digests", "Files", tlvwrite_count(j->list));
	out_num(o, "skipped", "Left out", j->count.skipped);
	out_num(o, "failed", NULL, j->count.failed);
	if (j->count.failed)
		out_label(o, OUT_BAD, "Failed", "%zu", j->count.failed);
	cert_show_signer(o, signer_cert(j->signer), NULL, 0);
}
