/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rpm_gen -d OUT [-r PACKAGE] [-p PREFIX]: lists by their earlier names, 0-file_list-rpm-NEVRA */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "legacy.h"

/* Takes a list to its place, or away if it was not asked for. */
static int place(const char *from, const char *file, const char *out, const char *prefix)
{
	char old[PATH_MAX], new[PATH_MAX];

	if (snprintf(old, sizeof(old), "%s/%s", from, file) >= (int)sizeof(old) ||
	    snprintf(new, sizeof(new), "%s/0-file_list-%s", out, file) >= (int)sizeof(new))
		return legacy_fail("%s: name too long", out);
	if (strncmp(file, "rpm-", 4) || strncmp(file + 4, prefix, strlen(prefix)))
		return unlink(old) ? legacy_fail("%s: %s", old, strerror(errno)) : LEGACY_DONE;
	if (!rename(old, new))
		return LEGACY_DONE;
	legacy_fail("%s: %s", new, strerror(errno));
	unlink(old);
	return LEGACY_TROUBLE;
}

static int place_all(const char *from, const char *out, const char *prefix)
{
	DIR *d = opendir(from);
	const struct dirent *entry;
	int r = d ? LEGACY_DONE : legacy_fail("%s: %s", from, strerror(errno));

	/* One that has no place does not keep the others from theirs. */
	while (d && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    place(from, entry->d_name, out, prefix))
			r = LEGACY_TROUBLE;
	if (d)
		closedir(d);
	return r;
}

int legacy_rpm_gen(int argc, char **argv)
{
	const char *out = NULL, *package = NULL, *prefix = "";
	char dir[PATH_MAX];
	int c, r, placed;

	while ((c = getopt(argc, argv, "d:r:p:h")) != -1) {
		if (c == 'd')
			out = optarg;
		else if (c == 'r')
			package = optarg;
		else if (c == 'p')
			prefix = optarg;
		else
			return printf("usage: rpm_gen -d DIR [-r PACKAGE] [-p PREFIX]\n"),
			       c == 'h' ? LEGACY_DONE : LEGACY_TROUBLE;
	}
	if (!out || optind < argc)
		return legacy_fail("rpm_gen: -d is needed; -h for help");
	mkdir(out, 0755);
	if (snprintf(dir, sizeof(dir), "%s/.rpm_gen.XXXXXX", out) >= (int)sizeof(dir) ||
	    !mkdtemp(dir))
		return legacy_fail("%s: %s", out, strerror(errno));
	r = package ? legacy_diglim((const char *const[]){"diglim", "import", "--quiet", "--output",
							  dir, "--", package, NULL})
		    : legacy_diglim((const char *const[]){"diglim", "import", "--quiet", "--rpmdb",
							  "--output", dir, NULL});
	placed = place_all(dir, out, prefix);
	rmdir(dir);
	return placed ? placed : r;
}
