// SPDX-License-Identifier: LGPL-2.1-or-later
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../abi/use.h"
#include "../../../lib/base/hex.h"
#include "../../../lib/base/work.h"
#include "../../../lib/pkgdb/walk.h"
#include "../base/testdata.h"

static char *dir;

static void shell(const char *text)
{
	char cmd[2000];

	snprintf(cmd, sizeof(cmd), "cd '%s' && %s", dir, text);
	assert_int_equal(system(cmd), 0);
}

static int set_up(void **state)
{
	dir = temp_dir();
	return dir ? 0 : -1;
}

static int tear_down(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void kinds(void **state)
{
	uint8_t rel[20] = {0x7f, 'E', 'L', 'F', 2, ELFDATA2LSB}, exec[20], dyn[20], be[20];
	static const struct {
		const char *path;
		uint32_t mode;
		const char *head;
		enum file_kind kind;
	} texts[] = {
		{"/usr/bin/x", 0644, "#!/bin/sh\n", FILE_KIND_SCRIPT},
		{"/usr/bin/x", 0755, "#!/bin/sh\n", FILE_KIND_SCRIPT},
		{"/usr/bin/x", 0755, "text", FILE_KIND_EXECUTABLE},
		{"/usr/bin/x", 0644, "text", FILE_KIND_NONE},
		{"/usr/lib/x.py", 0644, "import os", FILE_KIND_SCRIPT},
		{"/lib/firmware/x", 0644, "text", FILE_KIND_FIRMWARE},
		{"/lib/modules/6/x.ko.xz", 0644, "text", FILE_KIND_MODULE},
		{"/lib/modules/6/vmlinuz", 0644, "text", FILE_KIND_KERNEL},
		{"/boot/vmlinuz", 0644, "text", FILE_KIND_KERNEL},
		{"/x", 0644, "", FILE_KIND_NONE},
		{"/x", 0644, "#!", FILE_KIND_NONE},
	};
	uint32_t use;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(file_kind(texts[i].path, texts[i].mode,
					   (const uint8_t *)texts[i].head, strlen(texts[i].head),
					   &use),
				 texts[i].kind);
	memcpy(exec, rel, 20);
	memcpy(dyn, rel, 20);
	memcpy(be, rel, 20);
	rel[16] = ET_REL;
	exec[16] = ET_EXEC;
	dyn[16] = ET_DYN;
	be[5] = ELFDATA2MSB;
	be[17] = ET_REL;
	assert_int_equal(file_kind("/a.o", 0644, rel, 20, &use), FILE_KIND_NONE);
	assert_int_equal(use, 0);
	assert_int_equal(file_kind("/a.o", 0644, be, 20, &use), FILE_KIND_NONE);
	assert_int_equal(file_kind("/x/a.ko", 0644, rel, 20, &use), FILE_KIND_MODULE);
	assert_int_equal(file_kind("/x", 0644, exec, 20, &use), FILE_KIND_PROGRAM);
	assert_int_equal(file_kind("/x.so.1", 0755, dyn, 20, &use), FILE_KIND_LIBRARY);
	assert_int_equal(file_kind("/x", 0755, dyn, 20, &use), FILE_KIND_PROGRAM);
	assert_int_equal(file_kind("/x", 0644, dyn, 20, &use), FILE_KIND_LIBRARY);
	assert_int_equal(file_kind("/x", 0644, dyn, 10, &use), FILE_KIND_LIBRARY);
}

struct found {
	size_t n, sum;
	char text[4000];
	char troubles[2000];
};

static void found_file(const struct walk_file *f, void *arg)
{
	struct found *found = arg;
	char hex[65];

	found->n++;
	found->sum += f->digest[0];
	if (strlen(found->text) < sizeof(found->text) - 300)
		sprintf(found->text + strlen(found->text), "%s %s %.4s\n", f->path,
			file_kind_name(f->kind), hex_encode(f->digest, 32, hex));
}

static void found_trouble(enum walk_trouble what, const char *path, const struct err *e, void *arg)
{
	struct found *found = arg;

	sprintf(found->troubles + strlen(found->troubles), "%d %s %s\n", what, path,
		e ? e->text : "");
}

static int walk(const char *root, const char *path, unsigned int threads, struct found *f,
		struct walk_count *n, struct err *e)
{
	struct walk_options opt = {.root = root,
				   .threads = threads,
				   .file = found_file,
				   .trouble = found_trouble,
				   .arg = f};

	memset(f, 0, sizeof(*f));
	return walk_paths(&path, 1, &opt, n, e);
}

/* sha256sum of "x" begins with 2d71. */
static void finds(void **state)
{
	struct walk_count n;
	struct found f;
	struct err e;

	shell("mkdir -p r/usr/bin r/lib/firmware r/a/b/c out && printf x >r/usr/bin/tool && "
	      "chmod 755 r/usr/bin/tool && printf x >r/lib/firmware/fw && printf x >r/a/data && "
	      "printf '#!/bin/sh' >r/a/b/c/script && printf x >out/tool && chmod 755 out/tool && "
	      "ln -s ../../out r/a/out && ln -s ../out/tool r/link && mkfifo r/a/fifo");
	assert_int_equal(chdir(dir), 0);
	if (walk("r", "/", 2, &f, &n, &e))
		fail_msg("%s", e.text);
	assert_non_null(strstr(f.text, "/usr/bin/tool executable 2d71\n"));
	assert_non_null(strstr(f.text, "/lib/firmware/fw firmware 2d71\n"));
	assert_non_null(strstr(f.text, "/a/b/c/script script "));
	assert_int_equal(f.n, 3);
	assert_int_equal(n.hashed, 3);
	assert_int_equal(n.files, 4);
	assert_string_equal(f.troubles, "");
	/* A link that was named is followed below the root; out of it there is nothing. */
	assert_int_equal(walk("r", "/a/out", 1, &f, &n, &e), -ENOENT);
	assert_int_equal(walk(NULL, "r/a/fifo", 1, &f, &n, &e), -EINVAL);
	assert_int_equal(walk(NULL, "/dev/null", 1, &f, &n, &e), -EINVAL);
	assert_int_equal(walk("r", "/usr/bin/tool", 1, &f, &n, &e), 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(walk(NULL, "/proc", 1, &f, &n, &e) ?: (int)f.n, 0);
	assert_int_equal(walk(NULL, "r", WORK_THREADS_MAX + 1, &f, &n, &e), -EINVAL);
}

/* As many threads as may be, one directory full of files and one full of directories. */
static void many(void **state)
{
	struct walk_count n;
	struct found one, all;
	struct err e;

	shell("mkdir -p m/flat m/deep && cd m/flat && seq 3000 | split -l 1 -a 4 - f && "
	      "chmod 755 f* && cd ../deep && seq -f '%.0f/sub' 2000 | xargs mkdir -p && "
	      "for i in $(seq 1 50 2000); do echo $i >$i/sub/f; chmod 755 $i/sub/f; done && "
	      "d=$(printf 'l/%.0s' $(seq 500)) && mkdir -p $d && echo x >$d/f && chmod 755 $d/f");
	assert_int_equal(walk(dir, "/m", 1, &one, &n, &e), 0);
	assert_int_equal(one.n, 3000 + 40 + 1);
	assert_int_equal(walk(dir, "/m", 8, &all, &n, &e), 0);
	assert_int_equal(all.n, one.n);
	assert_int_equal(all.sum, one.sum);
	assert_string_equal(all.troubles, "");
}

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

static void changing(void **state)
{
	struct walk_count n;
	struct found f;
	char path[400];
	struct err e;
	pid_t writer;

	shell("mkdir g && truncate -s 256M g/growing && chmod 755 g/growing");
	snprintf(path, sizeof(path), "%s/g/growing", dir);
	writer = start_writer(path);
	assert_int_equal(walk(dir, "/g", 1, &f, &n, &e), 0);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	assert_int_equal(f.n, 0);
	assert_non_null(strstr(f.troubles, "1 /g/growing "));
	assert_non_null(strstr(f.troubles, "changed while it was read"));
}

static void unreadable(void **state)
{
	struct walk_count n;
	struct found f;
	struct err e;
	int status;
	pid_t pid;

	shell("mkdir -p u/closed && printf x >u/secret && printf x >u/open && "
	      "chmod 755 . u u/open && chmod 700 u/closed && chmod 600 u/secret");
	pid = fork();
	if (!pid) {
		if (!geteuid() && (setgid(65534) || setuid(65534)))
			_exit(77);
		if (walk(dir, "/u", 1, &f, &n, &e))
			_exit(1);
		_exit(f.n == 1 && strstr(f.troubles, "0 /u/closed ") &&
				      strstr(f.troubles, "0 /u/secret ")
			      ? 0
			      : 2);
	}
	waitpid(pid, &status, 0);
	if (geteuid()) /* then they are ours, and readable */
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void other_file_systems(void **state)
{
	struct walk_options opt = {.file = found_file, .trouble = found_trouble, .cross = true};
	const char *path = "/f";
	struct walk_count n;
	struct found f;
	char at[400];
	struct err e;

	shell("mkdir -p f/tmp f/proc && printf x >f/tool && chmod 755 f/tool");
	snprintf(at, sizeof(at), "%s/f/tmp", dir);
	if (mount("tmpfs", at, "tmpfs", 0, NULL)) {
		print_message("SKIP: mount: %s\n", strerror(errno));
		skip();
	}
	shell("printf y >f/tmp/tool && chmod 755 f/tmp/tool");
	assert_int_equal(walk(dir, "/f", 2, &f, &n, &e), 0);
	assert_int_equal(f.n, 1);
	assert_non_null(strstr(f.troubles, "2 /f/tmp "));
	opt.root = dir;
	opt.arg = memset(&f, 0, sizeof(f));
	assert_int_equal(walk_paths(&path, 1, &opt, &n, &e), 0);
	umount(at);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.troubles, "");
}

struct count_item {
	struct work_item link;
	int depth;
};

static int done_items;

static void split(struct work *w, struct work_item *item, unsigned int worker, void *arg)
{
	struct count_item *it = (struct count_item *)item;

	assert_true(worker < 4);
	__atomic_add_fetch(&done_items, 1, __ATOMIC_RELAXED);
	for (int i = 0; it->depth && i < 2; i++) {
		struct count_item *sub = calloc(1, sizeof(*sub));

		sub->depth = it->depth - 1;
		work_push(w, &sub->link);
	}
	free(it);
}

static void work_is_done_to_its_end(void **state)
{
	struct err e;

	for (int i = 0; i < 20; i++) {
		struct count_item *first = calloc(1, sizeof(*first));

		first->depth = 12;
		done_items = 0;
		assert_int_equal(work_run(4, &first->link, split, NULL, NULL, &e), 0);
		assert_int_equal(done_items, (1 << 13) - 1);
	}
	assert_int_equal(work_run(0, NULL, split, NULL, NULL, &e), -EINVAL);
}

/* What changed since: content, mode and name, whatever the modification time says. */
static void since(void **state)
{
	struct walk_options opt = {.file = found_file, .trouble = found_trouble};
	struct walk_count n;
	const char *path;
	char tree[300];
	struct found f = {0};
	struct stat st;
	struct err e;

	shell("mkdir -p s/d && for f in old written mode renamed; do echo $f >s/d/$f.sh; done");
	snprintf(tree, sizeof(tree), "%s/s", dir);
	path = tree;
	shell("sleep 0.05; touch s/mark; sleep 0.05; echo x >>s/d/written.sh; chmod 700 "
	      "s/d/mode.sh; "
	      "mv s/d/renamed.sh s/d/new.sh; touch -d 2001-01-01 s/d/written.sh");
	shell("touch -r s/mark mark");
	snprintf(tree, sizeof(tree), "%s/mark", dir);
	assert_int_equal(stat(tree, &st), 0);
	snprintf(tree, sizeof(tree), "%s/s", dir);
	opt.since = st.st_mtim;
	opt.arg = &f;
	assert_int_equal(walk_paths(&path, 1, &opt, &n, &e), 0);
	assert_int_equal(f.n, 3);
	assert_non_null(strstr(f.text, "/d/written.sh"));
	assert_non_null(strstr(f.text, "/d/mode.sh"));
	assert_non_null(strstr(f.text, "/d/new.sh"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),      cmocka_unit_test(finds),
		cmocka_unit_test(many),	      cmocka_unit_test(changing),
		cmocka_unit_test(unreadable), cmocka_unit_test(other_file_systems),
		cmocka_unit_test(since),      cmocka_unit_test(work_is_done_to_its_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
