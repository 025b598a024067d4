// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/list.h"
#include "../../core/listid.h"
#include "payload.h"
#include "rpmpaths.h"

const char *payload_format_name(enum diglim_format format)
{
	static const char *const names[DIGLIM_FORMAT_MAX] = {
		[DIGLIM_FORMAT_NONE] = "none",
		[DIGLIM_FORMAT_RPM] = "rpm",
		[DIGLIM_FORMAT_TLV] = "tlv",
		[DIGLIM_FORMAT_COMPACT] = "compact",
	};

	return (unsigned int)format < DIGLIM_FORMAT_MAX ? names[format] : "unknown";
}

const char *payload_type_name(enum diglim_list_type type)
{
	static const char *const names[DIGLIM_LIST_TYPE_MAX] = {
		[DIGLIM_LIST_ALLOW] = "allow",	   [DIGLIM_LIST_DENY] = "deny",
		[DIGLIM_LIST_CONTROL] = "control", [DIGLIM_LIST_LIMITS] = "limits",
		[DIGLIM_LIST_FLOOR] = "floor",
	};

	return (unsigned int)type < DIGLIM_LIST_TYPE_MAX ? names[type] : "unknown";
}

static int failed(const char *name, const struct core_err *ce, struct err *e)
{
	return err_set(e, -(int)ce->code, "%s: offset %u: %s", name, ce->off,
		       err_name((int)ce->code));
}

/* PATH of the entry whose digest ends at @off and which ends at @end; core/tlv.h checked it. */
static const char *tlv_path(const struct core_view *v, uint32_t off, uint32_t end)
{
	struct core_tlv_field f;
	struct core_err ce;

	for (; off < end && !core_tlv_read(v, off, end, &f, &ce); off = f.off + f.len)
		if (f.field == DIGLIM_TLV_ENTRY_PATH)
			return (const char *)v->data + v->start + f.off;
	return NULL;
}

static const char *path_of(const struct core_view *v, const struct core_list *l,
			   const struct core_digest *d, struct rpmpaths *paths)
{
	if (l->format == DIGLIM_FORMAT_RPM)
		return rpmpaths_get(paths, d->index);
	if (l->format == DIGLIM_FORMAT_TLV)
		return tlv_path(v, d->off + DIGLIM_DIGEST_SIZE, l->tlv.pos);
	return NULL;
}

static int walk(const struct core_view *v, struct core_list *l, const char *name,
		struct rpmpaths *paths, struct payload_info *info, payload_fn fn, void *arg,
		struct err *e)
{
	struct payload_entry entry;
	struct core_digest d;
	struct core_err ce = {0};
	int r, stop;

	while ((r = core_list_next(v, l, &d, &ce)) > 0) {
		info->rules += r == 3;
		if (r != 1)
			continue;
		info->digests++;
		if (!fn)
			continue;
		entry.digest = d.value;
		entry.verity = d.verity;
		entry.use = d.use;
		entry.index = d.index;
		entry.path = path_of(v, l, &d, paths);
		if (paths->failed)
			return err_set(e, -ENOMEM, "%s: out of memory", name);
		stop = fn(&entry, arg);
		if (stop)
			return stop;
	}
	return r < 0 ? failed(name, &ce, e) : 0;
}

int payload_walk(const void *payload, size_t len, const char *name, struct payload_info *info,
		 payload_fn fn, void *arg, struct err *e)
{
	struct core_view v = {payload, 0, (uint32_t)len};
	struct rpmpaths paths = {0};
	struct payload_info unused;
	struct core_err ce = {0};
	struct core_list *l;
	int r = 0;

	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: payload of %zu bytes", name, len);
	info = info ? info : &unused;
	memset(info, 0, sizeof(*info));
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "out of memory");
	if (core_list_open(&v, l, &ce) < 0)
		r = failed(name, &ce, e);
	else if (fn && l->format == DIGLIM_FORMAT_RPM)
		r = rpmpaths_open(&paths, &v, &l->rpm, e);
	if (!r) {
		info->format = (enum diglim_format)l->format;
		info->type = (enum diglim_list_type)l->type;
		info->counter = l->format == DIGLIM_FORMAT_TLV ? l->tlv.counter : 0;
		memcpy(info->name, l->name, sizeof(info->name));
		core_listid(&v, info->list_id);
		r = walk(&v, l, name, &paths, info, fn, arg, e);
	}
	rpmpaths_done(&paths);
	free(l);
	return r;
}

static uint32_t entries_of(const struct core_list *l)
{
	if (l->format == DIGLIM_FORMAT_RPM)
		return l->rpm.files;
	return l->format == DIGLIM_FORMAT_TLV ? l->tlv.entries : l->compact.digests;
}

int payload_peek(const void *payload, size_t len, const char *name, struct payload_info *info,
		 struct err *e)
{
	struct core_view v = {payload, 0, (uint32_t)len};
	struct core_err ce = {0};
	struct core_list *l;
	int r = 0;

