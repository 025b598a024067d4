// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../abi/use.h"
#include "../../../lib/base/hex.h"
#include "../../../lib/format/payload.h"
#include "../../../lib/pkgdb/tree.h"
#include "../base/testdata.h"

static char *dir;

static void make(const char *name, const char *text, mode_t mode)
{
	char path[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	char cmd[1000];

	dir = temp_dir();
	snprintf(cmd, sizeof(cmd),
		 "cd '%s' && mkdir -p r/usr/bin r/usr/lib/modules/6.1 r/boot r/etc "
		 "outside && mkfifo r/usr/bin/fifo && ln -s ../../../outside/x r/usr/bin/link && "
		 "ln -s /usr/bin r/bin && ln -s ../../../../.. r/usr/up",
		 dir);
	assert_int_equal(system(cmd), 0);
	make("r/usr/bin/tool", "#!/bin/sh\n", 0755);
	make("r/usr/bin/data", "text", 0644);
	make("r/usr/bin/lib.so",
	     "\x7f"
	     "ELF",
	     0644);
	make("r/usr/lib/modules/6.1/a.ko.xz", "x", 0644);
	make("r/boot/vmlinuz", "x", 0644);
	make("r/etc/secret", "x", 0600);
	make("outside/x", "x", 0755);
	return 0;
}

static int tear_down(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void uses(void **state)
{
	static const uint8_t none[16], elf[16] = "\x7f"
						 "ELF";

	assert_int_equal(tree_use("/usr/bin/x", 0755, none), DIGLIM_USE_EXEC);
	assert_int_equal(tree_use("/usr/bin/x", 0644, none), 0);
	assert_int_equal(tree_use("/x", 0644, elf), DIGLIM_USE_EXEC);
	assert_int_equal(tree_use("/lib/modules/6/x.ko", 0644, none),
			 DIGLIM_USE_MODULE | DIGLIM_USE_KEXEC);
	assert_int_equal(tree_use("/usr/lib/firmware/x.bin", 0644, none), DIGLIM_USE_FIRMWARE);
	assert_int_equal(tree_use("/boot/vmlinuz", 0644, none), DIGLIM_USE_KEXEC);
	assert_int_equal(tree_use("/srv/me/x.ko.zst", 0644, none), DIGLIM_USE_MODULE);
	assert_int_equal(tree_use("/srv/me/x.kox", 0644, none), 0);
	assert_int_equal(tree_use("/srv.ko/me/x", 0644, none), 0);
}

struct seen {
	char paths[1000];
};

static int see(const struct payload_entry *entry, void *arg)
{
	struct seen *s = arg;
	char hex[65];

	sprintf(s->paths + strlen(s->paths), "%s %x %.4s\n", entry->path, entry->use,
		hex_encode(entry->digest, 32, hex));
	return 0;
}

/* Adds one path and returns the resulting list as text. */
static const char *list(const char *root, const char *path, bool all, struct tree_count *n)
{
	static struct seen s;
	struct tree_options opt = {.root = root, .all = all};
	struct tlvwrite *w = tlvwrite_new("x", 1);
	struct buf b = BUF_INIT;
	struct err e;

	memset(&s, 0, sizeof(s));
	if (tree_add(w, path, &opt, n, &e) < 0)
		fail_msg("%s", e.text);
	if (!tlvwrite_finish(w, &b, &e))
		assert_int_equal(payload_walk(b.data, b.len, "x", NULL, see, &s, &e), 0);
	tlvwrite_free(w);
	buf_free(&b);
	return s.paths;
}

/* sha256sum of "x" begins with 2d71, that of "text" with 982d. */
/* valgrind, for one, does not know openat2(2). */
static void need_openat2(void)
{
	struct open_how how = {.flags = O_PATH};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));

	if (fd < 0) {
		print_message("SKIP: openat2(2): %s\n", strerror(errno));
		skip();
	}
	close(fd);
}

