/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events as JSON lines (diglim-list(5)) and as lines for people. What the kernel gives is turned
 * into a JSON line; the spool holds those lines.
 */
#ifndef DIGLIM_OUTPUT_EVENT_H
#define DIGLIM_OUTPUT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/event.h"
#include "out.h"

/* Both clocks at one moment, and the attachment that numbers the events. */
struct event_clock {
	uint64_t boot_ns; /* CLOCK_BOOTTIME */
	uint64_t real_ns; /* CLOCK_REALTIME */
	uint64_t session; /* when the programs were attached, CLOCK_BOOTTIME in ns */
};

/*
 * One JSON line without line feed, in new memory. @size bytes at @ev. NULL without memory or if the
 * record contradicts its size or version.
 */
char *event_line(const struct diglim_event *ev, size_t size, const struct event_clock *clock);

/* The line that stands for @count events up to number @seq that were overwritten unread. */
char *event_lost_line(uint64_t seq, uint64_t count, const struct event_clock *clock);

/* What a reader of lines needs to know about one. */
struct event_info {
	uint64_t seq;
	uint64_t session;
	int64_t time_us; /* since 1970 */
	bool refused;	 /* refused, or would have been */
	bool list;	 /* about a list */
	bool lost;
};

/* 0, or -EINVAL for what is no line of ours. */
int event_info(const char *line, size_t len, struct event_info *ret);

/* Prints one line for people, and how to go on from there. */
int event_show(struct out *o, const char *line, size_t len);

#endif
