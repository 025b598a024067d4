/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part of rpm's plugin interface that we use. Own declarations, since not every distribution
 * ships rpm/rpmplugin.h; the order of the hooks is the ABI. Compared with rpm 4.18.0, 4.19.1,
 * 4.20.1, 6.0.1 and 6.1.0-rc2: one and the same in all of them.
 */
#ifndef DIGLIM_RPM_PLUGIN_API_H
#define DIGLIM_RPM_PLUGIN_API_H

#include <rpm/rpmtypes.h>
#include <sys/types.h>

typedef rpmRC (*plugin_init_fn)(rpmPlugin plugin, rpmts ts);
typedef void (*plugin_cleanup_fn)(rpmPlugin plugin);
typedef rpmRC (*plugin_tsm_pre_fn)(rpmPlugin plugin, rpmts ts);
typedef rpmRC (*plugin_tsm_post_fn)(rpmPlugin plugin, rpmts ts, int res);
typedef rpmRC (*plugin_psm_pre_fn)(rpmPlugin plugin, rpmte te);
typedef rpmRC (*plugin_psm_post_fn)(rpmPlugin plugin, rpmte te, int res);
typedef void (*plugin_unused_fn)(void);

/* rpm looks for the symbol NAME_hooks, NAME being that of the macro __transaction_NAME. */
struct rpmPluginHooks_s {
	plugin_init_fn init;
	plugin_cleanup_fn cleanup;
	plugin_tsm_pre_fn tsm_pre;
	plugin_tsm_post_fn tsm_post;
	plugin_psm_pre_fn psm_pre;
	plugin_psm_post_fn psm_post;
	plugin_unused_fn scriptlet_pre;
	plugin_unused_fn scriptlet_fork_post;
	plugin_unused_fn scriptlet_post;
	plugin_unused_fn fsm_file_pre;
	plugin_unused_fn fsm_file_post;
	plugin_unused_fn fsm_file_prepare;
};

extern struct rpmPluginHooks_s diglim_hooks;

void rpmPluginSetData(rpmPlugin plugin, void *data);
void *rpmPluginGetData(rpmPlugin plugin);

#endif
