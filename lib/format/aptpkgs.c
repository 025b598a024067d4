// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "../../abi/limits.h"
#include "aptpkgs.h"

struct scanner {
	const char *p, *end;
	size_t line;
};

static bool next_line(struct scanner *s, const char **at, size_t *len)
{
	const char *feed;

	if (s->p == s->end)
		return false;
	feed = memchr(s->p, '\n', (size_t)(s->end - s->p));
	*at = s->p;
	*len = (size_t)((feed ? feed : s->end) - s->p);
	s->p = feed ? feed + 1 : s->end;
	s->line++;
	return true;
}

/* Behind @n words; NULL if there are not so many. */
static const char *behind(const char *p, const char *end, int n)
{
	while (p && n--) {
		p = memchr(p, ' ', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	return p;
}

/* "VERSION 3", then apt's configuration up to an empty line. @ret is 1 without such a line. */
static int read_version(struct scanner *s, int *ret, struct err *e)
{
	static const char head[] = "VERSION ";
	struct scanner first = *s;
	const char *at;
	size_t len;

	*ret = 1;
	if (!next_line(&first, &at, &len) || len < sizeof(head) ||
	    memcmp(at, head, sizeof(head) - 1) != 0)
		return 0;
	*ret = at[sizeof(head) - 1] - '0';
	if (len != sizeof(head) || *ret < 2 || *ret > 3)
		return err_set(e, -EINVAL, "line 1: a version of apt's protocol that is not known");
	*s = first;
	while (next_line(s, &at, &len))
		if (!len)
			return 0;
	return err_set(e, -EINVAL, "line %zu: apt's configuration does not end", s->line);
}

/*
 * 3: name, version, architecture, multi-arch, direction, version, architecture, multi-arch, action.
 * 2: name, version, direction, version, action. The action comes last, since it may have blanks.
 */
static int do_line(const struct scanner *s, int version, const char *at, size_t len, aptpkgs_fn fn,
		   void *arg, struct err *e)
{
	const char *end = at + len, *action = behind(at, end,
						     version == 3   ? 8
						     : version == 2 ? 4
								    : 0);
	char path[DIGLIM_PATH_LONG];

	if (!action || action == end || memchr(at, '\0', len))
		return err_set(e, -EINVAL, "line %zu: too few words", s->line);
	len = (size_t)(end - action);
	if (*action == '*' && version > 1)
		return 0; /* **CONFIGURE**, **REMOVE**, **ERROR** */
	if (*action != '/' || len >= sizeof(path))
		return err_set(e, -EINVAL, "line %zu: '%.*s' is no absolute path", s->line,
			       (int)(len < 100 ? len : 100), action);
	memcpy(path, action, len);
	path[len] = '\0';
	return fn(path, arg);
}

int aptpkgs_read(const void *data, size_t len, aptpkgs_fn fn, void *arg, struct err *e)
{
	struct scanner s = {.p = data, .end = (const char *)data + len};
	const char *at;
	size_t n;
	int version, r;

	r = read_version(&s, &version, e);
	while (!r && next_line(&s, &at, &n))
		if (n)
			r = do_line(&s, version, at, n, fn, arg, e);
	return r;
}
