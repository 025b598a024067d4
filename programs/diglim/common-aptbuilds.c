/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A local rebuild may have the name and version of what is installed. dpkg does not tell them
 * apart, and may fail between the two: the installed files tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-aptsync.h"
#include "../../lib/base/root.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/format/listfile.h"
#include "../../lib/policy/lists.h"

struct build {
	const char *root;
	size_t same; /* files that are installed as the list has them */
};

void apt_build_file(const char *file, unsigned int n, char ret[NAME_MAX + 1])
{
	snprintf(ret, NAME_MAX + 1, n > 1 ? "%.200s~%u" : "%.200s", file, n);
}

/* Path of a part of a list: of large packages there are "FILE+2" and so on. */
static void part_path(const struct aptsync *s, const char *file, unsigned int build,
		      unsigned int part, char ret[PATH_MAX])
{
	char name[NAME_MAX + 1];

	apt_build_file(file, build, name);
	snprintf(ret, PATH_MAX, part > 1 ? "%s/%s+%u" : "%s/%s", s->dir, name, part);
}

static int compare(const struct payload_entry *entry, void *arg)
{
	struct build *b = arg;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	struct stat st;
	int fd = entry->path ? root_open_regular(b->root, entry->path, &st, NULL) : -1;

	if (fd < 0)
		return 0;
	if (!digest_fd(fd, entry->path, digest, NULL, NULL))
		b->same += !memcmp(digest, entry->digest, sizeof(digest));
	close(fd);
	return 0;
}

/* All parts; false if there is no list of the hooks that says so. */
static bool look_at(const struct aptsync *s, const char *file, unsigned int n, struct build *b)
{
	struct payload_info info = {0};
	char path[PATH_MAX];

	b->same = 0;
	for (unsigned int part = 1;; part++) {
		struct listfile lf = {0};
		bool good;

		part_path(s, file, n, part, path);
		if (aptsync_read(path, &info) || (part == 1 && !aptsync_is_settled(s, info.name)))
			return part > 1;
		good = !listfile_read(path, &lf, NULL) &&
		       !payload_walk(lf.payload, lf.payload_len, path, NULL, compare, b, NULL);
		listfile_done(&lf);
		if (!good)
			return part > 1;
	}
}

/* The same list twice has one identity in the kernel. */
static int drop_build(struct aptsync *s, const char *file, unsigned int n, unsigned int winner)
{
	struct payload_info info, other;
	char path[PATH_MAX], kept[PATH_MAX];
	int r = 0;

	for (unsigned int part = 1; !r; part++) {
		part_path(s, file, n, part, path);
		part_path(s, file, winner, part, kept);
		if (aptsync_read(path, &info))
			break;
		r = aptsync_drop(s, path, &info,
				 !aptsync_read(kept, &other) && !memcmp(info.list_id, other.list_id,
									sizeof(info.list_id)));
	}
	return r;
}

static int rename_build(struct aptsync *s, const char *file, unsigned int n)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (unsigned int part = 1; n > 1; part++) {
		part_path(s, file, n, part, from);
		part_path(s, file, 1, part, to);
		if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
			continue;
		/* a list of somebody else's has the name: it stays as it is */
		if (errno == ENOENT || errno == EEXIST)
			break;
		return err_set(s->e, -errno, "%s: %s", from, strerror(errno));
	}
	return 0;
}

static int settle(struct aptsync *s, const char *file)
{
	struct build b = {.root = s->j->c->places.root[0] ? s->j->c->places.root : NULL};
	bool there[APT_BUILDS_MAX + 1] = {false};
	unsigned int winner = 0;
	size_t best = 0;
	int r = 0;

	for (unsigned int n = 1; n <= APT_BUILDS_MAX; n++) {
		there[n] = look_at(s, file, n, &b);
		if (there[n] && (!winner || b.same >= best)) {
			winner = n;
			best = b.same;
		}
	}
	for (unsigned int n = 1; !r && n <= APT_BUILDS_MAX; n++)
		if (there[n] && n != winner)
			r = drop_build(s, file, n, winner);
	return r ? r : rename_build(s, file, winner);
}

int aptsync_builds(struct aptsync *s)
{
	struct lists l = {0};
	int r = lists_add(&l, s->dir, s->e);

	if (r == -ENOENT) {
		s->e->code = 0;
		r = 0;
	}
	for (size_t i = 0; !r && i < l.n; i++) {
		char *name = strrchr(l.paths[i], '/') + 1, *mark = strrchr(name, '~');

		if (strncmp(name, "tlv-", 4) || !mark || !mark[1] ||
		    mark[1 + strspn(mark + 1, "0123456789")])
			continue;
		*mark = '\0';
		r = settle(s, name);
	}
	lists_done(&l);
	return r;
}
