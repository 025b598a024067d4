/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "kexec file FILE" and "kexec memory": the two ways to hand the kernel another kernel. Neither
 * could boot: prints the errno that the attempt ended with, 0 for none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char image[4096];
	struct kexec_segment segment = {
		.buf = image,
		.bufsz = sizeof(image),
		.mem = (void *)0x1000000,
		.memsz = sizeof(image),
	};
	long r;

	if (argc == 3 && !strcmp(argv[1], "file")) {
		int fd = open(argv[2], O_RDONLY);

		if (fd < 0) {
			perror(argv[2]);
			return 2;
		}
		r = syscall(SYS_kexec_file_load, fd, -1, 1UL, "", KEXEC_FILE_NO_INITRAMFS);
	} else if (argc == 2 && !strcmp(argv[1], "memory")) {
		r = syscall(SYS_kexec_load, 0x1000000UL, 1UL, &segment, KEXEC_ARCH_DEFAULT);
	} else {
		fputs("usage: kexec file FILE | memory\n", stderr);
		return 2;
	}
	printf("%d\n", r < 0 ? errno : 0);
	return 0;
}
