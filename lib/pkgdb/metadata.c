/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../base/root.h"
#include "metadata.h"

#define LABEL "security.selinux"

struct walk {
	metadata_fn fn;
	void *arg;
};

static int do_legacy(const struct legacy_entry *entry, void *arg)
{
	struct walk *w = arg;
	struct metadata m = {
		.path = entry->path,
		.has_uid = entry->has_owner,
		.has_gid = entry->has_owner,
		.has_mode = entry->has_owner,
		.uid = entry->uid,
		.gid = entry->gid,
		.mode = entry->mode,
		.label = entry->label[0] ? entry->label : NULL,
		.caps = entry->caps[0] ? entry->caps : NULL,
	};

	return entry->path[0] ? w->fn(&m, w->arg) : 0;
}

int metadata_walk_legacy(const void *payload, size_t len, const char *name, metadata_fn fn,
			 void *arg, struct err *e)
{
	struct walk w = {fn, arg};

	return legacy_walk(payload, len, name, LEGACY_METADATA, do_legacy, &w, e);
}

/* A file that is looked at but not opened: neither devices nor readers notice. */
struct look {
	int fd;
	struct stat st;
	char proc[64]; /* extended attributes are read through this */
};

static int look_at(const char *root, const char *path, struct look *l, struct err *e)
{
	l->fd = root_open(root, path, O_PATH | O_NOFOLLOW, e);
	if (l->fd < 0)
		return l->fd;
	snprintf(l->proc, sizeof(l->proc), "/proc/self/fd/%d", l->fd);
	if (!fstat(l->fd, &l->st))
		return 0;
	close(l->fd);
	return err_set(e, -errno, "%s: %s", path, strerror(errno));
}

/* NULL with errno ENODATA or ENOTSUP: there are none. */
static cap_t caps_of(const struct look *l)
{
	if (S_ISREG(l->st.st_mode))
		return cap_get_file(l->proc);
	errno = ENODATA;
	return NULL;
}

static bool is_none(int code)
{
	return code == ENODATA || code == ENOTSUP;
}

/* "": no label. */
static int label_of(const struct look *l, char *ret, size_t size)
{
	ssize_t n = getxattr(l->proc, LABEL, ret, size - 1);

	if (n < 0 && !is_none(errno))
		return -errno;
	ret[n < 0 ? 0 : n] = '\0';
	return 0;
}

/* @id of a name in /etc/passwd or /etc/group of that system; root is 0 everywhere, as for rpm. */
static int find_id(const char *root, bool group, const char *name, uint32_t *id)
{
	const char *path = group ? "/etc/group" : "/etc/passwd";
	struct stat st;
	FILE *f = NULL;
	int fd, found = 0;

	*id = 0;
	if (!strcmp(name, "root"))
		return 1;
	fd = root_open_regular(root, path, &st, NULL);
	if (fd >= 0 && !(f = fdopen(fd, "r")))
		close(fd);
	while (f && !found) {
		const struct passwd *u = group ? NULL : fgetpwent(f);
		const struct group *g = group ? fgetgrent(f) : NULL;

		if (!u && !g)
			break;
		found = !strcmp(u ? u->pw_name : g->gr_name, name);
		if (found)
			*id = u ? u->pw_uid : g->gr_gid;
	}
	if (f)
		fclose(f);
	return found;
}