static void directories(void **state)
{
	char root[300];
	struct tree_count n;
	const char *text;

	need_openat2();
	snprintf(root, sizeof(root), "%s/r", dir);
	text = list(root, "/", false, &n);
	assert_non_null(strstr(text, "/boot/vmlinuz 8 2d71\n"));
	assert_non_null(strstr(text, "/usr/bin/tool 1 "));
	assert_non_null(strstr(text, "/usr/bin/lib.so 1 "));
	assert_non_null(strstr(text, "/usr/lib/modules/6.1/a.ko.xz a 2d71\n"));
	assert_null(strstr(text, "data"));
	assert_null(strstr(text, "link"));
	assert_null(strstr(text, "up"));
	assert_int_equal(n.added, 4);
	assert_int_equal(n.failed, 0);
	assert_int_equal(n.skipped, 2 + 4); /* data, secret; fifo, three links */
	text = list(root, "/", true, &n);
	assert_non_null(strstr(text, "/usr/bin/data 10 982d\n"));
	assert_int_equal(n.added, 6);
}

static void paths_stay_below_the_root(void **state)
{
	struct tree_options opt = {0};
	struct tlvwrite *w;
	char root[300], path[400];
	struct tree_count n;
	struct err e;

	need_openat2();
	w = tlvwrite_new("x", 1);
	snprintf(root, sizeof(root), "%s/r", dir);
	/* An absolute link means below the root, and the real path is recorded. */
	assert_non_null(strstr(list(root, "bin/tool", false, &n), "/usr/bin/tool 1 "));
	assert_non_null(strstr(list(root, "/usr/up/boot", false, &n), "/boot/vmlinuz 8 "));
	opt.root = root;
	assert_int_equal(tree_add(w, "/usr/bin/link", &opt, &n, &e), -ENOENT);
	assert_int_equal(tree_add(w, "../outside/x", &opt, &n, &e), -ENOENT);
	opt.root = NULL;
	snprintf(path, sizeof(path), "%s/usr/bin/link", root);
	assert_int_equal(tree_add(w, path, &opt, &n, &e), 0);
	assert_int_equal(n.added, 1);
	tlvwrite_free(w);
}

static void named_files(void **state)
{
	struct tree_options opt = {0};
	struct tlvwrite *w = tlvwrite_new("x", 1);
	struct tree_count n;
	char path[400];
	struct err e;

	snprintf(path, sizeof(path), "%s/r/usr/bin/data", dir);
	assert_non_null(strstr(list(NULL, path, false, &n), "/r/usr/bin/data 1 982d"));
	snprintf(path, sizeof(path), "%s/r/usr/bin/fifo", dir);
	assert_int_equal(tree_add(w, path, &opt, &n, &e), -EINVAL);
	assert_int_equal(tree_add(w, "/dev/null", &opt, &n, &e), -EINVAL);
	assert_int_equal(tree_add(w, "/no/such/file", &opt, &n, &e), -ENOENT);
	assert_int_equal(tree_add(w, "/proc/self", &opt, &n, &e), 0);
	assert_int_equal(n.added, 0);
	assert_int_equal(n.skipped, 1);
	tlvwrite_free(w);
}

static int last_event = -1;
static char last_text[ERR_TEXT_MAX];

static void report(enum tree_event event, const char *path, uint64_t bytes, const struct err *e,
		   void *arg)
{
	last_event = (int)event;
	snprintf(last_text, sizeof(last_text), "%s", e ? e->text : "");
}

/* Appends to @path until it is killed. */
static pid_t start_writer(const char *path)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid;
	fd = open(path, O_WRONLY | O_APPEND);
	while (write(fd, "x", 1) == 1)
		usleep(1000);
	_exit(0);
}

static void changing_files(void **state)
{
	struct tree_options opt = {.report = report};
	struct tlvwrite *w = tlvwrite_new("x", 1);
	struct tree_count n = {0};
	char path[400];
	struct err e;
	pid_t writer;
	int r;

	make("growing", "", 0755);
	snprintf(path, sizeof(path), "%s/growing", dir);
	assert_int_equal(truncate(path, 256 << 20), 0);
	writer = start_writer(path);
	r = tree_add(w, path, &opt, &n, &e);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	assert_int_equal(r, 0);
	assert_int_equal(n.failed, 1);
	assert_int_equal(n.added, 0);
	assert_int_equal(last_event, TREE_CHANGED);
	assert_non_null(strstr(last_text, "changed while it was read"));
	assert_int_equal(tlvwrite_count(w), 0);
	tlvwrite_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses),
		cmocka_unit_test(directories),
		cmocka_unit_test(paths_stay_below_the_root),
		cmocka_unit_test(named_files),
		cmocka_unit_test(changing_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
