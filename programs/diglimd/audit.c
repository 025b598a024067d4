/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#ifdef HAVE_AUDIT
#include <libaudit.h>

static int audit_fd = -1;

void audit_begin(void)
{
	audit_fd = audit_open();
}

/* Names from outside go in as audit encodes them: nobody can make up further fields. */
static void add(char *to, size_t size, const char *name, const char *value)
{
	size_t len = strlen(to);
	char *coded = value ? audit_encode_nv_string(name, value, 0) : NULL;

	if (coded && len + strlen(coded) + 2 < size)
		snprintf(to + len, size - len, " %s", coded);
	free(coded);
}

void audit_event(const struct event_fields *f)
{
	/* Fields of audit, and ours: numbers, our own words, and names. */
	static const char *const plain[][2] = {{"hook", "HOOK"}, {"opid", "PID"}, {"ouid", "UID"}};
	static const char *const names[][2] = {
		{"reason", "REASON"},
		{"path", "PATH"},
		{"list", "LIST"},
		{"comm", "PROGRAM"},
	};
	char text[MAX_AUDIT_MESSAGE_LENGTH / 2];
	size_t len;

	if (audit_fd < 0)
		return;
	snprintf(text, sizeof(text), "op=diglim-%s", event_field(f, "EVENT"));
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		const char *value = event_field(f, plain[i][1]);

		len = strlen(text);
		if (value)
			snprintf(text + len, sizeof(text) - len, " %s=%s", plain[i][0], value);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		add(text, sizeof(text), names[i][0], event_field(f, names[i][1]));
	(void)audit_log_user_message(audit_fd, AUDIT_TRUSTED_APP, text, NULL, NULL, NULL,
				     f->refused ? 0 : 1);
}
#else
void audit_begin(void)
{
}

void audit_event(const struct event_fields *f)
{
	(void)f;
}
#endif
