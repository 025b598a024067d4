/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "../../abi/error.h"
#include "../format/listfile.h"

/* A key that is there, but for lists of another kind, deserves a better word than "not there". */
static void explain_no_key(const struct listfile *lf, const struct keys *keys,
			   enum diglim_format format, struct lists_info *ret)
{
	enum keys_kind kind = keys_kind_for(format);
	enum keys_kind other = kind == KEYS_VENDOR ? KEYS_OWNER : KEYS_VENDOR;
	struct verify_info info;

	if (verify_describe(lf->sig, lf->sig_len, &keys->set[other], &info, NULL) || !info.signer)
		return;
	err_set(&ret->refused, ret->verdict,
		kind == KEYS_VENDOR
			? "signed by the owner's key of %s: RPM headers need a vendor key"
			: "signed by the vendor key of %s: vendor keys vouch for RPM headers only",
		info.signer->owner);
}

/* The limit itself is for the kernel to judge: it has the limits lists. */
static void check_restricted(struct lists_info *ret)
{
	ret->restricted = true;
	ret->verdict = 0;
	if (ret->payload.type == DIGLIM_LIST_ALLOW)
		return;
	ret->verdict = -DIGLIM_E_LIMIT;
	err_set(&ret->refused, ret->verdict, "a restricted key may not sign a list of type %s",
		payload_type_name(ret->payload.type));
}

static void check_signature(const struct listfile *lf, const struct keys *keys,
			    struct lists_info *ret)
{
	enum diglim_format format = ret->payload.format;
	const struct cert_set *set = &keys->set[keys_kind_for(format)];

	ret->verdict = verify_list(lf->payload, lf->payload_len, lf->sig, lf->sig_len, set,
				   &ret->sig, &ret->refused);
	if (!ret->verdict)
		return;
	if (ret->verdict == -DIGLIM_E_SIG_NO_KEY &&
	    !verify_list(lf->payload, lf->payload_len, lf->sig, lf->sig_len,
			 &keys->set[KEYS_RESTRICTED], &ret->sig, NULL)) {
		check_restricted(ret);
		return;
	}
	(void)verify_describe(lf->sig, lf->sig_len, set, &ret->sig, NULL);
	if (ret->verdict == -DIGLIM_E_SIG_NO_KEY)
		explain_no_key(lf, keys, format, ret);
}

static void set_name(const struct listfile *lf, struct lists_info *ret)
{
	if (ret->payload.format != DIGLIM_FORMAT_RPM ||
	    payload_nevra(lf->payload, lf->payload_len, ret->name, sizeof(ret->name), NULL))
		snprintf(ret->name, sizeof(ret->name), "%s", ret->payload.name);
	ret->time = lists_payload_time(lf->payload, lf->payload_len);
	ret->file_size = lf->data.len;
}

int lists_examine(const char *path, const struct keys *keys, struct lists_info *ret, payload_fn fn,
		  void *arg, struct err *e)
{
	struct listfile lf = {0};
	int r;

	memset(ret, 0, sizeof(*ret));
	r = listfile_read(path, &lf, e);
	if (!r)
		r = payload_walk(lf.payload, lf.payload_len, path, &ret->payload, fn, arg, e);
	if (!r) {
		set_name(&lf, ret);
		check_signature(&lf, keys, ret);
	}
	listfile_done(&lf);
	return r;
}

void lists_query_done(struct lists_query *q)
{
	while (q->hits) {
		struct lists_hit *next = q->hits->next;

		free(q->hits->list_path);
		free(q->hits->path);
		free(q->hits);
		q->hits = next;
	}
}

/* One pass over one list: hits of this list, not yet given to their queries. */
struct search {
	struct lists_query **sorted;
	size_t n;
	struct {
		struct lists_query *query;
		struct lists_hit *hit;
	} * found;
	size_t n_found;
};

static int by_digest(const void *a, const void *b)
{
	const struct lists_query *const *x = a, *const *y = b;

	return memcmp((*x)->digest, (*y)->digest, DIGLIM_DIGEST_SIZE);
}

static int find_digest(const void *key, const void *element)
{
	const struct lists_query *const *q = element;

	return memcmp(key, (*q)->digest, DIGLIM_DIGEST_SIZE);
}

