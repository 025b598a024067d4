/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Before packages are unpacked: all are judged, then lists are made of all or of none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-aptsync.h"
#include "../../abi/use.h"
#include "../../lib/base/io.h"
#include "../../lib/base/snapshot.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/policy/cover.h"

enum verdict {
	VERDICT_LEAVE = 0,
	VERDICT_INSTALLED, /* installed lists vouch for all of it */
	VERDICT_EMPTY,	   /* nothing in it that could be run or loaded */
	VERDICT_MAKE,	   /* a list */
};

/* A package with what is known of it; ->deb is read. */
struct prepared {
	struct deb deb;
	bool read;
	enum verdict verdict;
	enum provenance how;
};

/* Lists that do not go with a package of dpkg's: of the owner, and those that were shipped. */
struct installed {
	struct lists lists;
	struct keys keys;
	struct cover *cover;
};

/* Its owner may be anybody, who may write to it all the time: both are done to a copy. */
static int open_copy(const char *path, uint64_t *size, struct err *e)
{
	struct stat st;
	int fd = io_open_regular(AT_FDCWD, path, &st, e), copy;

	if (fd < 0)
		return fd;
	copy = snapshot_fd(fd, SNAPSHOT_MAX, path, size, e);
	close(fd);
	return copy;
}

static int hash_and_read(const char *path, struct debindex_deb *d, struct prepared *p,
			 struct err *e)
{
	int fd = open_copy(path, &d->size, e), r;

	if (fd < 0)
		return fd;
	d->path = (char *)path;
	r = digest_fd(fd, path, d->digest, NULL, e);
	if (!r && lseek(fd, 0, SEEK_SET))
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (!r)
		r = deb_read(fd, path, &p->deb, e);
	p->read = !r;
	close(fd);
	d->name = p->deb.name;
	d->version = p->deb.version;
	d->arch = p->deb.arch;
	return r;
}

static const char untraced_text[] =
	"no signed InRelease that apt has leads to it, so nobody vouches for its files: 'diglim "
	"import' takes it on your word ([apt] untraced in diglim.conf)";

static void say_list(const char *path, const struct err *why, void *arg)
{
	(void)arg;
	cli_say("%s vouches for nothing: %s", path, why->text[0] ? why->text : err_name(why->code));
}

static int installed_read(struct apt_job *j, struct installed *l, struct err *e)
{
	const struct cover_options opt = {.refused = say_list};
	int r = 0;

	for (int i = 0; !r && i < PLACES_MADE; i++) {
		r = lists_add(&l->lists, j->c->places.lists[i], e);
		r = r == -ENOENT ? 0 : r;
	}
	if (r || !l->lists.n)
		return r;
	r = keys_read(&l->keys, &j->c->places, e);
	return r ? r : cover_read(&l->lists, &l->keys, &opt, &l->cover, e);
}

static void installed_done(struct installed *l)
{
	cover_free(l->cover);
	keys_done(&l->keys);
	lists_done(&l->lists);
}

static enum verdict look_at(const struct installed *l, const struct contents *c)
{
	enum verdict v = VERDICT_EMPTY;

	for (size_t i = 0; v != VERDICT_MAKE && i < c->n; i++) {
		const struct contents_file *f = &c->files[i];
		uint32_t uses;

		if (f->type != CONTENTS_FILE || !f->use)
			continue;
		uses = l->cover ? cover_uses(l->cover, f->digest) : 0;
		v = uses & DIGLIM_FOUND_DENIED || (uses & f->use) != f->use ? VERDICT_MAKE
									    : VERDICT_INSTALLED;
	}
	return v;
}

/* Decides what becomes of it, and makes nothing yet. An exit status. */
static int judge(struct apt_job *j, const struct installed *l, const struct debindex_deb *d,
		 struct prepared *p)
{
	enum verdict v = look_at(l, &p->deb.files);
	enum config_untraced policy = j->c->config.untraced;
	struct err why = {0};

	if (!d->origin.found && d->conflict) {
		err_set(&why, -EBADMSG,
			"%s: another file than the signed index has under this name and version: "
			"tampered with",
			d->path);
		maker_refuse(&j->maker, d->path, "tampered", &why);
		j->tampered++;
		return EXIT_NO;
	}
	if (!d->origin.found && v != VERDICT_INSTALLED && policy != CONFIG_UNTRACED_SIGN) {
		err_set(&why, -ENOKEY, "%s: %s", d->path, untraced_text);
		maker_refuse(&j->maker, d->path, "untraced", &why);
		j->untraced++;
		return policy == CONFIG_UNTRACED_REFUSE ? EXIT_NO : EXIT_YES;
	}
	p->verdict = v;
	p->how = d->origin.found ? PROVENANCE_APT : PROVENANCE_DPKG;
	return EXIT_YES;
}

/*
 * The list of another build of the same name and version stays beside the new one: which of the two
 * is installed in the end, --sync finds out.
 */
static int free_name(const struct apt_job *j, const char *name, char file[NAME_MAX + 1],
		     struct err *e)
{
	char plain[DIGLIM_NAME_MAX + 8], path[PATH_MAX + NAME_MAX + 2];

