/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rpm/rpmmacro.h>

#include "judge.h"

/* Whoever defines rpm's macros chooses its plugins, too. */
#define PATH_MACRO "%{?__diglim_judge}%{!?__diglim_judge:" DIGLIM_JUDGE "}"

void judge_module_open(struct judge_module *m)
{
	judge_module_close(m);
	m->path = rpmExpand(PATH_MACRO, NULL);
	m->fd = open(m->path, O_RDONLY | O_CLOEXEC);
	m->error = m->fd < 0 ? errno : 0;
}

const struct judge *judge_module_load(struct judge_module *m, struct err *e)
{
	const struct judge *(*judge)(void) = NULL;
	char path[64];
	const char *why;

	if (m->fd < 0) {
		err_set(e, -m->error, "signatures cannot be verified: %s: %s", m->path,
			strerror(m->error));
		return NULL;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", m->fd);
	m->handle = m->handle ?: dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (m->handle)
		*(void **)&judge = dlsym(m->handle, JUDGE_SYMBOL);
	if (judge)
		return judge();
	why = dlerror() ?: "?";
	if (!strncmp(why, path, strlen(path)))
		why += strlen(path) + strspn(why + strlen(path), ": ");
	err_set(e, -ENOENT, "signatures cannot be verified: %s: %s", m->path, why);
	return NULL;
}

void judge_module_close(struct judge_module *m)
{
	if (m->handle)
		dlclose(m->handle);
	if (m->path && m->fd >= 0)
		close(m->fd);
	free(m->path);
	*m = (struct judge_module){.fd = -1};
}
