/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common-cert.h"
#include "common-kernel.h"
#include "common-rules.h"
#include "../../core/rule.h"
#include "../../lib/base/hex.h"
#include "../../lib/format/listfile.h"
#include "../../lib/format/payload.h"
#include "../../lib/output/names.h"
#include "../../lib/output/text.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/sync/load.h"

/* A serial number that is shorter may be that of many keys. */
#define SIGNER_MIN 8

bool rules_take_option(struct rules_args *a, int id, const char *arg)
{
	switch (id) {
	case 'k':
		a->key = arg;
		return true;
	case 'c':
		a->cert = arg;
		return true;
	case 'p':
		a->provider = arg;
		return true;
	case 'n':
		a->name = arg;
		return true;
	case 'o':
		a->output = arg;
		return true;
	}
	return false;
}

int rules_sign(struct cli *c, const struct rules_args *a, const struct buf *payload,
	       const char *path, struct err *e)
{
	const struct sign_args args = {.key = a->key, .cert = a->cert, .provider = a->provider};
	struct buf sig = BUF_INIT;
	struct signer *signer = NULL;
	int r = sign_open_key(c, &args, &signer, e);

	if (!r)
		r = signer_sign(signer, DIGEST_NONE, payload->data, payload->len, &sig, e);
	if (!r)
		r = listfile_write(path, payload->data, payload->len, sig.data, sig.len, e);
	if (!r)
		cert_show_signer(c->out, signer_cert(signer), NULL, 0);
	signer_close(signer);
	buf_free(&sig);
	return r;
}

