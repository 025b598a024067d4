/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "exchange file DEVICE FILE" gives a loop device another backing file, "exchange partition DEVICE"
 * adds a partition over all of a disk but its first page; neither needs write access to the device.
 * "exchange nodes DIR" opens 4,200 block devices for writing of which none exists.
 * "exchange extents FILE DONOR" takes the blocks of the second half from the other file on ext4.
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
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

/* linux/ext4.h is not installed everywhere. */
struct move_extent {
	uint32_t reserved;
	uint32_t donor_fd;
	uint64_t orig_start; /* blocks */
	uint64_t donor_start;
	uint64_t len;
	uint64_t moved_len;
};

static int move_extents(const char *orig, const char *donor)
{
	struct move_extent move = {0};
	int fd = open(orig, O_RDWR | O_CLOEXEC), other = open(donor, O_RDWR | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || other < 0 || fstat(fd, &st))
		return -1;
	move.donor_fd = (uint32_t)other;
	move.len = (uint64_t)(st.st_size / 2 / st.st_blksize);
	move.orig_start = move.donor_start = move.len;
	return ioctl(fd, _IOWR('f', 15, struct move_extent), &move);
}

static int open_nodes(const char *dir)
{
	char path[256];
	unsigned int i;
	int fd;

	snprintf(path, sizeof(path), "%s/node", dir);
	for (i = 0; i < 4200; i++) {
		if (mknod(path, S_IFBLK | 0600, makedev(240, i)))
			return -1;
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		unlink(path);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;

	if (argc == 4 && !strcmp(argv[1], "file"))
		return said(ioctl(fd, LOOP_CHANGE_FD, open(argv[3], O_RDONLY | O_CLOEXEC)));
	if (argc == 4 && !strcmp(argv[1], "erofs"))
		return said(mount(argv[2], argv[3], "erofs", MS_RDONLY, NULL));
	if (argc == 3 && !strcmp(argv[1], "nodes"))
		return said(open_nodes(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "extents"))
		return said(move_extents(argv[2], argv[3]));
	if (argc == 3 && !strcmp(argv[1], "partition"))
		return said(add_partition(fd));
	fputs("usage: exchange file DEVICE FILE | partition DEVICE | erofs FILE DIR |\n"
	      "       extents FILE DONOR | nodes DIR\n",
	      stderr);
	return 2;
}
