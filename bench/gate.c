/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instructions of what the TPM gate hangs on, in the state in which this machine is, in a guest
 * that counts them. Prints one JSON object.
 *
 * usage: bench-gate CALLS PLAIN
 *
 * PLAIN is a file. "tpm" is a command of no bytes, which the driver refuses: all of the way there
 * and back but the TPM itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "guest.h"

static int plain, null, tpm;
static char byte;

static void do_read(void)
{
	if (pread(plain, &byte, 1, 0) != 1)
		guest_die("read");
}

static void do_write(void)
{
	if (write(null, &byte, 1) != 1)
		guest_die("write");
}

static void do_tpm(void)
{
	if (write(tpm, &byte, 0) != -1 || errno != EINVAL)
		guest_die("tpm");
}

int main(int argc, char **argv)
{
	uint32_t calls = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;

	if (!calls || calls > GUEST_CALLS_MAX) {
		fputs("usage: bench-gate CALLS PLAIN\n", stderr);
		return 2;
	}
	plain = open(argv[2], O_RDONLY);
	null = open("/dev/null", O_WRONLY);
	tpm = open("/dev/tpmrm0", O_RDWR);
	if (plain < 0 || null < 0 || tpm < 0)
		guest_die("files");
	printf("{\"read\": %.1f, \"write\": %.1f, ", guest_measure(do_read, calls),
	       guest_measure(do_write, calls));
	printf("\"tpm\": %.1f}\n", guest_measure(do_tpm, calls));
	return 0;
}
