/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "load.h"
#include "../../abi/error.h"
#include "../format/payload.h"

/* What the owner's own lists forbid, only they can allow. */
static void add_rule_remedy(int code, const struct err *plain, struct err *e)
{
	static const struct {
		int code;
		const char *remedy;
	} remedies[] = {
		{DIGLIM_E_SEALED, "only 'diglim control' with an owner's key changes it now"},
		{DIGLIM_E_ROLLBACK, "'diglim floor --lower' permits an older version"},
		{DIGLIM_E_LIMIT, "'diglim key limit' says what it may vouch for"},
		{DIGLIM_E_REPLAY, "make a new one with 'diglim control new' on this machine"},
		{DIGLIM_E_DENIED, "'diglim status --lists' names the deny lists"},
		{DIGLIM_E_RULES_FULL, "unload limits or floor lists, or raise max-lists in [store] "
				      "of diglim.conf and attach again"},
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (remedies[i].code == -code)
			err_set(e, code, "%s: %s", plain->text, remedies[i].remedy);
}

/* Errors whose remedy is not obvious from their name. */
static void add_remedy(struct engine *g, int code, size_t len, uint32_t digests, struct err *e)
{
	struct engine_status s;
	struct err plain = *e;

	if (engine_status_get(g, &s, NULL))
		return;
	if (code == -DIGLIM_E_TOO_LARGE)
		err_set(e, code,
			"the list takes %zu bytes, the ingest buffer %u: raise buffer in [ingest] "
			"of diglim.conf and attach again",
			len, s.ingest_buffer);
	else if (code == -DIGLIM_E_FULL)
		err_set(e, code,
			"%u digests do not fit into the store (%llu of %u are taken): raise "
			"headroom in [store] of diglim.conf and attach again",
			digests, (unsigned long long)s.state.digests, s.store_limit);
	else if (code == -DIGLIM_E_LISTS_FULL)
		err_set(e, code,
			"%u lists are loaded, no more fit: raise max-lists in [store] of "
			"diglim.conf and attach again",
			s.max_lists);
	else if (code == -DIGLIM_E_SIG_NO_KEY)
		err_set(e, code, "%s: 'diglim key add' adds it once you trust it", plain.text);
	else if (code == -DIGLIM_E_NO_KEYRING)
		err_set(e, code, "%s: detach and attach again", plain.text);
	else if (code == -DIGLIM_E_SIG_NO_ALGO)
		err_set(e, code,
			"%s: load the kernel module of the hash, for instance 'modprobe "
			"sha512_generic'",
			plain.text);
	else
		add_rule_remedy(code, &plain, e);
}

/*
 * The kernel judges; our own look at the payload only gives its name, and where the damage is if
 * the kernel found one.
 */
int sync_load(struct engine *g, const char *path, const struct listfile *lf,
	      char name[DIGLIM_NAME_MAX], struct err *e)
{
	struct payload_info info = {0};
	struct err damage = {0};
	int r = engine_list_add(g, lf->payload, lf->payload_len, lf->sig, lf->sig_len, e);

	if (r || name)
		(void)payload_walk(lf->payload, lf->payload_len, path, &info, NULL, NULL, &damage);
	if (name)
		snprintf(name, DIGLIM_NAME_MAX, "%s", info.name);
	if (!r || r == -DIGLIM_E_EXISTS)
		return r;
	if (damage.code == r) {
		*e = damage;
		return r;
	}
	add_remedy(g, r, lf->payload_len + lf->sig_len, info.digests, e);
	err_prefix(e, "%s", path);
	return r;
}

int sync_load_file(struct engine *g, const char *path, char name[DIGLIM_NAME_MAX], struct err *e)
{
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, e);

	if (!r)
		r = sync_load(g, path, &lf, name, e);
	listfile_done(&lf);
	return r;
}
