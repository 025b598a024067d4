/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists follow dpkg's database: what it has no more goes from disk and kernel. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-aptsync.h"
#include "common-debscripts.h"
#include "common-kernel.h"
#include "common-vouch.h"
#include "../../abi/error.h"
#include "../../lib/format/listfile.h"
#include "../../lib/pkgdb/dpkgdb.h"

static int note(struct aptsync *s, const char *text)
{
	struct contents_file f = {.type = CONTENTS_OTHER};
	char path[DIGLIM_PATH_LONG + 1];

	snprintf(path, sizeof(path), "/%s", text);
	f.path = path;
	return contents_put(&s->present, &f, s->e);
}

/* Of what dpkg has not finished every version stays: it may go either way. */
static int do_package(const struct dpkg_status *p, void *arg)
{
	struct aptsync *s = arg;
	char name[DIGLIM_NAME_MAX];

	s->packages++;
	if (!strcmp(p->state, "not-installed") || !strcmp(p->state, "config-files"))
		return 0;
	if (strcmp(p->state, "installed") != 0)
		return note(s, p->name);
	deb_list_name(name, p->name, p->version, p->arch);
	return note(s, name);
}

bool aptsync_is_settled(const struct aptsync *s, const char *name)
{
	char path[DIGLIM_NAME_MAX + 1];
	size_t len;
	enum provenance p = provenance_of(name, &len);

	if (p != PROVENANCE_APT && p != PROVENANCE_DPKG && p != PROVENANCE_DPKG_MD5)
		return false;
	snprintf(path, sizeof(path), "/%.*s", (int)len, name);
	if (!contents_find(&s->present, path))
		return false;
	path[strcspn(path, "_")] = '\0';
	return !contents_find(&s->present, path);
}

/* Is the list of this name still needed? The lists of others are not ours to judge. */
static bool is_needed(const struct aptsync *s, const char *name)
{
	char path[DIGLIM_NAME_MAX + 1];
	size_t len, part;
	enum provenance p = provenance_of(name, &len);

	if (p == PROVENANCE_DPKG_SCRIPTS)
		return s->scripts.n || !s->scripts_known;
	if (p != PROVENANCE_APT && p != PROVENANCE_DPKG && p != PROVENANCE_DPKG_MD5)
		return true;
	snprintf(path, sizeof(path), "/%.*s", (int)len, name);
	if (contents_find(&s->present, path))
		return true;
	/* "+2", of a package that took several lists */
	part = strlen(path);
	while (part && strchr("0123456789", path[part - 1]))
		part--;
	if (part && path[part - 1] == '+') {
		path[part - 1] = '\0';
		if (contents_find(&s->present, path))
			return true;
	}
	path[strcspn(path, "_")] = '\0';
	return contents_find(&s->present, path) != NULL;
}

int aptsync_drop(struct aptsync *s, const char *path, const struct payload_info *info, bool keep)
{
	struct engine *g = keep ? NULL : s->j->engine;
	int r = g ? engine_list_remove(g, info->list_id, s->e) : 0;

	if (r && r != -DIGLIM_E_ABSENT && r != -ENOENT)
		return err_prefix(s->e, "%s", path);
	s->j->unloaded += g && !r;
	if (unlink(path) && errno != ENOENT)
		return err_set(s->e, -errno, "%s: %s", path, strerror(errno));
	out_object(s->j->c->out, NULL, NULL);
	out_str(s->j->c->out, "list", NULL, path);
	out_str(s->j->c->out, "name", NULL, info->name);
	out_str(s->j->c->out, "outcome", NULL, "removed");
	out_end(s->j->c->out);
	if (!s->j->maker.quiet)
		out_line(s->j->c->out, OUT_PLAIN, "[=]", "%s: removed, no longer installed",
			 info->name);
	return 0;
}

int aptsync_read(const char *path, struct payload_info *ret)
{
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, NULL);

	memset(ret, 0, sizeof(*ret));
	if (!r)
		r = payload_walk(lf.payload, lf.payload_len, path, ret, NULL, NULL, NULL);
	listfile_done(&lf);
	return r;
}

static int do_list(struct aptsync *s, const char *file)
{
	struct payload_info info;
	char path[PATH_MAX];

	if (strncmp(file, "tlv-", 4) ||
	    snprintf(path, sizeof(path), "%s/%s", s->dir, file) >= (int)sizeof(path))
		return 0;
	/* What is damaged, diglim verify names. */
	if (aptsync_read(path, &info) || is_needed(s, info.name))
		return 0;
	/* dpkg itself is gone? A crash, or a full disk, is likelier. */
	if (!s->packages)
		return err_set(s->e, -ENODATA,
			       "dpkg's database has no package, and yet there are lists of "
			       "packages in %s: nothing is deleted",
			       s->dir);
	return aptsync_drop(s, path, &info, false);
}

