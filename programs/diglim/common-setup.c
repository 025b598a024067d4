/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-setup.h"
#include "common-undo-journal.h"
#include "../../lib/base/io.h"
#include "../../lib/policy/confedit.h"

#define CONF_MAX (1U << 20)

bool setup_is_there(const struct cli *c, const char *path)
{
	char real[PATH_MAX];

	snprintf(real, sizeof(real), "%.2000s%s", c->places.root, path);
	return !access(real, F_OK);
}

int setup_run_verb(const struct cli *c, const char *words, struct err *e)
{
	char command[SETUP_COMMAND_MAX + PATH_MAX];
	const char *root = c->places.root;
	int r;

	snprintf(command, sizeof(command), "exec /proc/%d/exe %s%s%s%s </dev/null", getpid(), words,
		 *root ? " --root '" : "", root, *root ? "'" : "");
	r = undo_run("", command, e);
	return r > EXIT_NO ? err_set(e, -EIO, "diglim %s: exit status %d", words, r) : r;
}

const char *setup_initramfs(const struct cli *c)
{
	if (setup_is_there(c, "/usr/sbin/update-initramfs"))
		return "update-initramfs -u -k all";
	if (setup_is_there(c, "/usr/bin/dracut"))
		return "dracut --force --regenerate-all";
	return NULL;
}

/* 'diglim prepare --hook' has taken the note away if there was an initramfs to put our files into.
 */
static int was_taken(const struct cli *c, const char *command, struct err *e)
{
	if (unlink(c->places.wanted))
		return errno == ENOENT
			       ? 0
			       : err_set(e, -errno, "%s: %s", c->places.wanted, strerror(errno));
	return err_set(e, -ENOENT,
		       "%s: no initramfs has taken diglim-init: either it finds no kernel to make "
		       "one for, or its hook (package diglim-initramfs-tools or diglim-dracut) is "
		       "not installed",
		       command);
}

/* They succeed when there is nothing for them to do. */
int setup_make_initramfs(const struct cli *c, const char *command, struct err *e)
{
	const struct io_part note = {"", 0};
	int r = io_write_atomic(c->places.wanted, &note, 1, 0600, e);

	if (r)
		return r;
	r = undo_run(c->places.root, command, e);
	if (!r)
		return was_taken(c, command, e);
	(void)unlink(c->places.wanted);
	return r > 0 ? err_set(e, -EIO, "%s: exit status %d", command, r) : r;
}

int setup_refresh(const struct cli *c, struct err *e)
{
	const char *command = setup_initramfs(c);
	int r = 0;

	if (setup_is_there(c, PLACES_BOOT))
		r = setup_run_verb(c, "prepare", e);
	if (r > 0)
		r = err_set(e, -EIO, "diglim prepare: exit status %d", r);
	return r || !command ? r : setup_make_initramfs(c, command, e);
}

/* 1: setup was here. */
static int open_journal(const struct cli *c, struct undo *u, struct err *e)
{
	*u = (struct undo){0};
	return setup_is_there(c, PLACES_SETUP "/" UNDO_JOURNAL) ? undo_open(u, c->places.root, e)
								: 0;
}

static int write_conf(const struct cli *c, const struct io_part *part, struct err *e)
{
	struct undo u;
	int r = open_journal(c, &u, e);

	if (r > 0)
		r = undo_note_content(&u, PLACES_CONF, part->data, part->len, e);
	return r ? r : io_write_atomic(c->places.conf, part, 1, 0644, e);
}

int setup_conf(const struct cli *c, const char *section, const char *key, const char *value,
	       struct err *e)
{
	struct buf conf = BUF_INIT, wanted = BUF_INIT;
	struct io_part part;
	int r = io_read_file(c->places.conf, CONF_MAX, &conf, e);

	if (r == -ENOENT)
		r = 0;
	buf_add_u8(&conf, 0);
	if (!r && !conf.failed)
		confedit_set(&wanted, (const char *)conf.data, section, key, value);
	if (!r && (conf.failed || wanted.failed))
		r = err_set(e, -ENOMEM, "no memory");
	part = (struct io_part){wanted.data, wanted.len};
	if (!r)
		r = write_conf(c, &part, e);
	buf_free(&conf);
	buf_free(&wanted);
	return r;
}
