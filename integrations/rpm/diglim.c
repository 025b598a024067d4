/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rpm's side of lib/sync/transaction.h: which package comes or goes, and when. rpm calls psm hooks
 * for every stage of a package (scriptlets of the transaction, files) and does not say which;
 * inside the root if there is one. tsm hooks are called outside.
 */
#include <stdlib.h>
#include <string.h>

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>

#include "judge.h"
#include "plugin-api.h"
#include "../../lib/pkgdb/rpmheader.h"
#include "../../lib/sync/transaction.h"

struct plugin {
	struct sync_txn *txn; /* NULL: nothing to do */
	struct judge_module judge;
	bool inside;
};

static void say(bool bad, const char *text, void *arg)
{
	(void)arg;
	rpmlog(bad ? RPMLOG_ERR : RPMLOG_WARNING, "diglim: %s\n", text);
}

static const struct judge *find_judge(void *arg, struct err *e)
{
	struct plugin *p = arg;

	return judge_module_load(&p->judge, e);
}

static rpmRC diglim_init(rpmPlugin plugin, rpmts ts)
{
	struct plugin *p = calloc(1, sizeof(*p));

	(void)ts;
	rpmPluginSetData(plugin, p);
	return p ? RPMRC_OK : RPMRC_FAIL;
}

static void diglim_cleanup(rpmPlugin plugin)
{
	struct plugin *p = rpmPluginGetData(plugin);

	if (p) {
		sync_txn_free(p->txn);
		judge_module_close(&p->judge);
	}
	free(p);
	rpmPluginSetData(plugin, NULL);
}

/* Triggers of what is installed may run at any stage. */
static void vouch_triggers(struct plugin *p, rpmts ts)
{
	rpmdbMatchIterator it = rpmtsInitIterator(ts, RPMDBI_PACKAGES, NULL, 0);
	Header h;

	while ((h = rpmdbNextIterator(it))) {
		struct rpmpkg pkg = {0};

		if (rpmheader_has_triggers(h) && !rpmheader_take(h, &pkg, NULL))
			sync_txn_vouch_scriptlets(p->txn, &pkg);
		rpmpkg_done(&pkg);
	}
	rpmdbFreeIterator(it);
}

static rpmRC diglim_tsm_pre(rpmPlugin plugin, rpmts ts)
{
	struct plugin *p = rpmPluginGetData(plugin);
	const char *root = rpmtsRootDir(ts);
	struct err e = {0};

	sync_txn_free(p->txn);
	p->txn = NULL;
	if (rpmtsFlags(ts) & (RPMTRANS_FLAG_TEST | RPMTRANS_FLAG_BUILD_PROBS))
		return RPMRC_OK;
	p->inside = root && strcmp(root, "/") != 0;
	judge_module_open(&p->judge);
	if (sync_txn_begin(&p->txn, p->inside ? root : NULL, say, find_judge, p, &e))
		say(true, e.text, NULL);
	if (p->txn && sync_txn_has_scriptlets(p->txn))
		vouch_triggers(p, ts);
	return RPMRC_OK;
}

/* Negative: not taken, said. */
static int take(rpmte te, struct rpmpkg *pkg)
{
	Header h = rpmteHeader(te);
	struct err e = {0};
	int r;

	if (!h)
		return -1;
	r = rpmheader_take(h, pkg, &e);
	headerFree(h);
	if (r)
		rpmlog(RPMLOG_WARNING, "diglim: %s: %s\n", pkg->name, e.text);
	return r;
}

/* The hook comes several times for a package, and to copy its header costs. */
static bool is_done(struct plugin *p, rpmte te)
{
	return rpmteType(te) == TR_ADDED ? sync_txn_has(p->txn, te)
					 : !sync_txn_has_scriptlets(p->txn);
}

static rpmRC diglim_psm_pre(rpmPlugin plugin, rpmte te)
{
	struct plugin *p = rpmPluginGetData(plugin);
	struct rpmpkg pkg = {0};
	rpmRC rc = RPMRC_OK;

	if (!p->txn || rpmteIsSource(te) || is_done(p, te))
		return RPMRC_OK;
	/* What has no signed header is not vouched for either: the owner's policy decides. */
	if (take(te, &pkg) && rpmteType(te) != TR_ADDED)
		rc = RPMRC_OK;
	else if (rpmteType(te) == TR_REMOVED)
		sync_txn_vouch_scriptlets(p->txn, &pkg);
	else if (rpmteType(te) == TR_ADDED && sync_txn_add(p->txn, te, &pkg, p->inside))
		rc = RPMRC_FAIL;
	rpmpkg_done(&pkg);
	return rc;
}

/* An element that was erased has no place in the database any more: its last scriptlet has run. */
static rpmRC diglim_psm_post(rpmPlugin plugin, rpmte te, int res)
{
	struct plugin *p = rpmPluginGetData(plugin);
	struct rpmpkg pkg = {0};

	if (!p->txn || rpmteType(te) != TR_REMOVED || res != RPMRC_OK || rpmteDBInstance(te))
		return RPMRC_OK;
	if (!take(te, &pkg))
		sync_txn_remove(p->txn, &pkg, p->inside);
	rpmpkg_done(&pkg);
	return RPMRC_OK;
}

static rpmRC diglim_tsm_post(rpmPlugin plugin, rpmts ts, int res)
{
	struct plugin *p = rpmPluginGetData(plugin);
	rpmtsi it;
	rpmte te;

	(void)res;
	if (!p->txn)
		return RPMRC_OK;
	it = rpmtsiInit(ts);
	while ((te = rpmtsiNext(it, TR_ADDED)))
		sync_txn_settle(p->txn, te, rpmteDBInstance(te) != 0, rpmteFailed(te) != 0);
	rpmtsiFree(it);
	sync_txn_end(p->txn);
	return RPMRC_OK;
}

__attribute__((visibility("default"))) struct rpmPluginHooks_s diglim_hooks = {
	.init = diglim_init,
	.cleanup = diglim_cleanup,
	.tsm_pre = diglim_tsm_pre,
	.tsm_post = diglim_tsm_post,
	.psm_pre = diglim_psm_pre,
	.psm_post = diglim_psm_post,
};
