/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sync.h"

const char *sync_what_name(enum sync_what what)
{
	static const char *const names[SYNC_WHATS] = {"written",  "deleted",   "loaded",
						      "unloaded", "unvouched", "refused"};

	return names[what];
}
