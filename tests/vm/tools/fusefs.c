/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "fusefs DIR GOOD EVIL": a FUSE server without libfuse. DIR/victim has GOOD's content; after
 * SIGUSR1 EVIL's, which is as long, and the kernel is told to forget the pages it has.
 * "fusefs DIR FILE": DIR/victim has FILE's content, and who reads it waits until SIGUSR1: "kept"
 * says that somebody does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NODE	 2
#define KEPT_MAX 16

static int dev;
static char content[2][1 << 20];
static size_t size;
static volatile sig_atomic_t evil; /* SIGUSR1 came */
static bool keeps;
static struct {
	uint64_t unique;
	struct fuse_read_in rd;
} kept[KEPT_MAX];
static size_t n_kept;

static void on_signal(int sig)
{
	(void)sig;
	evil = 1;
}

static void answer(uint64_t unique, int error, void *data, size_t len)
{
	struct fuse_out_header h = {
		.len = (uint32_t)(sizeof(h) + len), .error = error, .unique = unique};
	struct iovec v[2] = {{&h, sizeof(h)}, {data, len}};

	if (writev(dev, v, 2) < 0 && errno != ENOENT)
		perror("fusefs: answer");
}

static void forget_pages(void)
{
	struct fuse_notify_inval_inode_out out = {.ino = NODE, .off = 0, .len = 0};

	answer(0, FUSE_NOTIFY_INVAL_INODE, &out, sizeof(out));
}

static void fill_attr(struct fuse_attr *a, uint64_t node)
{
	*a = (struct fuse_attr){
		.ino = node,
		.size = node == NODE ? size : 0,
		.mode = node == NODE ? S_IFREG | 0755 : S_IFDIR | 0755,
		.nlink = 1,
	};
}

static void do_init(const struct fuse_in_header *in)
{
	struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
				    .minor = FUSE_KERNEL_MINOR_VERSION,
				    .max_write = 4096};

	answer(in->unique, 0, &out, sizeof(out));
}

static void do_lookup(const struct fuse_in_header *in)
{
	struct fuse_entry_out out = {.nodeid = NODE, .attr_valid = 60, .entry_valid = 60};

	if (strcmp((const char *)(in + 1), "victim")) {
		answer(in->unique, -ENOENT, NULL, 0);
		return;
	}
	fill_attr(&out.attr, NODE);
	answer(in->unique, 0, &out, sizeof(out));
}

static void do_getattr(const struct fuse_in_header *in)
{
	struct fuse_attr_out out = {.attr_valid = 60};

	fill_attr(&out.attr, in->nodeid);
	answer(in->unique, 0, &out, sizeof(out));
}

static void answer_read(uint64_t unique, const struct fuse_read_in *rd)
{
	size_t len = rd->offset < size ? size - rd->offset : 0;

	if (len > rd->size)
		len = rd->size;
	answer(unique, 0, content[evil && !keeps] + rd->offset, len);
}

static void do_read(const struct fuse_in_header *in)
{
	const struct fuse_read_in *rd = (const void *)(in + 1);

	if (!keeps || evil) {
		answer_read(in->unique, rd);
	} else if (n_kept < KEPT_MAX) {
		kept[n_kept].unique = in->unique;
		kept[n_kept++].rd = *rd;
		puts("kept");
		fflush(stdout);
	} else {
		answer(in->unique, -EBUSY, NULL, 0);
	}
}

static void give_kept(void)
{
	for (size_t i = 0; i < n_kept; i++)
		answer_read(kept[i].unique, &kept[i].rd);
	n_kept = 0;
}

static void handle(const struct fuse_in_header *in)
{
	struct fuse_open_out opened = {.open_flags = FOPEN_KEEP_CACHE};

	switch (in->opcode) {
	case FUSE_INIT:
		do_init(in);
		break;
	case FUSE_LOOKUP:
		do_lookup(in);
		break;
	case FUSE_GETATTR:
		do_getattr(in);
		break;
	case FUSE_OPEN:
		answer(in->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		do_read(in);
		break;
	case FUSE_RELEASE:
	case FUSE_FLUSH:
		answer(in->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		answer(in->unique, -ENOSYS, NULL, 0);
	}
}

static size_t load(const char *path, char *to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, sizeof(content[0]));

	if (n <= 0) {
		perror(path);
		exit(2);
	}
	close(fd);
	return (size_t)n;
}

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_signal}; /* no SA_RESTART: read(2) returns */
	static char buf[1 << 17] __attribute__((aligned(8)));
	char options[128];
	bool told = false;

	if (argc != 3 && argc != 4) {
		fputs("usage: fusefs DIR GOOD [EVIL]\n", stderr);
		return 2;
	}
	size = load(argv[2], content[0]);
	keeps = argc == 3;
	if (!keeps)
		load(argv[3], content[1]);
	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 dev);
	if (dev < 0 || mount("fusefs", argv[1], "fuse", 0, options)) {
		perror("fusefs: mount");
		return 2;
	}
	sigaction(SIGUSR1, &sa, NULL);
	for (;;) {
		ssize_t n = read(dev, buf, sizeof(buf));

		if (n >= (ssize_t)sizeof(struct fuse_in_header))
			handle((struct fuse_in_header *)buf);
		else if (n < 0 && errno != EINTR && errno != EAGAIN && errno != ENOENT)
			return 0; /* unmounted */
		if (evil && !told) {
			if (keeps)
				give_kept();
			else
				forget_pages();
			told = true;
		}
	}
}
