/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "legacy.h"
#include "../../lib/base/text.h"

int legacy_fail(const char *fmt, ...)
{
	char line[1024], safe[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", text_escape(safe, sizeof(safe), line, strlen(line)));
	return LEGACY_TROUBLE;
}

int legacy_diglim(const char *const *argv)
{
	const char *program = getenv("DIGLIM");
	pid_t pid;
	int status, r;

	program = program && *program ? program : "/usr/sbin/diglim";
	r = posix_spawn(&pid, program, NULL, NULL, (char *const *)argv, environ);
	if (r)
		return legacy_fail("%s: %s", program, strerror(r));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return legacy_fail("%s: %s", program, strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : LEGACY_TROUBLE;
}

/* diglim_user_client -o add|del -p PATH */
static int user_client(int argc, char **argv)
{
	const char *op = NULL, *path = NULL;
	int c, r;

	while ((c = getopt(argc, argv, "o:p:h")) != -1) {
		if (c == 'o')
			op = optarg;
		else if (c == 'p')
			path = optarg;
		else
			return fprintf(c == 'h' ? stdout : stderr,
				       "usage: diglim_user_client -o add|del -p PATH\n"),
			       c == 'h' ? LEGACY_DONE : LEGACY_TROUBLE;
	}
	if (!op || !path || (strcmp(op, "add") != 0 && strcmp(op, "del") != 0))
		return legacy_fail("usage: diglim_user_client -o add|del -p PATH");
	r = legacy_diglim((const char *const[]){"diglim", strcmp(op, "add") ? "unload" : "load",
						"--", path, NULL});
	if (!r)
		puts("Digest list command successful"); /* scripts look for it */
	return r || !fflush(stdout) ? r : LEGACY_TROUBLE;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{"compact_gen", legacy_compact_gen},
		{"rpm_gen", legacy_rpm_gen},
		{"diglim_user_client", user_client},
	};
	const char *name = argc ? strrchr(argv[0], '/') : NULL;

	name = name ? name + 1 : argc ? argv[0] : "";
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc, argv);
	return legacy_fail("%s: must be called as compact_gen, rpm_gen or diglim_user_client",
			   name);
}
