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
#include "../../lib/format/aptpkgs.h"
#include "../../lib/sync/load.h"
#include "../../lib/sync/sync.h"

#define CMDLINE_MAX (16U << 20)
#define DEPTH_MAX   8

void apt_done(struct apt_job *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->debs[i]);
	free(j->debs);
	for (size_t i = 0; i < j->n_made; i++)
		free(j->made[i].path);
	free(j->made);
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

static int note_made(struct apt_job *j, const char *path, struct err *e)
{
	struct apt_made *made = reallocarray(j->made, j->n_made + 1, sizeof(*made));

	if (!made)
		return err_set(e, -ENOMEM, "no memory");
	j->made = made;
	made[j->n_made] = (struct apt_made){.path = strdup(path)};
	if (!made[j->n_made].path)
		return err_set(e, -ENOMEM, "no memory");
	j->n_made++;
	return 0;
}

static int load(const char *path, void *arg, struct err *e)
{
	struct apt_job *j = arg;
	int r = note_made(j, path, e);

	if (r || !j->engine)
		return r;
	r = sync_load_file(j->engine, path, NULL, e);
	j->made[j->n_made - 1].loaded = !r;
	j->loaded += !r;
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

static void say_change(const struct sync_event *ev, void *arg)
{
	struct apt_job *j = arg;

	j->loaded += ev->what == SYNC_LOADED;
	j->unloaded += ev->what == SYNC_UNLOADED;
	if (ev->what == SYNC_REFUSED)
		cli_say("%s", ev->why);
	if (ev->what != SYNC_UNLOADED)
		return;
	out_object(j->c->out, NULL, NULL);
	out_str(j->c->out, "name", NULL, ev->name);
	out_str(j->c->out, "outcome", NULL, "unloaded");
	out_end(j->c->out);
	out_line(j->c->out, OUT_PLAIN, "[=]", "%s: unloaded, its package has this list no more",
		 ev->name);
}

int apt_load_files(struct apt_job *j, size_t *refused, struct err *e)
{
	const struct sync s = {.places = &j->c->places, .g = j->engine};
	const struct sync_options opt = {.files_only = true, .event = say_change, .arg = j};
	struct sync_report rep;
	int r = j->engine ? sync_all(&s, &opt, &rep, e) : 0;

	*refused = j->engine && !r ? rep.count[SYNC_REFUSED] : 0;
	return r;
}

bool apt_has_key(const struct apt_job *j)
{
	return j->sign.key || j->c->config.sign_key[0];
}
