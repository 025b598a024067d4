/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Real packages and keys, which are not part of the project. */
#ifndef DIGLIM_TEST_TESTDATA_H
#define DIGLIM_TEST_TESTDATA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folder; a test without it is skipped with its reason (exit status 77). */
static inline const char *testdata_dir(void)
{
	const char *dir = getenv("DIGLIM_TESTDATA");
	struct stat st;

	if (!dir)
		dir = "../shared/testdata";
	if (stat(dir, &st) < 0) {
		printf("SKIP: no real packages and keys in %s (set DIGLIM_TESTDATA)\n", dir);
		exit(77);
	}
	return dir;
}

/* Path in that folder; several are valid at a time. */
static inline const char *testdata_path(const char *name)
{
	static char paths[8][1024];
	static int next;
	char *p = paths[next++ % 8];

	snprintf(p, sizeof(paths[0]), "%s/%s", testdata_dir(), name);
	return p;
}

/* A fresh directory; the caller removes it with temp_dir_remove(). */
static inline char *temp_dir(void)
{
	char name[] = "/tmp/diglim-test.XXXXXX";

	return mkdtemp(name) ? strdup(name) : NULL;
}

static inline void temp_dir_remove(char *dir)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd))
		printf("%s: not removed\n", dir);
	free(dir);
}

#endif
