/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests to the kernel side with nothing checked before: "request add PAYLOAD SIGNATURE",
 * "request remove HEX", "request op NUMBER", "request version NUMBER", "request size BYTES".
 * Prints the answer as the kernel gives it, an errno or an enum diglim_error ("2000" is success).
 * "request park" names memory whose pages nobody brings.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../abi/request.h"

static const void *map_file(const char *path, uint32_t *len)
{
	static const char nothing[1];
	struct stat st;
	void *p;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(2);
	}
	*len = (uint32_t)st.st_size;
	if (!st.st_size)
		return nothing;
	/* The kernel side does not wait for pages. */
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	return p;
}

static void parse_id(const char *hex, uint8_t *id)
{
	for (int i = 0; i < DIGLIM_LIST_ID_SIZE; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &id[i]) != 1)
			exit(2);
}

/* Memory whose pages a userfaultfd must bring; nobody reads from it. */
static void *parked(size_t len)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	reg.range.start = (uintptr_t)p;
	reg.range.len = len;
	if (p == MAP_FAILED || fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg)) {
		perror("userfaultfd");
		exit(2);
	}
	return p;
}

int main(int argc, char **argv)
{
	struct diglim_request rq = {.version = DIGLIM_REQUEST_VERSION, .op = DIGLIM_OP_PING};
	size_t size = sizeof(rq);

	if (argc == 4 && !strcmp(argv[1], "add")) {
		rq.op = DIGLIM_OP_ADD;
		rq.payload = (uintptr_t)map_file(argv[2], &rq.payload_len);
		rq.sig = (uintptr_t)map_file(argv[3], &rq.sig_len);
	} else if (argc == 3 && !strcmp(argv[1], "remove")) {
		rq.op = DIGLIM_OP_REMOVE;
		parse_id(argv[2], rq.list_id);
	} else if (argc == 3 && !strcmp(argv[1], "op")) {
		rq.op = (uint32_t)atoi(argv[2]);
	} else if (argc == 3 && !strcmp(argv[1], "version")) {
		rq.version = (uint32_t)atoi(argv[2]);
	} else if (argc == 3 && !strcmp(argv[1], "size")) {
		size = (size_t)atoi(argv[2]);
	} else if (argc == 2 && !strcmp(argv[1], "unmapped")) {
		rq.op = DIGLIM_OP_ADD;
		rq.payload = rq.sig = 4096;
		rq.payload_len = rq.sig_len = 64;
	} else if (argc == 2 && !strcmp(argv[1], "park")) {
		rq.op = DIGLIM_OP_ADD;
		rq.payload_len = rq.sig_len = 64;
		rq.payload = rq.sig = (uintptr_t)parked(4096);
	} else {
		fputs("usage: request add PAYLOAD SIGNATURE | remove HEX | op N | version N | size "
		      "N | unmapped | park\n",
		      stderr);
		return 2;
	}
	syscall(SYS_bpf, DIGLIM_BPF_CMD, &rq, size);
	printf("%d\n", errno);
	return 0;
}