static int do_dir(struct aptsync *s)
{
	DIR *d = opendir(s->dir);
	const struct dirent *entry;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0
				       : err_set(s->e, -errno, "%s: %s", s->dir, strerror(errno));
	while (!r && (entry = readdir(d)))
		r = do_list(s, entry->d_name);
	closedir(d);
	return r;
}

static const char script_text[] =
	"%s: no list that is here has this script, and the owner's key does not sign what nobody "
	"vouched for: 'diglim sign' does, on your word";

/* A script that somebody vouches for now stays so; one of a package that nobody vouches for, not.
 */
static int choose_script(struct aptsync *s, struct vouch *v, const struct contents_file *f,
			 struct err *e)
{
	struct vouch_answer a;
	struct err why = {0};
	int r = vouch_ask(v, f->digest, &a, e);

	if (!r && vouch_reason(a.installed, f->use) == DIGLIM_REASON_VOUCHED)
		return contents_put(&s->scripts, f, e);
	if (r)
		return r;
	err_set(&why, -ENOKEY, script_text, f->path);
	maker_refuse(&s->j->maker, f->path, "unvouched", &why);
	return 0;
}

/* Before any list goes: the script of a package that was removed is in that package's list. */
static int choose_scripts(struct aptsync *s, struct err *e)
{
	struct contents all = {0};
	struct vouch v = {0};
	int r = debscripts_read(s->j->c, &all, e);

	if (!r && all.n && debscripts_is_listed(&s->j->maker, &all)) {
		s->scripts = all;
		return 0;
	}
	if (!r && all.n)
		r = vouch_open(&v, s->j->c, false, e);
	for (size_t i = 0; !r && i < all.n; i++)
		r = choose_script(s, &v, &all.files[i], e);
	vouch_done(&v);
	contents_done(&all);
	return r;
}

/* Are all scripts vouched for without a list of their own, by what the organisation ships? */
static bool is_vouched_elsewhere(struct aptsync *s)
{
	struct vouch v = {0};
	struct vouch_answer a;
	bool all = !vouch_open(&v, s->j->c, false, NULL);

	for (size_t i = 0; all && i < s->scripts.n; i++)
		all = !vouch_ask(&v, s->scripts.files[i].digest, &a, NULL) &&
		      vouch_reason(a.installed, s->scripts.files[i].use) == DIGLIM_REASON_VOUCHED;
	vouch_done(&v);
	return all;
}

/* Only here a key is needed. An exit status, or negative. */
static int list_scripts(struct aptsync *s)
{
	struct apt_job *j = s->j;
	struct err why = {0};
	int r;

	if (!s->scripts.n || debscripts_is_listed(&j->maker, &s->scripts))
		return EXIT_YES;
	if (!apt_has_key(j) && is_vouched_elsewhere(s))
		return EXIT_YES;
	r = apt_open_maker(j, &why);
	if (!r)
		r = debscripts_list(&j->maker, &s->scripts, &why);
	if (r)
		cli_say("%s: %s", DEBSCRIPTS_FILE, why.text);
	return r ? EXIT_NO : EXIT_YES;
}

/* What is gone goes first: neither a missing key nor trouble with scripts keeps it running. */
int apt_sync(struct apt_job *j, struct err *e)
{
	const char *root = j->c->places.root[0] ? j->c->places.root : NULL;
	struct aptsync s = {.j = j, .e = e};
	struct err why = {0};
	int r = dpkgdb_status(root, do_package, &s, e), status = EXIT_NO;
	size_t refused = 0;

	s.dir = j->maker.dir ? j->maker.dir : j->c->places.lists[PLACES_MADE];
	if (r)
		goto out;
	s.scripts_known = !choose_scripts(&s, &why);
	if (!s.scripts_known)
		cli_say("%s", why.text);
	r = do_dir(&s);
	if (!r)
		r = aptsync_builds(&s);
	if (!r) /* lists that a package has brought */
		r = apt_load_files(j, &refused, e);
	/* Scripts of removed packages stay until they are purged. */
	if (!r && s.scripts_known)
		status = list_scripts(&s) == EXIT_YES && !refused ? EXIT_YES : EXIT_NO;
out:
	maker_close(&j->maker);
	contents_done(&s.scripts);
	contents_done(&s.present);
	return r ? r : status;
}
