/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A command whose bytes come later than the permission to write it: of memory that is not there
 * (userfaultfd), or of a file of a file system that takes its time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tpm-command.h"
#include "tpm-ways.h"

#define PAGE	 4096
#define LOOK_MS	 100
#define FILE_TRY 20 /* looks until a file's page counts as not there */

static struct {
	const struct way *way;
	const void *command;
	size_t len;
	int uffd, fd;
	void *page;
	pthread_t thread;
	ssize_t n;
	int error;
} parked;

static void *park_thread(void *arg)
{
	(void)arg;
	parked.n = parked.way->send(parked.fd, parked.page, parked.len);
	parked.error = errno;
	return NULL;
}

static int page_of_memory(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register reg = {.mode = UFFDIO_REGISTER_MODE_MISSING};

	parked.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	parked.uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	reg.range.start = (uintptr_t)parked.page;
	reg.range.len = PAGE;
	if (parked.page == MAP_FAILED || parked.uffd < 0 || ioctl(parked.uffd, UFFDIO_API, &api) ||
	    ioctl(parked.uffd, UFFDIO_REGISTER, &reg))
		return -1;
	return 0;
}

static int page_of_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	parked.uffd = -1;
	if (fd < 0)
		return -1;
	parked.page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	return parked.page == MAP_FAILED ? -1 : 0;
}

/* Is the thread waiting for the page? Or it is over, and was refused. */
static bool waits(unsigned look)
{
	struct pollfd p = {.fd = parked.uffd, .events = POLLIN};
	struct uffd_msg msg;

	if (parked.uffd >= 0)
		return poll(&p, 1, LOOK_MS) == 1 &&
		       read(parked.uffd, &msg, sizeof(msg)) == sizeof(msg);
	nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
	return look >= FILE_TRY;
}

static int over(void)
{
	if (parked.n == (ssize_t)parked.len) {
		answer(parked.fd);
	} else {
		errno = parked.error;
		said_errno();
	}
	munmap(parked.page, PAGE);
	close(parked.fd);
	if (parked.uffd >= 0)
		close(parked.uffd);
	return 0;
}

int park(char *how)
{
	const char *name = strtok(how, " "), *what = strtok(NULL, " "), *path = strtok(NULL, " ");
	bool quote = what && strcmp(what, "quote") == 0;

	parked.way = way_find(name ? name : "write");
	parked.command = quote ? tpm_quote : tpm_pcr_read;
	parked.len = quote ? sizeof(tpm_quote) : sizeof(tpm_pcr_read);
	if (!parked.way)
		return not_attempted("way");
	parked.fd = open(TPM_DEVICE, O_RDWR | O_CLOEXEC | parked.way->flags);
	if (parked.fd < 0 || (path ? page_of_file(path) : page_of_memory()) ||
	    pthread_create(&parked.thread, NULL, park_thread, NULL))
		return not_attempted("parking");
	for (unsigned i = 0; !waits(i); i++)
		if (!pthread_tryjoin_np(parked.thread, NULL))
			return over();
	puts("parked");
	return 0;
}

/* Gives the memory; a file's page is another one's to give. */
int unpark(void)
{
	static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {
		.dst = (uintptr_t)parked.page, .src = (uintptr_t)page, .len = PAGE};

	memcpy(page, parked.command, parked.len);
	if (parked.uffd >= 0 && ioctl(parked.uffd, UFFDIO_COPY, &copy))
		return not_attempted("page");
	pthread_join(parked.thread, NULL);
	return over();
}
