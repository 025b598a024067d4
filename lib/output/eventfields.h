/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An event's JSON line for logs: one sentence, its urgency, and the fields by name. */
#ifndef DIGLIM_OUTPUT_EVENTFIELDS_H
#define DIGLIM_OUTPUT_EVENTFIELDS_H

#include <stdbool.h>
#include <stddef.h>

#define EVENT_FIELDS_MAX 40
#define EVENT_SAID_MAX	 6144 /* a path of DIGLIM_PATH_LONG bytes, a part of it escaped */

struct event_fields {
	char said[EVENT_SAID_MAX];     /* escaped, one line */
	int priority;		       /* as in syslog(3): 3 error to 6 informational */
	bool refused;		       /* or would have been */
	char *field[EVENT_FIELDS_MAX]; /* "DIGLIM_REASON=unknown" … */
	size_t n;
};

/*
 * 0; -EINVAL for what is no line of ours, -ENOMEM. Values are as in the JSON line: whoever prints
 * them escapes them.
 */
int event_fields(const char *line, size_t len, struct event_fields *ret);
void event_fields_done(struct event_fields *f);

/* The value of one of them; NULL if it is not there. @name without "DIGLIM_". */
const char *event_field(const struct event_fields *f, const char *name);

#endif
