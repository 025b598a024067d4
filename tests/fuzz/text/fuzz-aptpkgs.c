/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What apt says before it installs: only absolute paths come out. */
#include <string.h>

#include "../../../abi/limits.h"
#include "../core/oracle.h"
#include "../../../lib/format/aptpkgs.h"

static int check(const char *path, void *arg)
{
	ORACLE(path[0] == '/' && strlen(path) < DIGLIM_PATH_LONG && !strchr(path, '\n'));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {0};

	if (aptpkgs_read(data, size, check, NULL, &e))
		ORACLE(strstr(e.text, "line "));
	return 0;
}