static int default_path(struct cli *c, enum diglim_list_type type, const char *name,
			char path[PATH_MAX], struct err *e)
{
	const char *dir = c->places.lists[0];
	char file[NAME_MAX + 1];

	import_file_name(payload_type_name(type), name, file, sizeof(file));
	if (snprintf(path, PATH_MAX, "%s/%s", dir, file) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: name too long", dir);
	return places_make_dir(dir, e);
}

/* At once, if there is somebody to load it into. 1, 0 or negative. */
static int into_kernel(struct cli *c, const char *path, struct err *e)
{
	struct engine *g = NULL;
	int r;

	if (c->places.root[0] || engine_is_attached(NULL) <= 0)
		return 0;
	r = engine_open(&g, e);
	if (!r)
		r = sync_load_file(g, path, NULL, e);
	engine_close(g);
	return r ? r : 1;
}

int rules_publish(struct cli *c, const struct rules_args *a, enum diglim_list_type type,
		  const char *name, struct rulewrite *w, struct err *e)
{
	struct rulewrite_head head = {.type = type, .time = (uint64_t)time(NULL)};
	struct buf payload = BUF_INIT;
	char path[PATH_MAX];
	int r;

	head.name = a->name ? a->name : name;
	r = rulewrite_finish(w, &head, &payload, e);
	if (!r && a->output && snprintf(path, sizeof(path), "%s", a->output) >= PATH_MAX)
		r = err_set(e, -ENAMETOOLONG, "%s: name too long", a->output);
	if (!r && !a->output)
		r = default_path(c, type, head.name, path, e);
	if (!r)
		r = rules_sign(c, a, &payload, path, e);
	buf_free(&payload);
	if (r)
		return r;
	out_str(c->out, "name", "List", head.name);
	out_str(c->out, "list", "File", path);
	out_num(c->out, "entries", "Entries", w->n);
	r = a->output ? 0 : into_kernel(c, path, e);
	if (r < 0)
		return r;
	out_bool(c->out, "in_kernel", "In the kernel", r);
	return 0;
}

static int signer_of_cert(const struct cert *cert, struct rules_signer *ret, struct err *e)
{
	const uint8_t *p = cert->serial + 2;
	size_t n = cert->serial_len > 2 ? cert->serial_len - 2 : 0;

	for (; n && !*p; n--)
		p++;
	if (!cert_has_der(cert) || n < SIGNER_MIN || n > sizeof(ret->id))
		return err_set(e, -EINVAL,
			       "the key of %s: its serial number has %zu bytes, %d to %zu are "
			       "needed to name it",
			       cert->owner, n, SIGNER_MIN, sizeof(ret->id));
	memcpy(ret->id, p, n);
	ret->len = n;
	return 0;
}

static int signer_of_file(const char *path, struct rules_signer *ret, struct err *e)
{
	struct cert_set set = {0};
	int r = cert_set_read_file(&set, path, 0, e);

	if (r == 1)
		r = signer_of_cert(set.certs[0], ret, e);
	else if (r > 1)
		r = err_set(e, -EINVAL, "%s: several keys: name one by its fingerprint", path);
	cert_set_done(&set);
	return r;
}

/* Also what is no key we have: the id that a loaded list is signed with. */
static int signer_of_text(struct cli *c, const char *text, struct rules_signer *ret, struct err *e)
{
	const struct cert *cert = NULL;
	struct keys keys = {0};
	int r = keys_read(&keys, &c->places, e);

	for (int kind = 0; !r && !cert && kind < KEYS_KINDS; kind++)
		cert = cert_set_by_text(&keys.set[kind], text);
	if (!r && cert)
		r = signer_of_cert(cert, ret, e);
	keys_done(&keys);
	if (r || cert)
		return r;
	ret->len = strlen(text) / 2;
	if (ret->len < SIGNER_MIN || ret->len > sizeof(ret->id) ||
	    hex_decode(text, strlen(text), ret->id, ret->len))
		return err_set(e, -ENOENT,
			       "%s: neither a file with a key nor a key in keys.d nor the id of a "
			       "signer (%d to %zu bytes in hexadecimal)",
			       text, SIGNER_MIN, sizeof(ret->id));
	return 0;
}

int rules_signer_of(struct cli *c, const char *text, struct rules_signer *ret, struct err *e)
{
	struct stat st;

	if (!stat(text, &st) && S_ISREG(st.st_mode))
		return signer_of_file(text, ret, e);
	return signer_of_text(c, text, ret, e);
}

static void describe_orders(const struct payload_rule *r, char *buf, size_t size)
{
	char hex[2 * DIGLIM_SIGNER_MAX + 1], span[TEXT_SPAN_MAX];

	if (r->has & CORE_RULE_MODE)
		snprintf(buf, size, "mode %s%s%s", names_mode(r->mode), r->window_s ? " for " : "",
			 r->window_s ? text_span(span, r->window_s) : "");
	else if (r->has & CORE_RULE_UNSEAL)
		snprintf(buf, size, "unseal");
	else
		snprintf(buf, size, "remove the list %s",
			 hex_encode(r->list, DIGLIM_LIST_ID_SIZE, hex));
}

static void describe_others(const struct payload_rule *r, char *buf, size_t size)
{
	char hex[2 * DIGLIM_SIGNER_MAX + 1], use[NAMES_USE_MAX] = "any use";

	hex_encode(r->key, r->key_len, hex);
	if (r->has & CORE_RULE_USE)
		names_use(use, r->use);
	if (r->has & CORE_RULE_VERSION)
		snprintf(buf, size, "%s%s%s: at least %u:%s%s%s%s", r->name, *r->arch ? "." : "",
			 r->arch, r->epoch, r->version, *r->release ? "-" : "", r->release,
			 r->has & CORE_RULE_LOWER ? ", older than seen permitted" : "");
	else if (r->has & CORE_RULE_LIMITS)
		snprintf(buf, size, "key %s: %s, name %s, below %s", hex, use,
			 *r->name ? r->name : "any", *r->path ? r->path : "any path");
	else
		snprintf(buf, size, "key %s", hex);
}

static int show_rule(const struct payload_rule *r, void *arg)
{
	struct out *o = arg;
	char text[512];

	if (r->has & CORE_RULE_ORDERS)
		describe_orders(r, text, sizeof(text));
	else
		describe_others(r, text, sizeof(text));
	out_object(o, NULL, NULL);
	out_str(o, "rule", NULL, text);
	if (r->key_len)
		out_hex(o, "signer", NULL, r->key, r->key_len);
	out_end(o);
	out_line(o, OUT_PLAIN, NULL, "%s", text);
	return 0;
}

int rules_show(struct out *o, const void *payload, size_t len, const char *path, struct err *e)
{
	int r;

	out_array(o, "rules", "Rules:");
	r = payload_rules(payload, len, path, show_rule, o, e);
	out_end(o);
	return r;
}