/* Appends to the line, with a comma if it is not the first; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void note(char why[METADATA_WHY_MAX], const char *fmt,
						       ...)
{
	size_t n = strlen(why);
	va_list ap;

	if (n)
		n += (size_t)snprintf(why + n, METADATA_WHY_MAX - n, ", ");
	if (n >= METADATA_WHY_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(why + n, METADATA_WHY_MAX - n, fmt, ap);
	va_end(ap);
}

static void compare_id(const char *root, bool group, uint32_t has, const char *name, uint32_t id,
		       char why[METADATA_WHY_MAX])
{
	const char *what = group ? "group" : "owner";

	if (name && !find_id(root, group, name, &id))
		note(why, "%s %u, listed %s, which is not known here", what, has, name);
	else if (has != id && name)
		note(why, "%s %u, listed %s (%u)", what, has, name, id);
	else if (has != id)
		note(why, "%s %u, listed %u", what, has, id);
}

/* Links have no mode of their own. */
static void compare_mode(const struct look *l, uint32_t mode, char why[METADATA_WHY_MAX])
{
	uint32_t has = l->st.st_mode;

	if (mode & S_IFMT && (mode & S_IFMT) != (has & S_IFMT))
		note(why, "another kind of file (%06o), listed %06o", has & S_IFMT, mode & S_IFMT);
	else if (!S_ISLNK(has) && (has & 07777) != (mode & 07777))
		note(why, "mode %04o, listed %04o", has & 07777, mode & 07777);
}

static int compare_caps(const struct look *l, const char *text, char why[METADATA_WHY_MAX],
			struct err *e)
{
	cap_t has = caps_of(l), want;
	char *shown;

	if (!has && !is_none(errno))
		return err_set(e, -errno, "capabilities: %s", strerror(errno));
	has = has ? has : cap_init();
	want = cap_from_text(*text ? text : "=");
	shown = has ? cap_to_text(has, NULL) : NULL;
	if (!want)
		note(why, "capabilities of the list are not understood: %s", text);
	else if (has && cap_compare(has, want))
		note(why, "capabilities %s, listed %s",
		     shown && *shown && strcmp(shown, "=") != 0 ? shown : "none",
		     *text && strcmp(text, "=") != 0 ? text : "none");
	cap_free(shown);
	cap_free(want);
	cap_free(has);
	return has ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int compare_label(const struct look *l, const char *label, char why[METADATA_WHY_MAX],
			 struct err *e)
{
	char has[256];
	int r = label_of(l, has, sizeof(has));

	if (r)
		return err_set(e, r, "SELinux label: %s", strerror(-r));
	if (strcmp(has, label) != 0)
		note(why, "label %s, listed %s", *has ? has : "none", label);
	return 0;
}

int metadata_compare(const char *root, const struct metadata *m, char why[METADATA_WHY_MAX],
		     struct err *e)
{
	struct look l;
	int r = look_at(root, m->path, &l, e);

	why[0] = '\0';
	if (r)
		return r;
	if (m->has_uid)
		compare_id(root, false, l.st.st_uid, m->user, m->uid, why);
	if (m->has_gid)
		compare_id(root, true, l.st.st_gid, m->group, m->gid, why);
	if (m->has_mode)
		compare_mode(&l, m->mode, why);
	if (m->caps)
		r = compare_caps(&l, m->caps, why, e);
	if (!r && m->label)
		r = compare_label(&l, m->label, why, e);
	close(l.fd);
	return r ? r : why[0] != '\0';
}

static int take_caps(const struct look *l, struct legacy_entry *ret, struct err *e)
{
	cap_t caps = caps_of(l);
	char *text;

	if (!caps && !is_none(errno))
		return err_set(e, -errno, "%s: capabilities: %s", ret->path, strerror(errno));
	text = caps ? cap_to_text(caps, NULL) : NULL;
	snprintf(ret->caps, sizeof(ret->caps), "%s", text && *text ? text : "=");
	cap_free(text);
	cap_free(caps);
	return 0;
}

int metadata_take(const char *root, const char *path, struct legacy_entry *ret, struct err *e)
{
	struct look l;
	int r = look_at(root, path, &l, e);

	if (r)
		return r;
	*ret = (struct legacy_entry){.type = LEGACY_METADATA, .has_owner = true};
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	ret->uid = l.st.st_uid;
	ret->gid = l.st.st_gid;
	ret->mode = l.st.st_mode;
	r = take_caps(&l, ret, e);
	if (!r)
		r = label_of(&l, ret->label, sizeof(ret->label));
	close(l.fd);
	return r && !e->code ? err_set(e, r, "%s: SELinux label: %s", path, strerror(-r)) : r;
}
