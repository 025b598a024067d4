/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/sync/judge.h for the plugin, in a module of its own: all that needs OpenSSL. */
#include "judge.h"

static const struct judge judge = {
	.version = DIGLIM_VERSION,
	.size = sizeof(judge),
	.keys_read = keys_read,
	.keys_done = keys_done,
	.import = import_rpm,
	.scriptlets_open = scriptlets_open,
	.scriptlets_vouch = scriptlets_vouch,
	.scriptlets_close = scriptlets_close,
};

__attribute__((visibility("default"))) const struct judge *diglim_judge(void)
{
	return &judge;
}
