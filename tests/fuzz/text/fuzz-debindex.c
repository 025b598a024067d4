/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packages files: no path leads out of the archive. */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/pkgdb/debindex.h"

static void check_path(const char *path)
{
	char framed[DIGLIM_PATH_LONG + 2];

	ORACLE(path[0] && path[0] != '/' && strlen(path) < DIGLIM_PATH_LONG);
	strcpy(framed, "/");
	strcat(framed, path);
	ORACLE(!strstr(framed, "/../") && strcmp(framed + strlen(framed) - 1, "/"));
}

static int check_package(const struct debindex_package *p, void *arg)
{
	check_path(p->path);
	return 0;
}

static int check_file(const struct debindex_file *f, void *arg)
{
	check_path(f->path);
	(void)debindex_is_packages(f->path, f->size & 1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct debindex_release release = {0};
	struct err e = {0};
	struct deb822 d;
	int r = debindex_packages(data, size, "input", check_package, NULL, &e);

	ORACLE(r <= 0 && (!r || e.text[0]));
	deb822_open(&d, data, size, "input");
	if (deb822_next(&d, &release.fields, &e) > 0)
		ORACLE(!debindex_files(&release, check_file, NULL));
	return 0;
}
