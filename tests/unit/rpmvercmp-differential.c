// SPDX-License-Identifier: GPL-2.0-only
/*
 * core/rpmvercmp.h against librpm's rpmvercmp(): over generated texts, and over every pair of the
 * versions and releases of the packages in $DIGLIM_TESTDATA.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rpm/rpmver.h>

#include "../../core/rpmvercmp.h"

#define SKIP	  77
#define GENERATED 3000000
#define TEXTS_MAX 4096

typedef char text[DIGLIM_EVR_PART_MAX];

static text texts[TEXTS_MAX];
static unsigned int n_texts;
static unsigned long compared, older, equal, differences;
static uint64_t seed = 0x6469676c696d;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static void compare(const char *a, const char *b)
{
	struct core_ver w;
	int ours = core_rpmvercmp(a, b, &w), theirs = rpmvercmp(a, b);

	compared++;
	older += theirs < 0;
	equal += !theirs;
	if (ours == theirs)
		return;
	if (differences++ < 20)
		printf("'%s' and '%s': %d, librpm says %d\n", a, b, ours, theirs);
}

/* Few characters, so that texts agree for a while; at times all that there are. */
static void generate(text to)
{
	static const char few[] = "0012aaB..~^-";
	uint32_t len = rnd(8) ? rnd(9) : rnd(DIGLIM_EVR_PART_MAX), any = !rnd(16);

	memset(to, 0, DIGLIM_EVR_PART_MAX);
	for (uint32_t i = 0; i < len; i++)
		to[i] = any ? (char)(1 + rnd(255)) : few[rnd(sizeof(few) - 1)];
}

/* One change to a copy, or another text. */
static void variant(const text a, text b)
{
	static const char any[] = "0019azAZ.~^+_";
	size_t len = strlen(a);

	memcpy(b, a, DIGLIM_EVR_PART_MAX);
	switch (rnd(4)) {
	case 0:
		generate(b);
		break;
	case 1:
		if (len)
			b[rnd((uint32_t)len)] = any[rnd(sizeof(any) - 1)];
		break;
	case 2:
		b[rnd((uint32_t)len + 1)] = '\0';
		break;
	default:
		if (len + 1 < DIGLIM_EVR_PART_MAX)
			b[len] = any[rnd(sizeof(any) - 1)];
	}
}

static void keep(const char *from, size_t len)
{
	if (!len || len >= DIGLIM_EVR_PART_MAX || n_texts == TEXTS_MAX)
		return;
	memcpy(texts[n_texts], from, len);
	texts[n_texts][len] = '\0';
	for (unsigned int i = 0; i < n_texts; i++)
		if (!strcmp(texts[i], texts[n_texts]))
			return;
	n_texts++;
}

/* NAME-VERSION-RELEASE.ARCH.SUFFIX */
static void keep_parts(const char *path)
{
	const char *base = strrchr(path, '/'), *release, *version, *end;

	base = base ? base + 1 : path;
	release = strrchr(base, '-');
	if (!release || release == base)
		return;
	for (version = release - 1; version > base && *version != '-'; version--)
		;
	end = release + strlen(release);
	for (int dots = 0; end > release && dots < 2; end--)
		dots += end[-1] == '.';
	keep(version + 1, (size_t)(release - version - 1));
	if (end > release)
		keep(release + 1, (size_t)(end - release - 1));
}

static int on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char cmd[4096], line[512];
	FILE *p;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	keep_parts(path);
	if (!strstr(path, ".tar.xz"))
		return 0;
	snprintf(cmd, sizeof(cmd), "tar -tJf '%s'", path);
	p = popen(cmd, "r");
	while (p && fgets(line, sizeof(line), p)) {
		line[strcspn(line, "\n")] = '\0';
		keep_parts(line);
	}
	return p ? pclose(p) : 0;
}

int main(void)
{
	const char *testdata = getenv("DIGLIM_TESTDATA");
	text a, b;

	for (int i = 0; i < GENERATED; i++) {
		generate(a);
		variant(a, b);
		compare(a, b);
	}
	if (testdata && !access(testdata, R_OK) && !nftw(testdata, on_file, 16, FTW_PHYS))
		for (unsigned int i = 0; i < n_texts; i++)
			for (unsigned int j = 0; j < n_texts; j++)
				compare(texts[i], texts[j]);
	printf("%lu comparisons, %lu older, %lu equal, %u texts of packages, %lu differences\n",
	       compared, older, equal, n_texts, differences);
	if (differences || !older || !equal)
		return 1;
	if (!n_texts)
		printf("SKIP: no packages: DIGLIM_TESTDATA is unset or names no directory\n");
	return n_texts ? 0 : SKIP;
}
