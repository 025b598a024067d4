/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maintainer scripts that dpkg keeps: it runs them when a package goes or is replaced. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-debscripts.h"
#include "../../abi/use.h"
#include "../../lib/base/root.h"
#include "../../lib/crypto/digest.h"

static bool is_script(const char *name)
{
	static const char *const ends[] = {".preinst", ".postinst", ".prerm", ".postrm", ".config"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (len > strlen(ends[i]) && !strcmp(name + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

static int add_script(const char *root, const char *path, struct contents *c, struct err *e)
{
	struct contents_file f = {.type = CONTENTS_FILE, .use = DIGLIM_USE_EXEC};
	struct stat st;
	int fd = root_open_regular(root, path, &st, e), r;

	if (fd < 0)
		return fd;
	f.path = (char *)path;
	f.kind = FILE_KIND_SCRIPT;
	r = digest_fd(fd, path, f.digest, NULL, e);
	close(fd);
	return r ? r : contents_put(c, &f, e);
}

int debscripts_read(const struct cli *cli, struct contents *c, struct err *e)
{
	static const char dir[] = "/var/lib/dpkg/info";
	const char *root = cli->places.root[0] ? cli->places.root : NULL;
	int fd = root_open(root, dir, O_RDONLY | O_DIRECTORY, e), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[PATH_MAX];

	if (!d) {
		if (fd >= 0)
			close(fd);
		return fd < 0 ? fd : err_set(e, -ENOMEM, "out of memory");
	}
	while (!r && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (is_script(entry->d_name))
			r = add_script(root, path, c, e);
	}
	closedir(d);
	return r;
}

bool debscripts_is_listed(const struct maker *m, const struct contents *c)
{
	char list[PATH_MAX + 32];

	snprintf(list, sizeof(list), "%s/" DEBSCRIPTS_FILE,
		 m->dir ? m->dir : m->c->places.lists[PLACES_MADE]);
	return maker_is_same(m, list, c);
}

int debscripts_list(struct maker *m, const struct contents *c, struct err *e)
{
	if (!c->n || debscripts_is_listed(m, c))
		return 0;
	return maker_contents(m, "maintainer scripts", DEBSCRIPTS_FILE, PROVENANCE_DPKG_SCRIPTS, c,
			      e);
}
