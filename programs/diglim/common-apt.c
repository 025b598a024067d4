/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-apt.h"
#include "common-kernel.h"
#include "../../abi/error.h"
#include "../../lib/base/io.h"
#include "../../lib/base/snapshot.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/format/aptpkgs.h"
#include "../../lib/pkgdb/import.h"
#include "../../lib/sync/load.h"

#define CMDLINE_MAX (16U << 20)
#define DEPTH_MAX   8

void apt_done(struct apt_job *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->debs[i]);
	free(j->debs);
	engine_close(j->engine);
}

int apt_add_deb(struct apt_job *j, const char *path, struct err *e)
{
	char **debs = reallocarray(j->debs, j->n + 1, sizeof(*debs));

	if (!debs)
		return err_set(e, -ENOMEM, "no memory");
	j->debs = debs;
	debs[j->n] = strdup(path);
	return debs[j->n++] ? 0 : err_set(e, -ENOMEM, "no memory");
}

static int read_all(int fd, size_t max, struct buf *b, struct err *e)
{
	ssize_t n = 1;

	while (n > 0 && b->len <= max) {
		uint8_t *p = buf_reserve(b, 65536);

		if (!p)
			return err_set(e, -ENOMEM, "no memory");
		n = read(fd, p, 65536);
		b->len -= 65536 - (n > 0 ? (size_t)n : 0);
		if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		return -errno;
	return b->len > max ? err_set(e, -EFBIG, "more than %zu bytes", max) : 0;
}

static int add_line(const char *path, void *arg)
{
	return apt_add_deb(arg, path, NULL);
}

int apt_add_input(struct apt_job *j, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = read_all(STDIN_FILENO, APTPKGS_MAX, &b, e);

	if (!r)
		r = aptpkgs_read(b.data ? (const void *)b.data : "", b.len, add_line, j, e);
	buf_free(&b);
	return r ? err_prefix(e, "standard input") : 0;
}

/* dpkg --recursive takes all packages of a directory. */
static int add_tree(struct apt_job *j, const char *path, int depth, struct err *e)
{
	const struct dirent *entry;
	char below[PATH_MAX];
	struct stat st;
	DIR *d;
	int r = 0;

	if (stat(path, &st))
		return 0;
	if (S_ISREG(st.st_mode))
		return strlen(path) > 4 && !strcmp(path + strlen(path) - 4, ".deb")
			       ? apt_add_deb(j, path, e)
			       : 0;
	d = S_ISDIR(st.st_mode) && depth < DEPTH_MAX ? opendir(path) : NULL;
	while (d && !r && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && snprintf(below, sizeof(below), "%s/%s", path,
							entry->d_name) < (int)sizeof(below))
			r = add_tree(j, below, depth + 1, e);
	if (d)
		closedir(d);
	return r;
}

/* One argument of dpkg: a package if there is such a file. */
static int add_argument(struct apt_job *j, const char *cwd, const char *arg, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (*arg == '-' ||
	    snprintf(path, sizeof(path), "%s%s%s", *arg == '/' ? "" : cwd, *arg == '/' ? "" : "/",
		     arg) >= (int)sizeof(path) ||
	    stat(path, &st))
		return 0;
	/* Whatever dpkg is told to install it takes for a package, by any name. */
	return S_ISREG(st.st_mode) ? apt_add_deb(j, path, e) : add_tree(j, path, 0, e);
}

int apt_add_process(struct apt_job *j, const char *pid, struct err *e)
{
	char path[64], cwd[PATH_MAX];
	struct buf b = BUF_INIT;
	ssize_t n;
	int fd, r;

	if (!*pid || pid[strspn(pid, "0123456789")] || strlen(pid) > 9)
		return err_set(e, -EINVAL, "%s: no number of a process", pid);
	snprintf(path, sizeof(path), "/proc/%s/cwd", pid);
	n = readlink(path, cwd, sizeof(cwd) - 1);
	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	fd = n < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "process %s: %s", pid, strerror(errno));
	cwd[n] = '\0';
	r = read_all(fd, CMDLINE_MAX, &b, e);
	close(fd);
	buf_add_u8(&b, 0);
	if (b.failed)
		r = err_set(e, -ENOMEM, "no memory");
	for (size_t at = 0; !r && at < b.len; at += strlen((char *)b.data + at) + 1)
		if (at) /* the first is the program's own name */
			r = add_argument(j, cwd, (char *)b.data + at, e);
	buf_free(&b);
	return r;
}

