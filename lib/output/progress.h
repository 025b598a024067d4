/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A progress bar on standard error: only on a terminal, only after a second, gone at the end.
 */
#ifndef DIGLIM_OUTPUT_PROGRESS_H
#define DIGLIM_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct progress {
	const char *what; /* "Reading packages" */
	uint64_t total;	  /* 0: not known, a count is shown */
	bool terminal;
	bool shown;
	struct timespec start;
	struct timespec last;
};

void progress_start(struct progress *p, const char *what, uint64_t total);
/* @detail (may be NULL): what is being worked on. */
void progress_step(struct progress *p, uint64_t done, const char *detail);
/* Clears the line. To be called before anything else is printed, too. */
void progress_clear(struct progress *p);

/* The line that is shown, at most @width columns. For progress_step() and its test. */
void progress_render(char *buf, size_t size, size_t width, const struct progress *p, uint64_t done,
		     uint64_t seconds, const char *detail);

#endif
