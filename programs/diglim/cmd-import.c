/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common-list.h"
#include "common-sources.h"
#include "common-sign.h"
#include "verbs.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/pkgdb/rpmdb.h"
#include "../../lib/pkgdb/rpmfile.h"

static const char *const usage[] = {
	"import FILE.rpm… [--output DIR]",
	"import --rpmdb [--dbpath DIR] [--output DIR]",
	"import PATH… [--key KEY] [--cert CERT] [--name NAME] [--output DIR]",
	"import FILE.deb… [--output DIR]",
	"import --dpkg [--output DIR]",
	"import --archive DIR [--archive-key FILE…] [--output DIR]",
	"import --tar FILE | --oci DIR [--layers] | --sums FILE | --sysext DIR | --legacy FILE",
	"import --metadata PATH [--output DIR]",
	NULL};

static const struct cli_option options[] = {
	{'r', "rpmdb", NULL, "All packages that rpm has installed"},
	{'b', "dbpath", "DIR", "Where rpm's database is, below --root"},
	{'o', "output", "DIR", "Where lists go (default: /var/lib/diglim/lists)"},
	{'q', "quiet", NULL, "Only what could not be vouched for, and the summary"},
	SOURCES_OPTIONS,
	SIGN_OPTIONS,
	{0, NULL, NULL, NULL},
};

struct import_job {
	struct cli *c;
	struct sign_args sign;
	struct sources sources;
	struct maker maker;
	const char *dbpath, *output;
	bool rpmdb, quiet;
	struct keys keys;
	struct import_options opt;
	struct progress progress;
	size_t done;
	size_t count[IMPORT_OUTCOME_MAX];
	size_t vouched_files; /* lists of directories and files */
	size_t failed_files;
	char what[SIGN_WHAT_MAX]; /* those directories and files */
};

static const char *out_dir(const struct import_job *j)
{
	return j->output ? j->output : j->c->places.lists[PLACES_MADE];
}

static bool is_good(enum import_outcome outcome)
{
	return outcome == IMPORT_OK || outcome == IMPORT_PRESENT || outcome == IMPORT_NO_FILES;
}

static void show_json(struct out *o, const struct import_result *r, const char *file,
		      const char *path)
{
	out_object(o, NULL, NULL);
	if (file)
		out_str(o, "file", NULL, file);
	out_str(o, "name", NULL, r->name);
	out_str(o, "outcome", NULL, import_outcome_name(r->outcome));
	out_bool(o, "vouched", NULL, is_good(r->outcome));
	if (path[0])
		out_str(o, "list", NULL, path);
	if (r->text[0])
		out_str(o, "reason", NULL, r->text);
	if (r->way_out[0])
		out_str(o, "way_out", NULL, r->way_out);
	if (r->has_key_id)
		out_hex(o, "key_id", NULL, r->key_id, sizeof(r->key_id));
	if (r->signer)
		out_str(o, "signer", NULL, r->signer->owner);
	out_num(o, "digests", NULL, r->digests);
	out_end(o);
}

static void show(struct import_job *j, const struct import_result *r, const char *file,
		 const char *path)
{
	const char *base = file && strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	const char *name = r->outcome == IMPORT_MALFORMED && file ? base : r->name;
	struct out *o = j->c->out;
	char both[2 * NAME_MAX];

	/* What a package calls itself says little when it is refused. */
	if (name != base && base && !is_good(r->outcome) &&
	    strncmp(base, name, strlen(name)) != 0) {
		snprintf(both, sizeof(both), "%.250s (%.250s)", base, name);
		name = both;
	}
	if (j->quiet && is_good(r->outcome))
		return;
	if (out_is_json(o)) {
		show_json(o, r, file, path);
		return;
	}
	progress_clear(&j->progress);
	if (r->outcome == IMPORT_OK)
		out_line(o, OUT_GOOD, "[+]", "%s: %u files, signed by %s", name, r->digests,
			 r->signer ? r->signer->owner : "?");
	else if (r->outcome == IMPORT_PRESENT)
		out_line(o, OUT_GOOD, "[=]", "%s: imported before", name);
	else if (r->outcome == IMPORT_NO_FILES)
		out_line(o, OUT_GOOD, "[=]", "%s: %s", name, r->text);
	else
		out_line(o, OUT_BAD, "[-]", "%s: %s", name, r->text);
	if (!is_good(r->outcome) && r->way_out[0])
		out_line(o, OUT_PLAIN, NULL, "      %s", r->way_out);
}

/* Writes the list of one judged package and counts its outcome. Takes @r. @file: NULL if installed.
 */
static int account(struct import_job *j, struct import_result *r, const char *file, struct err *e)
{
	char path[PATH_MAX] = "";
	int ret = 0;

	if (r->outcome == IMPORT_OK)
		ret = import_write(r, out_dir(j), path, sizeof(path), e);
	if (!ret) {
		j->count[r->outcome]++;
		show(j, r, file, path);
	}
	import_result_done(r);
	return ret;
}

