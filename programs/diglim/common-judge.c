/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-judge.h"
#include "cli.h"
#include "../../abi/use.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/crypto/verity.h"
#include "../../lib/pkgdb/tree.h"

#define DELETED " (deleted)"

void judge_files_done(struct judge_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->files[i].path);
	free(f->files);
	*f = (struct judge_files){0};
}

static struct judge_file *grow(struct judge_files *f, const char *path, struct err *e)
{
	struct judge_file *files = realloc(f->files, (f->n + 1) * sizeof(*files)), *ret;

	if (files) {
		f->files = files;
		ret = &files[f->n];
		memset(ret, 0, sizeof(*ret));
		ret->path = path ? strdup(path) : NULL;
		if (ret->path || !path) {
			f->n++;
			return ret;
		}
	}
	err_set(e, -ENOMEM, "no memory");
	return NULL;
}

/* A read lease is refused while anybody has the file open for writing. */
static bool is_being_written(const char *open_path)
{
	int fd = open(open_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool writer = false;

	if (fd < 0)
		return false;
	if (!fcntl(fd, F_SETLEASE, F_RDLCK))
		fcntl(fd, F_SETLEASE, F_UNLCK);
	else
		writer = errno == EAGAIN;
	close(fd);
	return writer;
}

static void measure_verity(struct judge_file *f, const char *open_path)
{
	struct digestname d = {.verity = true};
	int fd = open(open_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	f->has_verity = verity_measured(fd, d.value);
	if (f->has_verity)
		digestname_key(&d, f->verity);
	close(fd);
}

/* "#!/bin/sh -e" names what is judged, too. */
static void read_interpreter(struct judge_file *f, const char *open_path)
{
	char line[FILE_INTERPRETER_MAX];
	int fd = open(open_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line));

	if (fd >= 0)
		close(fd);
	file_interpreter((const uint8_t *)line, n < 0 ? 0 : (size_t)n, f->interpreter);
}

/* What the path suggests, if it suggests more than one thing the first; programs by default. */
static uint32_t guess_use(const char *path, uint32_t mode, const uint8_t head[16])
{
	uint32_t mask = tree_use(path, mode, head);

	return mask ? mask & -mask : DIGLIM_USE_EXEC;
}

int judge_add_path(struct judge_files *f, const char *path, const char *open_path, uint32_t use,
		   struct err *e)
{
	struct judge_file *file = grow(f, path, e);
	uint8_t head[16];
	struct stat st;

	if (!file)
		return -ENOMEM;
	open_path = open_path ? open_path : path;
	file->use = use ? use : DIGLIM_USE_EXEC;
	if (stat(open_path, &st)) {
		err_set(&file->failed, -errno, "%s: %s", path, strerror(errno));
		return 0;
	}
	file->size = (uint64_t)st.st_size;
	if (digest_file(AT_FDCWD, open_path, file->digest, head, &file->failed))
		return 0;
	file->has_digest = true;
	measure_verity(file, open_path);
	file->writer = is_being_written(open_path);
	if (!use)
		file->use = guess_use(path, st.st_mode, head);
	if (head[0] == '#' && head[1] == '!')
		read_interpreter(file, open_path);
	return 0;
}

int judge_add_digest(struct judge_files *f, const struct digestname *digest, uint32_t use,
		     struct err *e)
{
	struct judge_file *file = grow(f, NULL, e);

	if (!file)
		return -ENOMEM;
	file->has_digest = !digest->verity;
	file->has_verity = digest->verity;
	digestname_key(digest, digest->verity ? file->verity : file->digest);
	file->use = use ? use : DIGLIM_USE_EXEC;
	return 0;
}

static bool have_path(const struct judge_files *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->files[i].path && strcmp(f->files[i].path, path) == 0)
			return true;
	return false;
}