int apt_open_kernel(struct apt_job *j, struct err *e)
{
	if (j->c->places.root[0] || engine_is_attached(NULL) <= 0)
		return 0;
	return engine_open(&j->engine, e);
}

static int load(const char *path, void *arg, struct err *e)
{
	struct apt_job *j = arg;
	int r = j->engine ? sync_load_file(j->engine, path, NULL, e) : 0;

	j->loaded += j->engine && !r;
	return r == -EEXIST || r == -DIGLIM_E_EXISTS ? 0 : r;
}

/* The same package once more: the new list is loaded, the old one is of no use. */
static int unload(const uint8_t id[DIGLIM_LIST_ID_SIZE], void *arg, struct err *e)
{
	struct apt_job *j = arg;
	int r = j->engine ? engine_list_remove(j->engine, id, e) : 0;

	j->unloaded += j->engine && !r;
	return r == -ENOENT || r == -DIGLIM_E_ABSENT ? 0 : r;
}

int apt_open_maker(struct apt_job *j, struct err *e)
{
	j->maker.written = load;
	j->maker.replaced = unload;
	j->maker.arg = j;
	return maker_open(&j->maker, e);
}

bool apt_has_key(const struct apt_job *j)
{
	return j->sign.key || j->c->config.sign_key[0];
}

/* A package with what is known of it; ->deb is read. */
struct prepared {
	struct deb deb;
	bool read;
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

/* An exit status, or negative. */
static int judge(struct apt_job *j, const struct debindex_deb *d, struct prepared *p, struct err *e)
{
	enum config_untraced policy = j->c->config.untraced;
	char name[DIGLIM_NAME_MAX], file[NAME_MAX + 1];
	enum provenance how = d->origin.found ? PROVENANCE_APT : PROVENANCE_DPKG;
	struct err why = {0};
	int r;

	if (!d->origin.found && d->conflict) {
		err_set(&why, -EBADMSG,
			"%s: another file than the signed index has under this name and version: "
			"tampered with",
			d->path);
		maker_refuse(&j->maker, d->path, "tampered", &why);
		j->tampered++;
		return EXIT_NO;
	}
	if (!d->origin.found && policy != CONFIG_UNTRACED_SIGN) {
		err_set(&why, -ENOKEY, "%s: %s", d->path, untraced_text);
		maker_refuse(&j->maker, d->path, "untraced", &why);
		j->untraced++;
		return policy == CONFIG_UNTRACED_REFUSE ? EXIT_NO : EXIT_YES;
	}
	deb_list_name(name, p->deb.name, p->deb.version, p->deb.arch);
	import_file_name("tlv", name, file, sizeof(file));
	r = maker_contents(&j->maker, name, file, how, &p->deb.files, e);
	return r ? r : EXIT_YES;
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

static int judge_all(struct apt_job *j, struct debindex_deb *debs, struct prepared *ps,
		     struct err *e)
{
	int status = EXIT_YES, r = 0;

	for (size_t i = 0; r >= 0 && i < j->n; i++) {
		r = judge(j, &debs[i], &ps[i], e);
		status = r > status ? r : status;
		if (!r)
			show_conffiles(j, &ps[i].deb);
	}
	return r < 0 ? r : status;
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
		r = apt_open_maker(j, e);
	if (!r)
		r = status = judge_all(j, debs, ps, e);
	maker_close(&j->maker);
	for (size_t i = 0; ps && i < j->n; i++)
		if (ps[i].read)
			deb_done(&ps[i].deb);
	free(ps);
	free(debs);
	debindex_trust_done(&trust);
	return r < 0 ? r : status;
}
