/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configkeys.h"
#include "../../abi/limits.h"

struct reading {
	FILE *f;
	unsigned line;
	struct config *config;
	unsigned seen;	   /* bit per key */
	unsigned bad_line; /* first thing that is wrong; 0: nothing */
	char what[256];
};

void config_defaults(struct config *c)
{
	*c = (struct config){
		.mode = DIGLIM_MODE_AUDIT,
		.headroom = 50,
		.ingest_buffer = DIGLIM_INGEST_DEFAULT,
		.ring = 1U << 20,
		.spool = CONFIG_SPOOL_DEFAULT,
		.hash_limit = CONFIG_HASH_LIMIT_DEFAULT,
		.seal_register = CONFIG_NO_REGISTER,
	};
}

__attribute__((format(printf, 2, 3))) static int complain(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->bad_line) {
		r->bad_line = r->line;
		va_start(ap, fmt);
		vsnprintf(r->what, sizeof(r->what), fmt, ap);
		va_end(ap);
	}
	return 0;
}

/* Counts lines for inih, which does not tell, and sees those that it would cut in two. */
static char *read_line(char *str, int num, void *stream)
{
	struct reading *r = stream;
	size_t len;
	int c;

	if (!fgets(str, num, r->f))
		return NULL;
	r->line++;
	len = strlen(str);
	if ((!len || str[len - 1] != '\n') && !feof(r->f)) {
		complain(r, "line longer than %d characters", num - 2);
		while ((c = fgetc(r->f)) != EOF && c != '\n')
			;
	}
	return str;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	bool known_section = false;
	const char *expected;

	for (size_t i = 0; i < config_keys_n; i++) {
		if (strcmp(section, config_keys[i].section) != 0)
			continue;
		known_section = true;
		if (strcmp(name, config_keys[i].name) != 0)
			continue;
		if (r->seen & 1U << i)
			return complain(r, "%s is given twice in [%s]", name, section);
		r->seen |= 1U << i;
		expected = config_keys[i].set(r->config, value);
		if (expected)
			return complain(r, "%s = %s: must be %s", name, value, expected);
		return 1;
	}
	if (!*section)
		return complain(r, "%s stands before the first [section]", name);
	if (!known_section)
		return complain(r, "unknown section [%s]", section);
	return complain(r, "unknown key %s in [%s]", name, section);
}

/*
 * The first line with a NUL byte, or 0. inih would take it for an empty one, and a file that a
 * crash left full of them for one that asks for nothing.
 */
static unsigned find_nul(FILE *f)
{
	unsigned line = 1, found = 0;
	int c;

	while (!found && (c = fgetc(f)) != EOF) {
		if (!c)
			found = line;
		line += c == '\n';
	}
	rewind(f);
	return found;
}

int config_read(const char *path, struct config *c, struct err *e)
{
	struct reading r = {.config = c};
	unsigned nul;
	int bad;

	config_defaults(c);
	r.f = fopen(path, "re");
	if (!r.f)
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
	nul = find_nul(r.f);
	bad = nul ? 0 : ini_parse_stream(read_line, &r, take_key, &r);
	if (ferror(r.f)) {
		fclose(r.f);
		return err_set(e, -EIO, "%s: cannot be read", path);
	}
	fclose(r.f);
	if (nul)
		return err_set(e, -EINVAL, "%s:%u: a NUL byte", path, nul);
	if (bad > 0 && (!r.bad_line || (unsigned)bad < r.bad_line))
		return err_set(e, -EINVAL, "%s:%d: neither [section] nor key = value", path, bad);
	if (r.bad_line)
		return err_set(e, -EINVAL, "%s:%u: %s", path, r.bad_line, r.what);
	return bad < 0 ? err_set(e, -ENOMEM, "%s: no memory", path) : 0;
}