static int import_package(struct import_job *j, const struct rpmpkg *p, const char *file,
			  struct err *e)
{
	struct import_result res = {0};
	int r = import_rpm(p, &j->opt, &res, e);

	return r ? r : account(j, &res, file, e);
}

static int import_broken(struct import_job *j, const char *name, const char *file,
			 const struct err *why, struct err *e)
{
	struct import_result res = {0};

	import_malformed(&res, name, why);
	return account(j, &res, file, e);
}

static int import_file(struct import_job *j, const char *path, struct err *e)
{
	struct rpmpkg p = {0};
	struct err why = {0};
	int r = rpmfile_read(path, &p, &why);

	if (r == -ENOMEM)
		*e = why;
	else if (r)
		r = import_broken(j, path, path, &why, e);
	else
		r = import_package(j, &p, path, e);
	rpmpkg_done(&p);
	return r;
}

struct db_walk {
	struct import_job *j;
	struct err *e;
};

static int import_installed(const struct rpmpkg *p, const char *broken, void *arg)
{
	struct db_walk *w = arg;
	struct err why = {0};

	progress_step(&w->j->progress, w->j->done++, p->name);
	if (p->header.len)
		return import_package(w->j, p, NULL, w->e);
	err_set(&why, -EBADMSG, "%s", broken ? broken : "header is damaged");
	return import_broken(w->j, p->name, NULL, &why, w->e);
}

/*
 * The time of the directory says up to when its lists follow rpm's database, even if nothing new
 * was written: doctor compares them.
 */
static void stamp(const struct import_job *j, const struct timespec *begun)
{
	struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, *begun};

	utimensat(AT_FDCWD, out_dir(j), times, 0);
}

static int import_rpmdb(struct import_job *j, struct err *e)
{
	const char *root = j->c->places.root[0] ? j->c->places.root : NULL;
	struct db_walk w = {j, e};
	int n = rpmdb_count(root, j->dbpath, e), r;
	struct timespec begun;

	clock_gettime(CLOCK_REALTIME, &begun);
	if (n < 0)
		return n;
	progress_start(&j->progress, "Importing packages", (uint64_t)n);
	r = rpmdb_walk(root, j->dbpath, import_installed, &w, e);
	progress_clear(&j->progress);
	if (!r && !j->done)
		r = err_set(e, -ENODATA, "rpm's database has no installed package");
	if (!r)
		stamp(j, &begun);
	return r;
}

static int import_packages(struct import_job *j, int argc, char **argv, struct err *e)
{
	int r = 0;

	progress_start(&j->progress, "Importing packages", (uint64_t)(argc - optind));
	for (int i = optind; !r && i < argc; i++) {
		progress_step(&j->progress, (uint64_t)(i - optind), argv[i]);
		if (list_is_package(argv[i], NULL) > 0)
			r = import_file(j, argv[i], e);
	}
	progress_clear(&j->progress);
	return r;
}

/* The digest of an archive or an image vouches for nothing in it, though that may be meant. */
static int check_other(struct import_job *j, const char *path, struct err *e)
{
	struct stat st;
	int fd = root_open_regular(j->c->places.root, path, &st, NULL);
	const char *why = fd < 0 ? NULL : list_other_source(fd, path);

	if (fd >= 0)
		close(fd);
	return why ? err_set(e, -EINVAL, "%s: %s; 'diglim sign' vouches for the file itself", path,
			     why)
		   : 0;
}

/* Before anything is done: what is not there would cost the answer about the rest. */
static int check_paths(struct import_job *j, int argc, char **argv, struct err *e)
{
	for (int i = optind; i < argc; i++) {
		int fd;

		if (list_is_package(argv[i], NULL) > 0 || list_is_deb(argv[i]))
			continue;
		fd = root_open(j->c->places.root, argv[i], O_PATH, e);
		if (fd < 0)
			return fd;
		close(fd);
		if (check_other(j, argv[i], e))
			return e->code;
		sign_what_add(j->c, argv[i], j->what);
	}
	return 0;
}

/* All paths that are no packages become one list, signed by the owner. */
static int import_paths(struct import_job *j, int argc, char **argv, struct err *e)
{
	struct sign_job s = {0};
	char path[PATH_MAX];
	int r;

	if (!*j->what)
		return 0;
	r = sign_begin(&s, j->c, &j->sign, j->what, e);
	for (int i = optind; !r && i < argc; i++)
		if (list_is_package(argv[i], NULL) <= 0 && !list_is_deb(argv[i]))
			r = sign_add_path(&s, argv[i], e);
	if (!r)
		r = sign_finish(&s, j->output, NULL, path, e);
	if (!r) {
		out_object(j->c->out, "signed", NULL);
		sign_show(&s, path);
		out_end(j->c->out);
		j->vouched_files = s.count.added;
		j->failed_files = s.count.failed;
	}
	sign_done(&s);
	return r;
}

