/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "common-cert.h"
#include "common-list.h"
#include "common-rules.h"
#include "verbs.h"
#include "../../abi/error.h"
#include "../../lib/base/io.h"
#include "../../lib/crypto/pgpsig.h"
#include "../../lib/format/listfile.h"
#include "../../lib/output/text.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/pkgdb/rpmfile.h"

static const char *const usage[] = {"inspect FILE… [--summary]", NULL};

static const struct cli_option options[] = {
	{'s', "summary", NULL, "Without the entries"},
	{0, NULL, NULL, NULL},
};

struct inspect {
	struct cli *c;
	struct keys keys;
	bool summary;
};

static int show_entry(const struct payload_entry *entry, void *arg)
{
	struct inspect *in = arg;

	list_show_entry(in->c->out, entry);
	return 0;
}

static int show_entries(struct inspect *in, const void *payload, size_t len, const char *path,
			struct err *e)
{
	int r = 0;

	if (in->summary)
		return 0;
	r = rules_show(in->c->out, payload, len, path, e);
	if (r)
		return r;
	out_array(in->c->out, "entries", "Entries:");
	r = payload_walk(payload, len, path, NULL, show_entry, in, e);
	out_end(in->c->out);
	return r;
}

static int inspect_list(struct inspect *in, const char *path, const struct listfile *lf,
			struct err *e)
{
	struct lists_info info;
	int r = lists_examine(path, &in->keys, &info, NULL, NULL, e);

	if (r)
		return r;
	out_str(in->c->out, "kind", "Kind", "signed list");
	list_show(in->c->out, &info);
	return show_entries(in, lf->payload, lf->payload_len, path, e);
}

static void show_rpm_signature(struct out *o, const struct rpmpkg_sig *sig)
{
	struct err why = {0};
	struct pgpsig s;
	bool usable;
	char when[TEXT_TIME_MAX] = "no time";

	if (pgpsig_read(sig->packet.data, sig->packet.len, NULL, &s, &why)) {
		out_object(o, NULL, NULL);
		out_str(o, "error", NULL, why.text);
		out_end(o);
		out_label(o, OUT_BAD, "Signature", "%s", why.text);
		return;
	}
	usable = !pgpsig_acceptable(&s, &why);
	out_object(o, NULL, NULL);
	out_str(o, "algorithm", NULL, s.algo_name);
	out_num(o, "version", NULL, s.version);
	if (s.has_key_id)
		out_hex(o, "key_id", NULL, s.key_id, sizeof(s.key_id));
	out_time(o, "time", NULL, s.created);
	out_bool(o, "usable", NULL, usable);
	if (!usable)
		out_str(o, "reason", NULL, why.text);
	out_end(o);
	if (s.created)
		text_time(when, (int64_t)s.created, -1);
	out_label(o, usable ? OUT_PLAIN : OUT_BAD, "Signature", "OpenPGP v%u %s, %s%s%s", s.version,
		  s.algo_name, when, usable ? "" : ": ", usable ? "" : why.text);
}

static void show_outcome(struct out *o, const struct import_result *r)
{
	bool good = r->outcome == IMPORT_OK || r->outcome == IMPORT_NO_FILES;

	if (r->has_key_id)
		cert_show_signer(o, r->signer, r->key_id, sizeof(r->key_id));
	out_str(o, "outcome", NULL, import_outcome_name(r->outcome));
	if (r->text[0])
		out_str(o, "reason", NULL, r->text);
	if (r->way_out[0])
		out_str(o, "way_out", NULL, r->way_out);
	out_label(o, good ? OUT_GOOD : OUT_BAD, "Import", "%s%s%s",
		  r->outcome == IMPORT_OK ? "possible" : import_outcome_name(r->outcome),
		  r->text[0] ? ": " : "", r->text);
	if (r->way_out[0])
		out_label(o, OUT_PLAIN, "Way out", "%s", r->way_out);
}

