/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-cert.h"
#include "common-list.h"
#include "common-metadata.h"
#include "verbs.h"
#include "../../lib/base/root.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/crypto/verity.h"
#include "../../lib/format/digestname.h"
#include "../../lib/format/listfile.h"
#include "../../lib/output/progress.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/pkgdb/rpmfile.h"

static const char *const usage[] = {"verify FILE… [--files]", "verify --metadata PATH [LIST…]",
				    NULL};

static const struct cli_option options[] = {
	{'f', "files", NULL, "Compare the files on this system with the list, too"},
	{'m', "metadata", "PATH",
	 "Compare owner, mode, capabilities and label of what is there with lists"},
	{0, NULL, NULL, NULL},
};

struct verify {
	struct cli *c;
	struct keys keys;
	bool files;
	struct progress progress;
	size_t same, differ, missing, failed, no_path;
};

static void show_file(struct verify *v, const char *state, const char *path, const char *why)
{
	struct out *o = v->c->out;

	progress_clear(&v->progress);
	out_object(o, NULL, NULL);
	out_str(o, "path", NULL, path);
	out_str(o, "state", NULL, state);
	if (why)
		out_str(o, "reason", NULL, why);
	out_end(o);
	out_line(o, OUT_BAD, "  [-]", "%s: %s%s%s", path, state, why ? ": " : "", why ? why : "");
}

/* What the list would have to say of it as the system below --root would find it. */
static int digest_below(const struct verify *v, const char *path, bool verity,
			uint8_t ret[DIGLIM_DIGEST_SIZE], struct err *e)
{
	struct digestname d = {.verity = verity};
	struct stat st;
	int fd = root_open_regular(v->c->places.root, path, &st, e), r;

	if (fd < 0)
		return fd;
	r = verity ? verity_fd(fd, path, d.value, e) : digest_fd(fd, path, d.value, NULL, e);
	close(fd);
	digestname_key(&d, ret);
	return r;
}

static int compare(const struct payload_entry *entry, void *arg)
{
	struct verify *v = arg;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	struct err why = {0};
	char path[PATH_MAX];
	int r;

	if (!entry->path) {
		v->no_path++;
		return 0;
	}
	progress_step(&v->progress, v->same + v->differ + v->missing, entry->path);
	if (snprintf(path, sizeof(path), "%s%s", v->c->places.root, entry->path) >=
	    (int)sizeof(path)) {
		v->failed++;
		show_file(v, "unreadable", entry->path, "name too long");
		return 0;
	}
	r = digest_below(v, entry->path, entry->verity, digest, &why);
	if (r == -ENOENT || r == -ENOTDIR) {
		v->missing++;
		show_file(v, "missing", path, NULL);
	} else if (r == -ENOMEM) {
		return r;
	} else if (r) {
		v->failed++;
		show_file(v, "unreadable", path, why.text);
	} else if (memcmp(digest, entry->digest, sizeof(digest)) != 0) {
		v->differ++;
		show_file(v, "differs", path, NULL);
	} else {
		v->same++;
	}
	return 0;
}

static int compare_files(struct verify *v, const void *payload, size_t len, const char *name,
			 struct err *e)
{
	struct out *o = v->c->out;
	int r;

	v->same = v->differ = v->missing = v->failed = v->no_path = 0;
	progress_start(&v->progress, "Comparing files", 0);
	out_array(o, "files", NULL);
	r = payload_walk(payload, len, name, NULL, compare, v, e);
	out_end(o);
	progress_clear(&v->progress);
	out_num(o, "files_same", NULL, v->same);
	out_num(o, "files_differ", NULL, v->differ);
	out_num(o, "files_missing", NULL, v->missing);
	out_num(o, "files_unreadable", NULL, v->failed);
	out_num(o, "files_without_path", NULL, v->no_path);
	out_line(o, OUT_PLAIN, NULL,
		 "      %zu files as listed, %zu differ, %zu missing, %zu "
		 "unreadable, %zu without path",
		 v->same, v->differ, v->missing, v->failed, v->no_path);
	if (r)
		return r == -ENOMEM ? err_set(e, r, "out of memory") : r;
	return v->differ || v->missing || v->failed ? EXIT_NO : EXIT_YES;
}