	import_file_name("tlv", name, plain, sizeof(plain));
	for (unsigned int n = 1; n <= APT_BUILDS_MAX; n++) {
		apt_build_file(plain, n, file);
		snprintf(path, sizeof(path), "%s/%s", j->c->places.lists[PLACES_MADE], file);
		if (access(path, F_OK))
			return 0;
	}
	return err_set(e, -EEXIST, "%s: there are %d lists of it: 'diglim apt --sync' sorts them",
		       name, APT_BUILDS_MAX);
}

static void show_conffiles(struct apt_job *j, const struct deb *d)
{
	const struct contents *c = &d->conffiles;

	for (size_t i = 0; i < c->n; i++) {
		const struct contents_file *f = contents_find(&d->files, c->files[i].path);

		if (f && f->use && !j->maker.quiet)
			out_line(j->c->out, OUT_DIM, "[?]",
				 "%s: vouched for as shipped, not as changed here", f->path);
	}
}

/* An exit status, or negative. */
static int judge_all(struct apt_job *j, const struct debindex_deb *debs, struct prepared *ps,
		     struct err *e)
{
	struct installed l = {0};
	int r = installed_read(j, &l, e), status = EXIT_YES;

	for (size_t i = 0; !r && i < j->n; i++) {
		int one = judge(j, &l, &debs[i], &ps[i]);

		status = one > status ? one : status;
	}
	installed_done(&l);
	return r ? r : status;
}

static void show_installed(struct apt_job *j, const char *name)
{
	struct out *o = j->c->out;

	progress_clear(&j->maker.progress);
	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, name);
	out_str(o, "outcome", NULL, "installed-lists");
	out_bool(o, "vouched", NULL, true);
	out_end(o);
	if (!j->maker.quiet)
		out_line(o, OUT_GOOD, "[=]", "%s: installed lists vouch for it", name);
}

static int do_one(struct apt_job *j, const struct prepared *p, struct err *e)
{
	char name[DIGLIM_NAME_MAX], full[DIGLIM_NAME_MAX], file[NAME_MAX + 1];
	int r = 0;

	deb_list_name(name, p->deb.name, p->deb.version, p->deb.arch);
	provenance_name(full, name, p->how);
	if (p->verdict == VERDICT_INSTALLED)
		show_installed(j, name);
	else if (p->verdict == VERDICT_EMPTY)
		maker_show_empty(&j->maker, full);
	if (p->verdict != VERDICT_MAKE)
		return 0;
	r = free_name(j, name, file, e);
	if (!r)
		r = maker_contents(&j->maker, name, file, p->how, &p->deb.files, e);
	if (!r)
		show_conffiles(j, &p->deb);
	return r;
}

/* A transaction that does not take place leaves nothing behind. */
static void take_back(struct apt_job *j)
{
	struct payload_info info;
	struct err why = {0};

	for (size_t i = 0; i < j->n_made; i++) {
		const struct apt_made *m = &j->made[i];

		if (m->loaded && !aptsync_read(m->path, &info) &&
		    engine_list_remove(j->engine, info.list_id, &why))
			cli_say("%s: still loaded: %s", m->path, why.text);
		if (unlink(m->path) && errno != ENOENT)
			cli_say("%s: not removed: %s", m->path, strerror(errno));
	}
	j->loaded = j->maker.lists = j->maker.files = 0;
}

static int make_all(struct apt_job *j, const struct prepared *ps, struct err *e)
{
	size_t n[VERDICT_MAKE + 1] = {0}, refused;
	int r = 0;

	for (size_t i = 0; i < j->n; i++)
		n[ps[i].verdict]++;
	if (n[VERDICT_INSTALLED])
		r = apt_load_files(j, &refused, e);
	if (!r && n[VERDICT_MAKE]) /* only now a key is needed */
		r = apt_open_maker(j, e);
	for (size_t i = 0; !r && i < j->n; i++)
		r = do_one(j, &ps[i], e);
	if (r)
		take_back(j);
	return r;
}

int apt_prepare(struct apt_job *j, struct err *e)
{
	const char *root = j->c->places.root[0] ? j->c->places.root : NULL;
	struct debindex_deb *debs = calloc(j->n + 1, sizeof(*debs));
	struct prepared *ps = calloc(j->n + 1, sizeof(*ps));
	struct debindex_trust trust = {0};
	int r = debs && ps ? 0 : err_set(e, -ENOMEM, "no memory"), status = EXIT_YES;

	progress_start(&j->maker.progress, "Hashing packages", j->n);
	for (size_t i = 0; !r && i < j->n; i++) {
		progress_step(&j->maker.progress, i, j->debs[i]);
		r = hash_and_read(j->debs[i], &debs[i], &ps[i], e);
	}
	if (!r && debindex_trust_read(root, j->keys, j->n_keys, &trust, e) < 0) {
		cli_say("%s", e->text); /* then nothing can be traced */
		e->code = 0;
	}
	if (!r)
		r = debindex_trace(root, &trust, debs, j->n, e);
	if (!r)
		r = status = judge_all(j, debs, ps, e);
	if (!r && status == EXIT_YES)
		r = make_all(j, ps, e);
	maker_close(&j->maker);
	for (size_t i = 0; ps && i < j->n; i++)
		if (ps[i].read)
			deb_done(&ps[i].deb);
	free(ps);
	free(debs);
	debindex_trust_done(&trust);
	return r ? r : status;
}
