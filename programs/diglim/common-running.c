/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-running.h"

struct walk {
	running_fn fn;
	running_trouble_fn trouble;
	void *arg;
	struct running_file file; /* pid and comm of the process at hand */
};

static void complain(struct walk *w, const char *what, int code)
{
	struct err why;

	if (code == ENOENT || code == ESRCH || !w->trouble)
		return; /* it has ended */
	err_set(&why, -code, "process %d (%s): %s: %s", w->file.pid, w->file.comm, what,
		strerror(code));
	w->trouble(w->file.pid, &why, w->arg);
}

static int hand_out(struct walk *w, const char *path, const char *open_path)
{
	if (stat(open_path, &w->file.st)) {
		complain(w, path, errno);
		return 0;
	}
	w->file.path = path;
	w->file.open_path = open_path;
	return w->fn(&w->file, w->arg);
}

static int do_program(struct walk *w)
{
	char link[64], target[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", w->file.pid);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0) {
		complain(w, "exe", errno); /* ENOENT: one of the kernel's own */
		return 0;
	}
	target[n] = '\0';
	return hand_out(w, target, link);
}

/* Without privilege only the name is left, under which another file may lie by now. */
static int do_mapping(struct walk *w, char *line)
{
	char range[64], perms[8], link[96];
	unsigned long start, end;
	struct stat st;
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%63s %7s %*s %*s %*s %n", range, perms, &at) < 2 || !at ||
	    sscanf(range, "%lx-%lx", &start, &end) != 2 || perms[2] != 'x' || line[at] != '/')
		return 0;
	snprintf(link, sizeof(link), "/proc/%d/map_files/%lx-%lx", w->file.pid, start, end);
	if (stat(link, &st) && (errno == EPERM || errno == EACCES))
		return hand_out(w, line + at, line + at);
	return hand_out(w, line + at, link);
}

static int do_mappings(struct walk *w)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *maps;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", w->file.pid);
	maps = fopen(path, "re");
	if (!maps) {
		complain(w, "maps", errno);
		return 0;
	}
	while (!r && getline(&line, &size, maps) > 0)
		r = do_mapping(w, line);
	free(line);
	fclose(maps);
	return r;
}

static void read_comm(struct running_file *f)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", f->pid);
	strcpy(f->comm, "?");
	file = fopen(path, "re");
	if (file && fgets(f->comm, sizeof(f->comm), file))
		f->comm[strcspn(f->comm, "\n")] = '\0';
	if (file)
		fclose(file);
}

int running_walk(running_fn fn, running_trouble_fn trouble, void *arg, struct err *e)
{
	struct walk w = {.fn = fn, .trouble = trouble, .arg = arg};
	DIR *proc = opendir("/proc");
	const struct dirent *d;
	int r = 0;

	if (!proc)
		return err_set(e, -errno, "/proc: %s", strerror(errno));
	while (!r && (d = readdir(proc))) {
		if (!isdigit((unsigned char)d->d_name[0]))
			continue;
		w.file.pid = atoi(d->d_name);
		read_comm(&w.file);
		r = do_program(&w);
		if (!r)
			r = do_mappings(&w);
	}
	closedir(proc);
	return r;
}

static struct running_entry *slot(struct running_entry *entries, size_t size, dev_t dev, ino_t ino)
{
	size_t at = (size_t)((ino ^ dev) * 0x9e3779b97f4a7c15ULL >> 20) & (size - 1);

	while (entries[at].pid && (entries[at].dev != dev || entries[at].ino != ino))
		at = (at + 1) & (size - 1);
	return &entries[at];
}

static int grow(struct running_set *s)
{
	size_t size = s->size ? 2 * s->size : 1024;
	struct running_entry *entries = calloc(size, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < s->size; i++)
		if (s->entries[i].pid)
			*slot(entries, size, s->entries[i].dev, s->entries[i].ino) = s->entries[i];
	free(s->entries);
	s->entries = entries;
	s->size = size;
	return 0;
}

int running_set_add(struct running_set *s, const struct running_file *f)
{
	struct running_entry *at;

	if (2 * (s->n + 1) > s->size && grow(s))
		return -ENOMEM;
	at = slot(s->entries, s->size, f->st.st_dev, f->st.st_ino);
	if (at->pid)
		return 0;
	at->dev = f->st.st_dev;
	at->ino = f->st.st_ino;
	at->pid = f->pid;
	memcpy(at->comm, f->comm, sizeof(at->comm));
	s->n++;
	return 1;
}

const struct running_entry *running_set_find(const struct running_set *s, const struct stat *st)
{
	const struct running_entry *at;

	if (!s->size)
		return NULL;
	at = slot(s->entries, s->size, st->st_dev, st->st_ino);
	return at->pid ? at : NULL;
}

void running_set_done(struct running_set *s)
{
	free(s->entries);
	*s = (struct running_set){0};
}

struct reading {
	struct running_set *set;
	running_trouble_fn trouble;
	void *arg;
};

static int add_to(const struct running_file *f, void *arg)
{
	int r = running_set_add(((struct reading *)arg)->set, f);

	return r < 0 ? r : 0;
}

static void pass_on(pid_t pid, const struct err *why, void *arg)
{
	struct reading *r = arg;

	if (r->trouble)
		r->trouble(pid, why, r->arg);
}

int running_set_read(struct running_set *s, running_trouble_fn trouble, void *arg, struct err *e)
{
	struct reading reading = {s, trouble, arg};
	int r = running_walk(add_to, pass_on, &reading, e);

	return r == -ENOMEM ? err_set(e, r, "no memory") : r;
}