static int remember(struct search *s, struct lists_query *q, const struct payload_entry *entry,
		    bool altered)
{
	void *found = realloc(s->found, (s->n_found + 1) * sizeof(*s->found));
	struct lists_hit *hit = calloc(1, sizeof(*hit));

	if (found)
		s->found = found;
	if (!found || !hit)
		goto fail;
	hit->use = entry->use;
	hit->altered = altered;
	hit->verity = entry->verity;
	if (entry->path && !(hit->path = strdup(entry->path)))
		goto fail;
	s->found[s->n_found].query = q;
	s->found[s->n_found++].hit = hit;
	return 0;
fail:
	free(hit);
	return -ENOMEM;
}

/* /bin/sh and /usr/bin/sh are one file on a system with merged directories. */
static const char *without_usr(const char *path)
{
	return strncmp(path, "/usr/", 5) == 0 ? path + 4 : path;
}

static int match_paths(struct search *s, const struct payload_entry *entry)
{
	const char *path = without_usr(entry->path);
	int r = 0;

	for (size_t i = 0; !r && i < s->n; i++)
		if (s->sorted[i]->path && s->sorted[i]->verity == entry->verity &&
		    strcmp(without_usr(s->sorted[i]->path), path) == 0 &&
		    find_digest(entry->digest, &s->sorted[i]))
			r = remember(s, s->sorted[i], entry, true);
	return r;
}

/* Queries may ask for one digest twice: all neighbours of the one that bsearch() hit. */
static int match(const struct payload_entry *entry, void *arg)
{
	struct search *s = arg;
	struct lists_query **at =
		bsearch(entry->digest, s->sorted, s->n, sizeof(*s->sorted), find_digest);
	int r = entry->path ? match_paths(s, entry) : 0;

	if (!at)
		return r;
	while (at > s->sorted && !find_digest(entry->digest, at - 1))
		at--;
	for (; !r && at < s->sorted + s->n && !find_digest(entry->digest, at); at++)
		r = remember(s, *at, entry, false);
	return r;
}

static void drop_found(struct search *s)
{
	for (size_t i = 0; i < s->n_found; i++) {
		free(s->found[i].hit->list_path);
		free(s->found[i].hit->path);
		free(s->found[i].hit);
	}
	s->n_found = 0;
}

static int rank(const struct lists_hit *hit)
{
	return (hit->altered ? 2 : 0) + (hit->info.verdict ? 1 : 0);
}

/* By rank; otherwise in loading order. */
static void give(struct lists_query *q, struct lists_hit *hit)
{
	struct lists_hit **at = &q->hits;

	while (*at && rank(*at) <= rank(hit))
		at = &(*at)->next;
	hit->next = *at;
	*at = hit;
}

void lists_query_merge(struct lists_query *to, struct lists_query *from)
{
	while (from->hits) {
		struct lists_hit *hit = from->hits;

		from->hits = hit->next;
		give(to, hit);
	}
}

static int give_found(struct search *s, const char *path, const struct lists_info *info)
{
	for (size_t i = 0; i < s->n_found; i++) {
		s->found[i].hit->info = *info;
		s->found[i].hit->list_path = strdup(path);
		if (!s->found[i].hit->list_path)
			return -ENOMEM;
	}
	for (size_t i = 0; i < s->n_found; i++)
		give(s->found[i].query, s->found[i].hit);
	s->n_found = 0;
	return 0;
}

static int search_file(struct search *s, const char *path, const struct keys *keys)
{
	struct lists_info info = {0};
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, NULL);

	if (!r)
		r = payload_walk(lf.payload, lf.payload_len, path, &info.payload, match, s, NULL);
	if (!r && s->n_found) {
		set_name(&lf, &info);
		check_signature(&lf, keys, &info);
		r = give_found(s, path, &info);
	}
	drop_found(s);
	listfile_done(&lf);
	return r;
}

int lists_find(const struct lists *l, const struct keys *keys, struct lists_query *queries,
	       size_t n, size_t *broken, void (*step)(size_t done, const char *path, void *arg),
	       void *arg, struct err *e)
{
	struct search s = {.n = n};
	size_t bad = 0;
	int r = 0;

	s.sorted = calloc(n ? n : 1, sizeof(*s.sorted));
	if (!s.sorted)
		return err_set(e, -ENOMEM, "no memory");
	for (size_t i = 0; i < n; i++)
		s.sorted[i] = &queries[i];
	qsort(s.sorted, n, sizeof(*s.sorted), by_digest);
	for (size_t i = 0; i < l->n && r != -ENOMEM; i++) {
		if (step)
			step(i, l->paths[i], arg);
		r = search_file(&s, l->paths[i], keys);
		bad += r != 0;
	}
	free(s.found);
	free(s.sorted);
	if (broken)
		*broken = bad;
	return r == -ENOMEM ? err_set(e, r, "no memory") : 0;
}
