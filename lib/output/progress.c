/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "progress.h"
#include "text.h"
#include "../base/text.h"

#define BAR_WIDTH 24

static double elapsed(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

void progress_start(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){.what = what, .total = total, .terminal = isatty(STDERR_FILENO)};
	clock_gettime(CLOCK_MONOTONIC, &p->start);
	p->last = p->start;
}

void progress_render(char *buf, size_t size, size_t width, const struct progress *p, uint64_t done,
		     uint64_t seconds, const char *detail)
{
	char bar[BAR_WIDTH + 1], span[TEXT_SPAN_MAX];
	size_t filled, len, room = width < size ? width : size - 1;
	int n;

	if (p->total) {
		if (done > p->total)
			done = p->total;
		filled = (size_t)(done * BAR_WIDTH / p->total);
		memset(bar, '#', filled);
		memset(bar + filled, '.', BAR_WIDTH - filled);
		bar[BAR_WIDTH] = '\0';
		n = snprintf(buf, size, "%s [%s] %llu/%llu", p->what, bar, (unsigned long long)done,
			     (unsigned long long)p->total);
	} else {
		n = snprintf(buf, size, "%s %llu", p->what, (unsigned long long)done);
	}
	len = n < 0 ? 0 : (size_t)n;
	if (p->total && done && done < p->total && len < size) {
		text_span(span, seconds * (p->total - done) / done);
		n = snprintf(buf + len, size - len, " %s left", span);
		len += n < 0 ? 0 : (size_t)n;
	}
	if (detail && len + 4 < room) {
		buf[len++] = ' ';
		text_escape(buf + len, room - len + 1, detail, strlen(detail));
	} else if (len > room) {
		buf[room] = '\0';
	}
}

void progress_step(struct progress *p, uint64_t done, const char *detail)
{
	struct winsize ws = {0};
	struct timespec now;
	char line[512];

	if (!p->terminal)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (elapsed(&p->start, &now) < 1 || (p->shown && elapsed(&p->last, &now) < 0.1))
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) || ws.ws_col < 20)
		ws.ws_col = 80;
	progress_render(line, sizeof(line), ws.ws_col - 1U, p, done,
			(uint64_t)elapsed(&p->start, &now), detail);
	fprintf(stderr, "\r\033[K%s", line);
	p->last = now;
	p->shown = true;
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
