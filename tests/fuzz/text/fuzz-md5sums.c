/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line of dpkg's MD5 digests: the path is absolute, clean, and leads nowhere else. */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/pkgdb/dpkgdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t md5[DIGEST_MD5_SIZE];
	char path[DIGLIM_PATH_LONG];

	if (!dpkgdb_md5_line((const char *)data, size, md5, path))
		return 0;
	ORACLE(path[0] == '/' && strlen(path) < sizeof(path));
	ORACLE(!strstr(path, "//") && !strstr(path, "/../") && !strstr(path, "/./"));
	return 0;
}