	memset(info, 0, sizeof(*info));
	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: payload of %zu bytes", name, len);
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "out of memory");
	if (core_list_open(&v, l, &ce) < 0) {
		r = failed(name, &ce, e);
	} else {
		info->format = (enum diglim_format)l->format;
		info->type = (enum diglim_list_type)l->type;
		memcpy(info->name, l->name, sizeof(info->name));
		info->digests = entries_of(l);
	}
	free(l);
	return r;
}

/* core/rule.h has checked that it fits. */
static void copy_word(const struct core_view *v, const struct core_rule *r,
		      enum core_rule_words word, char *to)
{
	memcpy(to, v->data + v->start + r->word[word].off, r->word[word].len);
	to[r->word[word].len] = '\0';
}

static void fill_rule(const struct core_view *v, const struct core_rule *r, struct payload_rule *to)
{
	to->has = r->has;
	memcpy(to->key, r->key.byte, sizeof(to->key));
	to->key_len = r->key.len;
	to->mode = r->mode;
	to->window_s = r->window_s;
	memcpy(to->list, r->list, sizeof(to->list));
	to->use = r->use;
	to->epoch = r->epoch;
	copy_word(v, r, CORE_WORD_NAME, to->name);
	copy_word(v, r, CORE_WORD_PATH, to->path);
	copy_word(v, r, CORE_WORD_ARCH, to->arch);
	copy_word(v, r, CORE_WORD_VERSION, to->version);
	copy_word(v, r, CORE_WORD_RELEASE, to->release);
}

int payload_rules(const void *payload, size_t len, const char *name, payload_rule_fn fn, void *arg,
		  struct err *e)
{
	struct core_view v = {payload, 0, (uint32_t)len};
	struct payload_rule rule;
	struct core_err ce = {0};
	struct core_list *l;
	struct core_digest d;
	int r, stop = 0;

	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: payload of %zu bytes", name, len);
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "out of memory");
	r = core_list_open(&v, l, &ce);
	for (int more = !r; more && !stop; more = r > 0) {
		r = core_list_next(&v, l, &d, &ce);
		if (r == 3) {
			fill_rule(&v, &l->tlv.rule, &rule);
			stop = fn(&rule, arg);
		}
	}
	free(l);
	if (stop)
		return stop;
	return r < 0 ? failed(name, &ce, e) : 0;
}

/* Ends when there are @enough digests. */
static int check_files(const struct core_view *v, struct core_rpm *rpm, uint32_t enough,
		       uint32_t *digests, struct core_err *ce)
{
	struct core_digest d;
	int r = 1;

	if (core_rpm_open(v, rpm, ce) < 0)
		return -1;
	if (rpm->size != v->len)
		return core_fail(ce, v, DIGLIM_E_TRAILING, rpm->size);
	while (r > 0 && *digests < enough) {
		r = core_rpm_next(v, rpm, &d, ce);
		*digests += r == 1;
	}
	return r;
}

static int check_header(const void *header, size_t len, const char *name, uint32_t enough,
			uint32_t *digests, struct err *e)
{
	struct core_view v = {header, 0, (uint32_t)len};
	struct core_err ce = {0};
	struct core_rpm *rpm;
	uint32_t n = 0;
	int r;

	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "%s: header of %zu bytes", name, len);
	rpm = calloc(1, sizeof(*rpm));
	if (!rpm)
		return err_set(e, -ENOMEM, "out of memory");
	r = check_files(&v, rpm, enough, &n, &ce) < 0 ? failed(name, &ce, e) : 0;
	free(rpm);
	if (digests)
		*digests = n;
	return r;
}

int payload_check_header(const void *header, size_t len, const char *name, uint32_t *digests,
			 struct err *e)
{
	return check_header(header, len, name, UINT32_MAX, digests, e);
}

int payload_header_has_files(const void *header, size_t len, const char *name, struct err *e)
{
	uint32_t n = 0;
	int r = check_header(header, len, name, 1, &n, e);

	return r ? r : (int)n;
}

void payload_id(const void *payload, size_t len, uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	struct core_view v = {payload, 0, (uint32_t)len};

	core_listid(&v, id);
}

int payload_nevra(const void *payload, size_t len, char *ret, size_t size, struct err *e)
{
	struct core_view v = {payload, 0, (uint32_t)len};
	char name[DIGLIM_NAME_MAX];
	struct core_err ce = {0};
	struct core_rpm rpm = {0};

	if (len > UINT32_MAX / 2)
		return err_set(e, -EFBIG, "header of %zu bytes", len);
	if (core_rpm_index(&v, &rpm, &ce) < 0)
		return failed("header", &ce, e);
	if (!rpm.tag[CORE_RPM_NAME].count)
		return err_set(e, -DIGLIM_E_RPM_TAG, "header without a name");
	core_rpm_name(&v, &rpm, name);
	snprintf(ret, size, "%s", name);
	return 0;
}
