/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-journal.h>
#endif

#define NAME	"diglim"
#define JOURNAL "/run/systemd/journal/socket"
#define SYSLOG	"/dev/log"

static enum { TO_STDERR, TO_SYSLOG, TO_JOURNAL } where;

void log_open(void)
{
	if (!access(SYSLOG, W_OK))
		where = TO_SYSLOG;
#ifdef HAVE_SYSTEMD
	if (!access(JOURNAL, W_OK))
		where = TO_JOURNAL;
#endif
	if (where == TO_SYSLOG)
		openlog(NAME, 0, LOG_AUTHPRIV);
}

#ifdef HAVE_SYSTEMD
static struct iovec part(const char *text)
{
	return (struct iovec){(void *)(uintptr_t)text, strlen(text)};
}

static int to_journal(const struct event_fields *f)
{
	char message[EVENT_SAID_MAX + 16], priority[32], object[64];
	const char *pid = event_field(f, "PID");
	struct iovec parts[EVENT_FIELDS_MAX + 4];
	int n = 0;

	snprintf(message, sizeof(message), "MESSAGE=%s", f->said);
	snprintf(priority, sizeof(priority), "PRIORITY=%d", f->priority);
	parts[n++] = part(message);
	parts[n++] = part(priority);
	parts[n++] = part("SYSLOG_IDENTIFIER=" NAME);
	/* So that journalctl -u shows it with the unit of the refused process, too. */
	if (pid && snprintf(object, sizeof(object), "OBJECT_PID=%s", pid) < (int)sizeof(object))
		parts[n++] = part(object);
	for (size_t i = 0; i < f->n; i++)
		parts[n++] = part(f->field[i]);
	return sd_journal_sendv(parts, n);
}
#endif

void log_event(const struct event_fields *f)
{
#ifdef HAVE_SYSTEMD
	if (where == TO_JOURNAL && !to_journal(f))
		return;
#endif
	if (where == TO_SYSLOG)
		syslog(f->priority, "%s", f->said);
	else
		fprintf(stderr, NAME ": %s\n", f->said);
}
