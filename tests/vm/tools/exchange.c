/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "exchange file DEVICE FILE" gives a loop device another backing file, "exchange partition DEVICE"
 * adds a partition over all of a disk but its first page; neither needs write access to the device.
 * "exchange erofs FILE DIR" mounts a file with no loop device between, as mount(8) would put there.
 * Ends with 1 and says why if that is refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

static int said(int result)
{
	if (result)
		printf("refused %s\n", strerrorname_np(errno));
	return result ? 1 : 0;
}

static int add_partition(int fd)
{
	struct blkpg_partition part = {.start = 4096, .pno = 1};
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_ADD_PARTITION, .datalen = sizeof(part), .data = &part};
	uint64_t size;

	/* Wherever the file system has put the file. */
	if (ioctl(fd, BLKGETSIZE64, &size))
		return -1;
	part.length = (long long)size - part.start;
	return ioctl(fd, BLKPG, &arg);
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;

	if (argc == 4 && !strcmp(argv[1], "file"))
		return said(ioctl(fd, LOOP_CHANGE_FD, open(argv[3], O_RDONLY | O_CLOEXEC)));
	if (argc == 4 && !strcmp(argv[1], "erofs"))
		return said(mount(argv[2], argv[3], "erofs", MS_RDONLY, NULL));
	if (argc == 3 && !strcmp(argv[1], "partition"))
		return said(add_partition(fd));
	fputs("usage: exchange file DEVICE FILE | partition DEVICE | erofs FILE DIR\n", stderr);
	return 2;
}