/* One line of /proc/PID/maps. The file itself is reached by map_files, deleted or not. */
static int add_mapping(struct judge_files *f, pid_t pid, char *line, struct err *e)
{
	char range[64], perms[8], open_path[96];
	unsigned long start, end;
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%63s %7s %*s %*s %*s %n", range, perms, &at) < 2 || !at ||
	    sscanf(range, "%lx-%lx", &start, &end) != 2)
		return 0;
	if (perms[2] != 'x' || line[at] != '/' || have_path(f, line + at))
		return 0;
	snprintf(open_path, sizeof(open_path), "/proc/%d/map_files/%lx-%lx", pid, start, end);
	return judge_add_path(f, line + at, open_path, DIGLIM_USE_EXEC, e);
}

static int add_program(struct judge_files *f, pid_t pid, struct err *e)
{
	char link[64], target[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return err_set(e, errno == ENOENT ? -ESRCH : -errno, "process %d: %s", pid,
			       errno == ENOENT ? "there is none, or it is one of the kernel's own"
					       : strerror(errno));
	target[n] = '\0';
	return judge_add_path(f, target, link, DIGLIM_USE_EXEC, e);
}

int judge_add_process(struct judge_files *f, pid_t pid, struct err *e)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *maps;
	int r = add_program(f, pid, e);

	if (r)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	while (!r && getline(&line, &size, maps) > 0)
		r = add_mapping(f, pid, line, e);
	free(line);
	fclose(maps);
	return r;
}

static uint32_t reason_of(int uses, uint32_t use)
{
	if (uses & DIGLIM_FOUND_DENIED)
		return DIGLIM_REASON_DENIED;
	if (((uint32_t)uses & use) == use)
		return DIGLIM_REASON_VOUCHED;
	return uses ? DIGLIM_REASON_WRONG_USE : DIGLIM_REASON_UNKNOWN;
}

/* What lists say of the fs-verity digest, if the kernel side looks at it; negative: trouble. */
static int ask_verity(struct judge_file *f, struct engine *g, struct err *e)
{
	int uses =
		f->has_verity && engine_knows_verity() ? engine_digest_lookup(g, f->verity, e) : 0;

	if (uses < 0)
		return uses;
	f->reason = reason_of(uses, f->use);
	f->by_verity = f->reason == DIGLIM_REASON_DENIED || f->reason == DIGLIM_REASON_VOUCHED;
	return uses;
}

/* The order of the checks is the one of the kernel side. */
static int ask_one(struct judge_file *f, struct engine *g, const struct engine_status *s,
		   struct err *e)
{
	int verity, uses;

	if (!f->has_digest && !f->has_verity)
		return 0;
	f->known = true;
	if (f->writer) {
		f->reason = DIGLIM_REASON_WRITER;
		return 0;
	}
	verity = ask_verity(f, g, e);
	if (verity < 0 || f->by_verity || !f->has_digest)
		return verity < 0 ? verity : 0;
	if (f->path && f->size > s->control.hash_limit) {
		f->reason = DIGLIM_REASON_TOO_LARGE;
		return 0;
	}
	uses = engine_digest_lookup(g, f->digest, e);
	if (uses >= 0)
		f->reason = reason_of(uses | verity, f->use);
	return uses < 0 ? uses : 0;
}

int judge_ask(struct judge_files *f, struct engine *g, struct err *e)
{
	struct engine_status s;
	int r = engine_status_get(g, &s, e);

	for (size_t i = 0; !r && i < f->n; i++)
		r = ask_one(&f->files[i], g, &s, e);
	return r;
}

int judge_can_return(struct engine *g, struct err *e)
{
	struct judge_files files = {0};
	int r = judge_add_process(&files, getpid(), e);
	size_t refused = 0;

	if (!r)
		r = judge_ask(&files, g, e);
	for (size_t i = 0; !r && i < files.n; i++) {
		if (files.files[i].known && files.files[i].reason == DIGLIM_REASON_VOUCHED)
			continue;
		if (!refused++)
			cli_say("enforcing would refuse %s, which this program needs",
				files.files[i].path);
	}
	if (refused > 1)
		cli_say("… and %zu more files that it needs", refused - 1);
	judge_files_done(&files);
	return r ? r : !refused;
}
