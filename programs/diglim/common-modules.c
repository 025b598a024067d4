/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-modules.h"
#include "../../lib/base/root.h"

void modules_done(struct modules *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->names[i]);
	free(m->names);
	*m = (struct modules){0};
}

static int add(struct modules *m, const char *name)
{
	char **names = reallocarray(m->names, m->n + 1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	m->names = names;
	names[m->n] = strdup(name);
	return names[m->n++] ? 0 : -ENOMEM;
}

int modules_loaded(struct modules *m, struct err *e)
{
	FILE *f = fopen("/proc/modules", "re");
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!f)
		return errno == ENOENT ? 0
				       : err_set(e, -errno, "/proc/modules: %s", strerror(errno));
	while (!r && getline(&line, &size, f) > 0) {
		line[strcspn(line, " \n")] = '\0';
		r = add(m, line);
	}
	free(line);
	fclose(f);
	return r ? err_set(e, r, "no memory") : 0;
}

/* "/lib/modules/…/snd-pcm.ko.xz" is "snd_pcm". */
static bool is_named(const char *path, const char *name)
{
	const char *base = strrchr(path, '/'), *p = base ? base + 1 : path;

	while (*name && (*p == *name || (*p == '-' && *name == '_'))) {
		p++;
		name++;
	}
	return !*name && !strncmp(p, ".ko", 3);
}

bool modules_has(const struct modules *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (is_named(path, m->names[i]))
			return true;
	return false;
}

/* "kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz …"; old ones have absolute paths. */
static int do_line(const char *release, char *line, modules_fn fn, void *arg)
{
	char path[PATH_MAX];

	line[strcspn(line, ":\n")] = '\0';
	if (!*line)
		return 0;
	if (*line == '/')
		return fn(line, arg);
	if (snprintf(path, sizeof(path), "/lib/modules/%s/%s", release, line) >= (int)sizeof(path))
		return 0;
	return fn(path, arg);
}

int modules_dep(const char *root, const char *release, modules_fn fn, void *arg, struct err *e)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	struct stat st;
	FILE *f;
	int fd, r = 0;

	snprintf(path, sizeof(path), "/lib/modules/%.255s/modules.dep", release);
	fd = root_open_regular(root, path, &st, e);
	if (fd < 0)
		return fd;
	f = fdopen(fd, "re");
	if (!f) {
		close(fd);
		return err_set(e, -ENOMEM, "no memory");
	}
	while (!r && getline(&line, &size, f) > 0)
		r = do_line(release, line, fn, arg);
	free(line);
	fclose(f);
	return r;
}
