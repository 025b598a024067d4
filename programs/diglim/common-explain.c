/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common-explain.h"
#include "common-cert.h"
#include "common-kernel.h"
#include "common-list.h"
#include "../../abi/error.h"
#include "../../lib/output/names.h"
#include "../../lib/output/text.h"

#define HITS_SHOWN 5

#define IMPORT_OR                                                                                  \
	"import the package that holds it (diglim import FILE.rpm), or vouch for it yourself: "

/* By the kernel's word if it was asked, else by the first good list on disk. */
static uint32_t reason_of(const struct explain *x, size_t i)
{
	const struct judge_file *f = &x->files.files[i];
	uint32_t reason = DIGLIM_REASON_UNKNOWN;

	if (f->known)
		return f->reason;
	if (f->writer)
		return DIGLIM_REASON_WRITER;
	for (const struct lists_hit *h = x->queries[i].hits; h; h = h->next) {
		if (h->altered || h->info.verdict)
			continue;
		if ((h->use & f->use) == f->use)
			return DIGLIM_REASON_VOUCHED;
		reason = DIGLIM_REASON_WRONG_USE;
	}
	return reason;
}

static const char *verdict_words(const struct explain *x, bool vouched)
{
	if (!x->engine)
		return vouched ? "would be allowed (DIGLIM is not attached)"
			       : "would be refused (DIGLIM is not attached)";
	if (vouched)
		return "allowed";
	if (x->mode == DIGLIM_MODE_ENFORCE)
		return "refused";
	if (x->mode == DIGLIM_MODE_AUDIT)
		return "allowed and recorded (audit mode), enforcing would refuse it";
	return "allowed (mode off), enforcing would refuse it";
}

/* 1: loaded, with its record; 0: not, or nobody to ask. */
static int is_loaded(const struct explain *x, const struct lists_hit *h,
		     struct diglim_list_record *rec)
{
	if (!x->engine)
		return 0;
	return engine_list_get(x->engine, h->info.payload.list_id, rec, NULL) > 0;
}

static void show_hit(const struct explain *x, const struct lists_hit *h)
{
	struct out *o = x->c->out;
	struct diglim_list_record rec;
	char use[NAMES_USE_MAX];
	bool loaded = is_loaded(x, h, &rec);

	out_object(o, NULL, h->altered ? "Lists its path with another digest:" : "Vouched for by:");
	out_str(o, h->info.payload.format == DIGLIM_FORMAT_RPM ? "package" : "name",
		h->info.payload.format == DIGLIM_FORMAT_RPM ? "Package" : "List name",
		h->info.name);
	list_show_provenance(o, &h->info);
	out_bool(o, "altered", NULL, h->altered);
	out_bool(o, "by_verity", h->verity ? "By fs-verity" : NULL, h->verity);
	out_str(o, "path", "As", h->path);
	out_str(o, "use", "For", names_use(use, h->use));
	out_str(o, "list", "List", h->list_path);
	out_hex(o, "list_id", NULL, h->info.payload.list_id, DIGLIM_LIST_ID_SIZE);
	cert_show_signer(o, h->info.sig.signer, h->info.sig.serial, h->info.sig.serial_len);
	out_bool(o, "valid", NULL, !h->info.verdict);
	if (h->info.verdict) {
		out_str(o, "refused_because", NULL, h->info.refused.text);
		out_label(o, OUT_BAD, "Signature", "refused: %s", h->info.refused.text);
	}
	out_bool(o, "loaded", NULL, loaded);
	if (loaded)
		out_time(o, "loaded_at", "Loaded", kernel_wall_time(rec.loaded_ns));
	else if (x->engine)
		out_label(o, OUT_WARN, "Loaded", "no");
	out_end(o);
}

__attribute__((format(printf, 2, 3))) static void say_remedy(struct out *o, const char *fmt, ...)
{
	char *line;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	if (line) {
		out_str(o, "remedy", NULL, line);
		out_label(o, OUT_BOLD, "To allow it", "%s", line);
	}
	free(line);
}

/* A list on disk has the digest, and yet the kernel does not know it. */
static void show_list_remedy(struct out *o, const struct lists_hit *h)
{
	char *word = text_shell_word(h->list_path);
	const char *list = word ? word : h->list_path;

	if (!h->info.verdict)
		say_remedy(o, "diglim load %s", list);
	else if (h->info.verdict == -DIGLIM_E_SIG_NO_KEY)
		say_remedy(o,
			   "add the signer's key (diglim key add FILE) if you trust it, then "
			   "diglim load %s",
			   list);
	else
		say_remedy(o, "get a list with a good signature in place of %s", list);
	free(word);
}

static void show_remedy(const struct explain *x, size_t i, uint32_t reason)
{
	const struct judge_file *f = &x->files.files[i];
	const struct lists_hit *h = x->queries[i].hits;
	char *word = f->path ? text_shell_word(f->path) : NULL;
	char text[DIGESTNAME_MAX];
	struct digestname d;
	struct out *o = x->c->out;

	digestname_of_key(f->has_digest ? f->digest : f->verity, !f->has_digest, &d);
	digestname_text(&d, text);
	if (reason != DIGLIM_REASON_UNKNOWN)
		say_remedy(o, "%s", names_reason_remedy(reason));
	else if (h && !h->altered)
		show_list_remedy(o, h);
	else if (h)
		say_remedy(o,
			   "the file was changed: install %s again, or vouch for the change "
			   "with diglim sign %s",
			   h->info.name, word ? word : "");
	else if (word)
		say_remedy(o, IMPORT_OR "diglim sign %s", word);
	else
		say_remedy(o, IMPORT_OR "diglim sign --digest %s --name digest-%.12s", text,
			   text + (d.verity ? strlen(DIGESTNAME_VERITY) : 0));
	free(word);
}

