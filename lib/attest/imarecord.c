/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imalist.h"
#include "imarecord.h"
#include "../base/io.h"
#include "../crypto/digest.h"
#include "../policy/places.h"

/* An entry of IMA's list that is about a file of ours. */
struct seen {
	char *name;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
};

struct imarecord {
	char dir[PATH_MAX];
	gid_t group;
	int list; /* read on from where it ended: entries only ever come to the end */
	struct seen *seen;
	size_t n_seen;
	size_t number;		/* of the last record */
	struct statement state; /* that the records lead to */
	struct buf settings;	/* as they were measured last */
	bool broken;
};

void imarecord_name(size_t number, enum statement_kind kind, char ret[IMARECORD_NAME_MAX])
{
	snprintf(ret, IMARECORD_NAME_MAX, "%06zu-%s", number, statement_kind_name(kind));
}

int imarecord_settings(const struct statement *state, struct buf *ret, struct err *e)
{
	static const char head[] = "diglim settings 1\n";

	buf_add(ret, head, sizeof(head) - 1);
	for (size_t i = 0; i < state->n; i++) {
		const char *line = state->lines[i];

		if (strncmp(line, "key ", 4) == 0 || strncmp(line, "list ", 5) == 0)
			continue;
		buf_add(ret, line, strlen(line));
		buf_add_u8(ret, '\n');
	}
	return ret->failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int imarecord_open(const struct imarecord_config *cfg, struct imarecord **ret, struct err *e)
{
	struct imarecord *r = calloc(1, sizeof(*r));
	int code;

	*ret = NULL;
	if (!r)
		return err_set(e, -ENOMEM, "out of memory");
	r->group = cfg->group;
	r->state = STATEMENT_INIT(STATEMENT_STATE);
	snprintf(r->dir, sizeof(r->dir), "%.*s/" IMARECORD_DIR, PATH_MAX / 2, cfg->run);
	r->list = open(cfg->list, O_RDONLY | O_CLOEXEC);
	code = r->list < 0 ? err_set(e, -errno, "%s: %s", cfg->list, strerror(errno)) : 0;
	code = code ?: places_make_dir(r->dir, e);
	if (code)
		imarecord_close(r);
	else
		*ret = r;
	return code;
}

struct imarecord *imarecord_close(struct imarecord *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < r->n_seen; i++)
		free(r->seen[i].name);
	free(r->seen);
	if (r->list >= 0)
		close(r->list);
	statement_done(&r->state);
	buf_free(&r->settings);
	free(r);
	return NULL;
}

static int note_entry(const struct ima_entry *entry, void *arg)
{
	struct imarecord *r = arg;
	size_t dir = strlen(r->dir);
	struct seen *more;

	if (entry->violation || entry->name_len <= dir || memcmp(entry->name, r->dir, dir) != 0 ||
	    entry->name[dir] != '/' || entry->digest_len != DIGLIM_DIGEST_SIZE)
		return 0;
	more = realloc(r->seen, (r->n_seen + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->seen = more;
	more[r->n_seen].name = strndup(entry->name, entry->name_len);
	if (!more[r->n_seen].name)
		return -ENOMEM;
	memcpy(more[r->n_seen++].digest, entry->digest, DIGLIM_DIGEST_SIZE);
	return 0;
}

/* securityfs gives out whole entries, and what is new when it is read again at the end. */
static int read_on(struct imarecord *r, struct err *e)
{
	struct buf b = BUF_INIT;
	ssize_t n = 1;
	int code = 0;

	while (!code && n > 0) {
		uint8_t *room = buf_reserve(&b, 1U << 16);

		if (!room || b.len > IMALIST_MAX) {
			code = err_set(e, room ? -EFBIG : -ENOMEM, "IMA's list is too long");
			break;
		}
		n = read(r->list, room, 1U << 16);
		b.len -= (1U << 16) - (size_t)(n > 0 ? n : 0);
		if (n < 0)
			code = err_set(e, -errno, "IMA's list: %s", strerror(errno));
	}
	if (!code && b.len)
		code = imalist_walk(b.data, b.len, note_entry, r, e);
	if (code == -ENOMEM)
		err_set(e, code, "out of memory");
	buf_free(&b);
	return code;
}

static bool is_seen(const struct imarecord *r, const char *path, const uint8_t *digest)
{
	for (size_t i = 0; i < r->n_seen; i++)
		if (strcmp(r->seen[i].name, path) == 0 &&
		    memcmp(r->seen[i].digest, digest, DIGLIM_DIGEST_SIZE) == 0)
			return true;
	return false;
}

/* Opening it is what IMA measures. */
static int read_it(const struct imarecord *r, const char *path, struct err *e)
{
	int fd = lchown(path, (uid_t)-1, r->group)
			 ? -1
			 : open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

static int measure(struct imarecord *r, const char *name, const void *data, size_t len,
		   struct err *e)
{
	const struct io_part part = {data, len};
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char path[PATH_MAX + NAME_MAX];
	int code;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	code = digest_buffer(DIGEST_SHA256, data, len, digest, e);
	code = code ?: read_on(r, e);
	if (code || is_seen(r, path, digest))
		return code;
	code = io_write_later(path, &part, 1, 0444, e);
	code = code ?: read_it(r, path, e);
	code = code ?: read_on(r, e);
	if (!code && !is_seen(r, path, digest))
		code = err_set(e, -ENODATA,
			       "%s: IMA has not measured it: its policy lacks the rules of "
			       "diglim-measure(5)",
			       path);
	return code;
}

static int measure_settings(struct imarecord *r, struct err *e)
{
	struct buf now = BUF_INIT;
	int code = imarecord_settings(&r->state, &now, e);
	bool same = !code && now.len == r->settings.len &&
		    memcmp(now.data, r->settings.data, now.len) == 0;

	if (!code && !same)
		code = measure(r, IMARECORD_SETTINGS, now.data, now.len, e);
	buf_free(&r->settings);
	r->settings = now;
	return code;
}

/* What the record makes of the state; its kind goes to *kind. */
static int follow(struct imarecord *r, const char *text, enum statement_kind *kind, struct err *e)
{
	struct statement s;
	int code = statement_parse(text, strlen(text), &s, e);

	if (code)
		return code;
	*kind = s.kind;
	if (s.kind == STATEMENT_CHANGE)
		code = statement_apply(&r->state, &s, e);
	if (s.kind == STATEMENT_STATE) {
		statement_done(&r->state);
		r->state = s;
	} else {
		statement_done(&s);
	}
	if (code || (*kind != STATEMENT_STATE && *kind != STATEMENT_CHANGE))
		return code;
	return measure_settings(r, e);
}

int imarecord_put(struct imarecord *r, const char *text, struct err *e)
{
	char name[IMARECORD_NAME_MAX];
	enum statement_kind kind;
	int code;

	if (r->broken)
		return err_set(e, -EIO, "an earlier record was not measured by IMA");
	code = follow(r, text, &kind, e);
	if (!code) {
		imarecord_name(++r->number, kind, name);
		code = measure(r, name, text, strlen(text), e);
	}
	r->broken = code;
	return code;
}