static int summarise(struct import_job *j)
{
	struct out *o = j->c->out;
	size_t refused = 0, packages = 0;

	out_object(o, "summary", NULL);
	for (int i = 0; i < IMPORT_OUTCOME_MAX; i++) {
		packages += j->count[i];
		if (!is_good((enum import_outcome)i))
			refused += j->count[i];
		out_num(o, import_outcome_name((enum import_outcome)i), NULL, j->count[i]);
	}
	out_end(o);
	if (packages)
		out_line(
			o, OUT_BOLD, NULL,
			"%zu imported, %zu imported before, %zu without files, %zu not vouched for",
			j->count[IMPORT_OK], j->count[IMPORT_PRESENT], j->count[IMPORT_NO_FILES],
			refused);
	for (int i = 0; i < IMPORT_OUTCOME_MAX && refused; i++)
		if (j->count[i] && !is_good((enum import_outcome)i))
			out_line(o, OUT_PLAIN, NULL, "  %6zu %s", j->count[i],
				 import_outcome_name((enum import_outcome)i));
	if (j->maker.lists || j->maker.refused || j->maker.damaged || j->maker.failed)
		out_line(o, OUT_BOLD, NULL,
			 "%zu lists of %zu files signed; %zu sources refused, %zu damaged, %zu "
			 "files left out",
			 j->maker.lists, j->maker.files, j->maker.refused, j->maker.damaged,
			 j->maker.failed);
	if (j->count[IMPORT_MALFORMED] || j->maker.damaged)
		return EXIT_TROUBLE;
	return refused || j->failed_files || j->maker.refused || j->maker.failed ? EXIT_NO
										 : EXIT_YES;
}

static int import_all(struct import_job *j, int argc, char **argv, struct err *e)
{
	int r = keys_read(&j->keys, &j->c->places, e);

	if (!r)
		r = check_paths(j, argc, argv, e);
	if (!r)
		r = places_make_dir(out_dir(j), e);
	if (r)
		return r;
	j->opt.vendor_keys = &j->keys.set[KEYS_VENDOR];
	j->opt.ingest_buffer = j->c->config.ingest_buffer;
	out_array(j->c->out, "packages", NULL);
	r = j->rpmdb ? import_rpmdb(j, e) : import_packages(j, argc, argv, e);
	if (!r && sources_any(&j->sources)) {
		j->maker = (struct maker){
			.c = j->c, .args = &j->sign, .dir = j->output, .quiet = j->quiet};
		r = sources_import(&j->sources, &j->maker, e);
	}
	out_end(j->c->out);
	if (!r && j->count[IMPORT_OK])
		r = io_flush(out_dir(j), e);
	return r ? r : import_paths(j, argc, argv, e);
}

static int parse(struct cli *c, int argc, char **argv, struct import_job *j)
{
	int id, r;

	while ((id = cli_option(c, argc, argv)) > 0) {
		r = sign_take_option(c, &j->sign, id, optarg);
		if (r > 0)
			r = sources_take_option(c, &j->sources, id, optarg);
		if (r < 0)
			return r;
		if (id == 'r')
			j->rpmdb = true;
		else if (id == 'b')
			j->dbpath = optarg;
		else if (id == 'o')
			j->output = optarg;
		else if (id == 'q')
			j->quiet = true;
	}
	if (id < 0)
		return id;
	for (int i = optind; i < argc; i++)
		if (list_is_deb(argv[i]) && sources_add(c, &j->sources, SOURCE_DEB, argv[i]))
			return -E2BIG;
	if (j->rpmdb + (optind < argc || sources_any(&j->sources)) != 1) {
		cli_usage(c, "either --rpmdb, or packages, files, directories and other sources");
		return -EINVAL;
	}
	if (!j->sources.archive && j->sources.n_keys) {
		cli_usage(c, "--archive-key goes with --archive");
		return -EINVAL;
	}
	if (j->dbpath && !j->rpmdb) {
		cli_usage(c, "--dbpath goes with --rpmdb");
		return -EINVAL;
	}
	return 0;
}

static int import_run(struct cli *c, int argc, char **argv)
{
	struct import_job j = {.c = c};
	struct err e = {0};
	int status;

	if (parse(c, argc, argv, &j) || cli_begin_configured(c))
		return EXIT_TROUBLE;
	if (import_all(&j, argc, argv, &e))
		status = cli_fail(c, &e);
	else
		status = summarise(&j);
	keys_done(&j.keys);
	return status;
}

const struct cli_verb verb_import = {
	.name = "import",
	.summary = "Make lists from packages, directories and files",
	.usage = usage,
	.options = options,
	.root = true,
	.run = import_run,
};