static void show_hits(const struct explain *x, size_t i)
{
	struct out *o = x->c->out;
	size_t n = 0;

	out_array(o, "lists", NULL);
	for (const struct lists_hit *h = x->queries[i].hits; h; h = h->next, n++) {
		if (h->altered && x->queries[i].hits != h && !x->queries[i].hits->altered)
			continue; /* of no interest beside a list that has the digest */
		if (n < HITS_SHOWN || out_is_json(o))
			show_hit(x, h);
	}
	out_end(o);
	if (n > HITS_SHOWN)
		out_line(o, OUT_DIM, NULL, "… and %zu more lists", n - HITS_SHOWN);
}

static bool is_immutable(const struct explain *x, size_t i)
{
	for (const struct lists_hit *h = x->queries[i].hits; h; h = h->next)
		if (!h->altered && !h->info.verdict && h->use & DIGLIM_USE_IMMUTABLE)
			return true;
	return false;
}

static const char *reason_words(const struct explain *x, size_t i, uint32_t reason)
{
	bool vouched = reason == DIGLIM_REASON_VOUCHED;

	if (x->files.files[i].by_verity && vouched)
		return "a loaded list holds its fs-verity digest, the content is not hashed";
	if (x->files.files[i].by_verity)
		return "a deny list names its fs-verity digest";
	if (vouched && !x->queries[i].hits)
		return "a loaded list vouches for it, whose file is not in the list directories";
	if (vouched && !x->engine)
		return "a list with a good signature holds its digest";
	if (reason == DIGLIM_REASON_UNKNOWN && !x->engine)
		return "no list with a good signature holds its digest";
	return names_reason_text(reason);
}

static void show_digests(struct out *o, const struct judge_file *f)
{
	struct digestname d;

	if (f->has_digest)
		out_hex(o, "digest", "Digest", f->digest, sizeof(f->digest));
	if (!f->has_verity)
		return;
	digestname_of_key(f->verity, true, &d);
	out_hex(o, "verity", "fs-verity", d.value, sizeof(d.value));
}

static void show_file(const struct explain *x, size_t i)
{
	const struct judge_file *f = &x->files.files[i];
	uint32_t reason = reason_of(x, i);
	bool vouched = reason == DIGLIM_REASON_VOUCHED;
	struct out *o = x->c->out;
	char use[NAMES_USE_MAX];

	out_object(o, NULL, NULL);
	out_str(o, "path", "Path", f->path);
	if (f->failed.code) {
		out_str(o, "error", "Trouble", f->failed.text);
		out_end(o);
		return;
	}
	show_digests(o, f);
	out_str(o, "use", "Use", names_use(use, f->use));
	out_str(o, "verdict", NULL, vouched ? "allowed" : "refused");
	out_label(o, vouched ? OUT_GOOD : OUT_BAD, "Verdict", "%s", verdict_words(x, vouched));
	out_bool(o, "vouched", NULL, vouched);
	out_str(o, "reason", NULL, names_reason(reason));
	out_str(o, NULL, "Reason", reason_words(x, i, reason));
	out_bool(o, "by_verity", NULL, f->by_verity);
	show_hits(x, i);
	if (is_immutable(x, i))
		out_label(o, OUT_PLAIN, "Writing",
			  "a list calls it immutable: refused under [policy] immutable = yes");
	out_bool(o, "immutable", NULL, is_immutable(x, i));
	if (!vouched)
		show_remedy(x, i, reason);
	out_end(o);
	out_blank(o);
}

/* One line for what is in order, all of it for what is not. */
static void show_process_file(const struct explain *x, size_t i)
{
	const struct lists_hit *h = x->queries[i].hits;

	if (out_is_json(x->c->out) || reason_of(x, i) != DIGLIM_REASON_VOUCHED)
		show_file(x, i);
	else
		out_line(x->c->out, OUT_GOOD, "[+]", "%s (%s)", x->files.files[i].path,
			 h && !h->altered ? h->info.name : "list not on disk");
}

int explain_show(struct explain *x)
{
	struct out *o = x->c->out;
	int status = EXIT_YES;

	out_bool(o, "attached", NULL, x->engine != NULL);
	if (x->engine)
		out_str(o, "mode", NULL, names_mode(x->mode));
	if (x->process)
		out_num(o, "pid", "Process", (uint64_t)x->process);
	out_array(o, "files", NULL);
	for (size_t i = 0; i < x->files.n; i++) {
		if (x->process)
			show_process_file(x, i);
		else
			show_file(x, i);
		if (reason_of(x, i) != DIGLIM_REASON_VOUCHED)
			status = EXIT_NO;
	}
	out_end(o);
	if (x->broken)
		cli_say("%zu files in the list directories cannot be read as lists: 'diglim "
			"verify' "
			"tells why",
			x->broken);
	return status;
}
