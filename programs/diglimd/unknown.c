/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unknown.h"
#include "../../abi/use.h"
#include "../../lib/base/buf.h"

/* After so many unknown files one more tells nobody anything. */
#define UNKNOWN_MAX 4096

void unknown_done(struct unknown *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->texts[i]);
	free(u->texts);
	*u = (struct unknown){0};
}

/* Was this very text recorded in this boot? */
static bool was_recorded(const struct unknown *u, const struct measure_log *log, const char *text)
{
	for (size_t i = 0; i < log->n; i++)
		if (log->records[i].text && strcmp(log->records[i].text, text) == 0)
			return true;
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->texts[i], text) == 0)
			return true;
	return false;
}

static int note(struct unknown *u, const char *text, struct err *e)
{
	char **more = realloc(u->texts, (u->n + 1) * sizeof(*more));
	char *copy = more ? strdup(text) : NULL;

	if (more)
		u->texts = more;
	if (!copy)
		return err_set(e, -ENOMEM, "out of memory");
	u->texts[u->n++] = copy;
	return 0;
}

static const char *use_name(uint32_t use)
{
	return use & DIGLIM_USE_MODULE	   ? "module"
	       : use & DIGLIM_USE_FIRMWARE ? "firmware"
	       : use & DIGLIM_USE_KEXEC	   ? "kexec"
	       : use & DIGLIM_USE_DATA	   ? "data"
					   : "exec";
}

/* The path of the event, or what else is known of the file. */
static void name_of(const struct diglim_event *ev, size_t size, char ret[DIGLIM_PATH_LONG])
{
	size_t room = size - sizeof(*ev), len = ev->path_len < room ? ev->path_len : room;

	if (len >= DIGLIM_PATH_LONG)
		len = DIGLIM_PATH_LONG - 1;
	if (snprintf(ret, DIGLIM_PATH_LONG, "%.*s", (int)len, ev->path) <= 0)
		snprintf(ret, DIGLIM_PATH_LONG, "device:%u:%u,inode:%llu", ev->dev >> 20,
			 ev->dev & 0xfffff, (unsigned long long)ev->inode);
}

int unknown_record(struct unknown *u, struct seal *seal, const struct measure_log *log,
		   const struct diglim_event *ev, size_t size, struct err *e)
{
	struct statement s = STATEMENT_INIT(STATEMENT_UNKNOWN);
	char *name = malloc(DIGLIM_PATH_LONG);
	struct buf text = BUF_INIT;
	int r = name ? 0 : err_set(e, -ENOMEM, "out of memory");

	if (!r) {
		name_of(ev, size, name);
		r = statement_add(&s, "file", ev->has_digest ? ev->digest : NULL, name, e);
	}
	r = r ?: statement_add_word(&s, "use", use_name(ev->use), e);
	r = r ?: statement_text(&s, &text, e);
	buf_add_u8(&text, 0);
	if (!r && text.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	if (!r && u->n < UNKNOWN_MAX && !was_recorded(u, log, (char *)text.data)) {
		r = seal_record(seal, &s, e);
		r = r ?: note(u, (char *)text.data, e);
	}
	buf_free(&text);
	statement_done(&s);
	free(name);
	return r;
}