static void show_verdict(struct out *o, bool valid, const char *name, uint32_t digests,
			 const struct cert *signer, const char *why)
{
	char fpr[CERT_HEX_MAX];

	out_str(o, "name", NULL, name);
	out_bool(o, "valid", NULL, valid);
	out_num(o, "digests", NULL, digests);
	if (!valid) {
		out_str(o, "reason", NULL, why);
		out_line(o, OUT_BAD, "[-]", "%s: refused: %s", name, why);
		return;
	}
	if (out_is_json(o))
		cert_show_signer(o, signer, NULL, 0);
	out_line(o, OUT_GOOD, "[+]", "%s: valid, %u digests, signed by %s (%s)", name, digests,
		 signer->owner, cert_fingerprint(signer, fpr));
}

static int verify_rpm(struct verify *v, const char *path, struct err *e)
{
	struct import_options opt = {.vendor_keys = &v->keys.set[KEYS_VENDOR],
				     .ingest_buffer = DIGLIM_INGEST_MAX};
	struct import_result res = {0};
	struct rpmpkg p = {0};
	int r = rpmfile_read(path, &p, e), status = EXIT_TROUBLE;

	if (!r)
		r = import_rpm(&p, &opt, &res, e);
	if (!r && res.outcome == IMPORT_MALFORMED)
		r = err_set(e, -EBADMSG, "%s: %s", path, res.text);
	if (!r) {
		status = res.outcome == IMPORT_OK ? EXIT_YES : EXIT_NO;
		show_verdict(v->c->out, status == EXIT_YES, res.name, res.digests, res.signer,
			     res.text);
		if (status == EXIT_YES && v->files)
			status = compare_files(v, res.payload.data, res.payload.len, path, e);
	}
	import_result_done(&res);
	rpmpkg_done(&p);
	return r ? r : status;
}

static int verify_list_file(struct verify *v, const char *path, struct err *e)
{
	struct lists_info info;
	struct listfile lf = {0};
	int r = lists_examine(path, &v->keys, &info, NULL, NULL, e), status;

	if (r)
		return r;
	status = info.verdict ? EXIT_NO : EXIT_YES;
	show_verdict(v->c->out, !info.verdict, info.name, info.payload.digests, info.sig.signer,
		     info.refused.text[0] ? info.refused.text : err_name(info.verdict));
	if (info.verdict || !v->files)
		return status;
	r = listfile_read(path, &lf, e);
	if (!r)
		r = compare_files(v, lf.payload, lf.payload_len, path, e);
	listfile_done(&lf);
	return r;
}

/* An exit status, or negative. */
static int verify_any(struct verify *v, const char *path, struct err *e)
{
	int r = list_is_package(path, e);

	if (r < 0)
		return r;
	return r ? verify_rpm(v, path, e) : verify_list_file(v, path, e);
}

static int verify_paths(struct verify *v, const struct lists *l)
{
	int worst = EXIT_YES;

	out_array(v->c->out, "lists", NULL);
	for (size_t i = 0; i < l->n; i++) {
		struct err e = {0};
		int r;

		out_object(v->c->out, NULL, NULL);
		out_str(v->c->out, "file", NULL, l->paths[i]);
		r = verify_any(v, l->paths[i], &e);
		if (r < 0) {
			out_str(v->c->out, "error", NULL, e.text);
			cli_say("%s", e.text);
			r = EXIT_TROUBLE;
		}
		out_end(v->c->out);
		worst = r > worst ? r : worst;
	}
	out_end(v->c->out);
	return worst;
}

static int verify_run(struct cli *c, int argc, char **argv)
{
	struct verify v = {.c = c};
	struct lists l = {0};
	struct err e = {0};
	const char *metadata = NULL;
	int id, status, r;

	while ((id = cli_option(c, argc, argv)) > 0)
		if (id == 'm')
			metadata = optarg;
		else
			v.files = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (metadata && v.files)
		return cli_usage(c, "either --files or --metadata");
	if (optind == argc && !metadata)
		return cli_usage(c, "name lists, packages or directories of them");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	r = keys_read(&v.keys, &c->places, &e);
	for (int i = optind; !r && i < argc; i++)
		r = lists_add(&l, argv[i], &e);
	if (!r)
		r = metadata ? metadata_verify(c, metadata, &l, &v.keys, &e) : verify_paths(&v, &l);
	status = r < 0 ? cli_fail(c, &e) : r;
	lists_done(&l);
	keys_done(&v.keys);
	return status;
}

const struct cli_verb verb_verify = {
	.name = "verify",
	.summary = "Check lists and packages against the trusted keys",
	.usage = usage,
	.options = options,
	.root = true,
	.run = verify_run,
};