static int inspect_rpm(struct inspect *in, const char *path, struct err *e)
{
	struct import_options opt = {.vendor_keys = &in->keys.set[KEYS_VENDOR],
				     .ingest_buffer = DIGLIM_INGEST_MAX};
	struct out *o = in->c->out;
	struct import_result res = {0};
	struct rpmpkg p = {0};
	int r = rpmfile_read(path, &p, e);

	if (!r)
		r = import_rpm(&p, &opt, &res, e);
	if (!r) {
		out_str(o, "kind", "Kind", "RPM package");
		out_str(o, "name", "Name", p.name);
		out_num_as(o, "header_size", "Header", p.header.len, "%zu bytes", p.header.len);
		out_array(o, "signatures", NULL);
		for (size_t i = 0; i < p.n_sigs; i++)
			show_rpm_signature(o, &p.sigs[i]);
		out_end(o);
		show_outcome(o, &res);
		if (res.outcome == IMPORT_OK)
			r = show_entries(in, res.payload.data, res.payload.len, path, e);
	}
	import_result_done(&res);
	rpmpkg_done(&p);
	return r;
}

static void inspect_keys(struct inspect *in, const struct cert_set *set)
{
	enum keys_kind kind = keys_kind_guess(set);

	out_str(in->c->out, "kind", "Kind", set->n > 1 ? "keys" : "key");
	out_array(in->c->out, "keys", NULL);
	for (size_t i = 0; i < set->n; i++) {
		out_object(in->c->out, NULL, NULL);
		cert_show(in->c->out, set->certs[i], kind, NULL);
		out_end(in->c->out);
		out_blank(in->c->out);
	}
	out_end(in->c->out);
}

/* No signature: a digest list that is still to be signed, or one of an earlier generation. */
static int inspect_payload(struct inspect *in, const char *path, const struct buf *data,
			   struct err *e)
{
	struct payload_info info = {0};
	int r = payload_walk(data->data, data->len, path, &info, NULL, NULL, e);

	if (r)
		return r;
	out_str(in->c->out, "kind", "Kind", "digest list without signature");
	out_str(in->c->out, "name", "Name", info.name);
	out_str(in->c->out, "format", "Format", payload_format_name(info.format));
	out_str(in->c->out, "type", "Type", payload_type_name(info.type));
	out_num(in->c->out, "digests", "Digests", info.digests);
	return show_entries(in, data->data, data->len, path, e);
}

static int inspect_data(struct inspect *in, const char *path, const struct buf *data, struct err *e)
{
	struct cert_set set = {0};
	struct listfile lf = {0};
	int r = listfile_split(data->data, data->len, path, &lf, e);

	if (!r)
		return inspect_list(in, path, &lf, e);
	if (r != -DIGLIM_E_NO_SIGNATURE)
		return r;
	if (cert_set_read(&set, data->data, data->len, path, 0, NULL) > 0) {
		inspect_keys(in, &set);
		r = 0;
	} else {
		r = inspect_payload(in, path, data, e);
	}
	cert_set_done(&set);
	if (r == -DIGLIM_E_FORMAT)
		err_set(e, r, "%s: neither a list, a package, a key nor a digest list", path);
	return r;
}

static int inspect_any(struct inspect *in, const char *path, struct err *e)
{
	struct buf data = BUF_INIT;
	int r = list_is_package(path, e);

	if (r)
		return r < 0 ? r : inspect_rpm(in, path, e);
	r = io_read_file(path, LISTFILE_MAX, &data, e);
	if (!r)
		r = inspect_data(in, path, &data, e);
	buf_free(&data);
	return r;
}

static int inspect_all(struct inspect *in, int argc, char **argv)
{
	int status = EXIT_YES;

	out_array(in->c->out, "files", NULL);
	for (int i = optind; i < argc; i++) {
		struct err e = {0};

		out_object(in->c->out, NULL, NULL);
		out_str(in->c->out, "file", "File", argv[i]);
		if (inspect_any(in, argv[i], &e)) {
			cli_say("%s", e.text);
			out_str(in->c->out, "error", NULL, e.text);
			status = EXIT_TROUBLE;
		}
		out_end(in->c->out);
		out_blank(in->c->out);
	}
	out_end(in->c->out);
	return status;
}

static int inspect_run(struct cli *c, int argc, char **argv)
{
	struct inspect in = {.c = c};
	struct err e = {0};
	int id, status;

	while ((id = cli_option(c, argc, argv)) > 0)
		in.summary = true;
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name the files to look into");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	if (keys_read(&in.keys, &c->places, &e))
		status = cli_fail(c, &e);
	else
		status = inspect_all(&in, argc, argv);
	keys_done(&in.keys);
	return status;
}

const struct cli_verb verb_inspect = {
	.name = "inspect",
	.summary = "Show what is in a list, package, key or digest list",
	.usage = usage,
	.options = options,
	.root = true,
	.run = inspect_run,
};
