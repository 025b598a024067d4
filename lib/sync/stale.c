/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stale.h"

enum { OLD_S = 60, RANDOM_LEN = 6 };

/* ".rpm-NAME.XXXXXX" or ".tlv-NAME.XXXXXX" */
static bool is_temporary(const char *name)
{
	const char *dot = strrchr(name, '.');

	return (!strncmp(name, ".rpm-", 5) || !strncmp(name, ".tlv-", 5)) && dot > name &&
	       strlen(dot + 1) == RANDOM_LEN;
}

size_t stale_delete(const char *dir)
{
	time_t now = time(NULL);
	const struct dirent *d;
	DIR *open = opendir(dir);
	size_t n = 0;

	while (open && (d = readdir(open))) {
		struct stat st;

		if (!is_temporary(d->d_name) ||
		    fstatat(dirfd(open), d->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode) || st.st_mtime > now - OLD_S)
			continue;
		n += !unlinkat(dirfd(open), d->d_name, 0);
	}
	if (open)
		closedir(open);
	return n;
}
