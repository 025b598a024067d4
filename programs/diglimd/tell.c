/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"

#define A_SECOND 3 /* messages: a loop of refusals must not drown a terminal */

/* The controlling terminal of a process of user @uid; 0: none. */
static dev_t terminal_of(uint32_t pid, uint32_t uid)
{
	char path[64], text[512] = "";
	unsigned number = 0;
	const char *after;
	struct stat st;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	fd = pid ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && st.st_uid == uid)
		n = read(fd, text, sizeof(text) - 1);
	close(fd);
	/* Behind the name, which may hold anything: state ppid pgrp session tty_nr. */
	after = n > 0 ? strrchr(text, ')') : NULL;
	if (!after || sscanf(after + 1, " %*c %*d %*d %*d %u", &number) != 1 || !number)
		return 0;
	/* As the kernel packs it: minor, major, rest of minor. */
	return makedev(number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xfff00));
}

static bool name_of(dev_t tty, char *ret, size_t size)
{
	unsigned major_nr = major(tty), minor_nr = minor(tty);

	if (major_nr >= 136 && major_nr <= 143)
		snprintf(ret, size, "/dev/pts/%u", (major_nr - 136) * 256 + minor_nr);
	else if (major_nr == 4 && minor_nr < 64)
		snprintf(ret, size, "/dev/tty%u", minor_nr);
	else if (major_nr == 4)
		snprintf(ret, size, "/dev/ttyS%u", minor_nr - 64);
	else
		return false;
	return true;
}

/* That very terminal, his, and open for messages (mesg y). */
static int open_terminal(dev_t tty, uint32_t uid)
{
	char path[32];
	struct stat st;
	int fd;

	if (!tty || !name_of(tty, path, sizeof(path)))
		return -1;
	fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == tty && st.st_uid == uid &&
	    st.st_mode & S_IWGRP)
		return fd;
	close(fd);
	return -1;
}

static bool too_many(void)
{
	static time_t second;
	static int n;
	time_t now = time(NULL);

	if (now != second) {
		second = now;
		n = 0;
	}
	return n++ >= A_SECOND;
}

void tell_user(const struct diglim_event *ev, const struct event_fields *f)
{
	int fd = open_terminal(terminal_of(ev->tgid, ev->uid), ev->uid);

	/* What was not executed is often gone by now, and the shell that tried is there. */
	if (fd < 0)
		fd = open_terminal(terminal_of(ev->ppid, ev->uid), ev->uid);
	if (fd < 0)
		return;
	if (!too_many())
		(void)dprintf(fd, "\r\ndiglim: %s\r\n", f->said);
	close(fd);
}
