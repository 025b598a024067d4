/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

static void be_shell(const struct boot *b)
{
	static const char *const shells[] = {"/bin/sh", "/bin/bash", "/bin/busybox"};
	int fd;

	setsid();
	fd = open_device(b, "console", O_RDWR);
	if (fd >= 0) {
		ioctl(fd, TIOCSCTTY, 1);
		for (int i = 0; i < 3; i++)
			dup2(fd, i);
	}
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		execl(shells[i], "sh", (char *)NULL);
	_exit(127);
}

/* Nobody is there to type: the owner said so to the kernel. */
static void restart_if_told(const struct boot *b)
{
	char text[BOOT_ARGUMENT_MAX];
	const char *after = boot_argument(b->cmdline, "panic", text);
	int seconds = after ? atoi(after) : 0;

	if (!after)
		return;
	say(b, "starting anew, as the kernel argument panic=%s says", after);
	if (seconds > 0)
		sleep((unsigned)seconds);
	sync();
	reboot(RB_AUTOBOOT);
}

void stop_here(const struct boot *b)
{
	int status = 0;
	pid_t child;

	say(b, "stopped; the kernel arguments diglim=audit and diglim=off start the machine");
	restart_if_told(b);
	say(b, "when this shell ends, the start goes on");
	child = fork();
	if (child == 0)
		be_shell(b);
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) != 127)
		return;
	say(b, "there is no shell");
	for (;;)
		pause();
}
