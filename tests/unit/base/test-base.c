// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../abi/error.h"
#include "../../../lib/base/hex.h"
#include "../../../lib/base/io.h"
#include "../../../lib/base/snapshot.h"
#include "../../../lib/base/text.h"
#include "testdata.h"

static void errors_are_one_line(void **state)
{
	struct err e;
	char longer[2 * ERR_TEXT_MAX];

	assert_int_equal(err_set(&e, -EINVAL, "%s: bad", "a\nb\x1b[31m"), -EINVAL);
	assert_string_equal(e.text, "a\\x0ab\\x1b[31m: bad");
	assert_int_equal(err_prefix(&e, "file %d", 7), -EINVAL);
	assert_string_equal(e.text, "file 7: a\\x0ab\\x1b[31m: bad");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_set(&e, -EINVAL, "%s", longer);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_prefix(&e, "%s", longer);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	assert_int_equal(err_set(NULL, -EIO, "x"), -EIO);
}

static void every_code_has_a_text(void **state)
{
	for (int code = DIGLIM_E_VERSION; code <= DIGLIM_E_TLV_FIELD; code++)
		if (code <= DIGLIM_E_INTERNAL || (code >= 2020 && code <= 2031) ||
		    (code >= 2040 && code <= 2049) || (code >= 2060 && code <= 2064) ||
		    code >= 2080)
			assert_string_not_equal(err_name(-code), "unknown error");
	assert_string_equal(err_name(-ENOENT), "No such file or directory");
	assert_string_equal(err_name(999999), "unknown error");
}

static void text_is_made_harmless(void **state)
{
	char to[64], small[6];

	assert_string_equal(text_escape(to, sizeof(to),
					"Gr\xc3\xbc\xc3\x9f"
					"e",
					7),
			    "Gr\xc3\xbc\xc3\x9f"
			    "e");
	assert_string_equal(text_escape(to, sizeof(to), "a\xff\xc3", 3), "a\\xff\\xc3");
	/* Right-to-left override hides what a name really is. */
	assert_string_equal(text_escape(to, sizeof(to),
					"a\xe2\x80\xae"
					"b",
					5),
			    "a\\xe2\\x80\\xaeb");
	assert_string_equal(text_escape(to, sizeof(to), "\xc0\x80", 2), "\\xc0\\x80");
	assert_string_equal(text_escape(to, sizeof(to), "\xed\xa0\x80", 3), "\\xed\\xa0\\x80");
	assert_string_equal(text_escape(small, sizeof(small), "abcd\xc3\xbc", 6), "abcd");
	assert_string_equal(text_escape(small, sizeof(small), "ab\n", 3), "ab");
}

static void hex_round_trip(void **state)
{
	uint8_t raw[3];
	char text[7];

	assert_string_equal(hex_encode("\x00\xab\xff", 3, text), "00abff");
	assert_int_equal(hex_decode("00AbfF", 6, raw, 3), 0);
	assert_memory_equal(raw, "\x00\xab\xff", 3);
	assert_int_equal(hex_decode("00ab", 4, raw, 3), -EINVAL);
	assert_int_equal(hex_decode("00abf", 5, raw, 2), -EINVAL);
	assert_int_equal(hex_decode("00abfg", 6, raw, 3), -EINVAL);
}

static void buffers_grow_and_fail_once(void **state)
{
	struct buf b = BUF_INIT;

	buf_add_be16(&b, 0x0102);
	buf_add_be32(&b, 0x03040506);
	buf_add_be64(&b, 0x0708090a0b0c0d0eULL);
	buf_insert(&b, 2, "xyz", 3);
	assert_int_equal(b.len, 17);
	assert_memory_equal(b.data, "\x01\x02xyz\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e",
			    17);
	assert_null(buf_reserve(&b, SIZE_MAX / 2));
	assert_true(b.failed);
	buf_add_u8(&b, 1);
	assert_int_equal(b.len, 17);
	buf_free(&b);
	assert_false(b.failed);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void only_regular_files_are_read(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char *dir = temp_dir(), path[256], link[256];
	struct buf b = BUF_INIT;
	struct err e;
	int sock;

	assert_int_equal(io_read_file(dir, 100, &b, &e), -EISDIR);
	assert_non_null(strstr(e.text, "is a directory"));
	assert_int_equal(io_read_file("/dev/null", 100, &b, &e), -EINVAL);
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(io_read_file(path, 100, &b, &e), -EINVAL); /* and does not hang */
	assert_non_null(strstr(e.text, "is a FIFO"));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", dir);
	sock = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(io_read_file(addr.sun_path, 100, &b, &e), -EINVAL);
	close(sock);
	snprintf(path, sizeof(path), "%s/file", dir);
	assert_int_equal(io_read_file(path, 100, &b, &e), -ENOENT);
	write_text(path, "hello");
	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(io_read_file(link, 5, &b, &e), 0);
	assert_int_equal(b.len, 5);
	assert_int_equal(io_read_file(path, 4, &b, &e), -EFBIG);
	assert_non_null(strstr(e.text, "5 bytes, at most 4"));
	buf_free(&b);
	temp_dir_remove(dir);
}

static void a_changing_file_is_noticed(void **state)
{
	char *dir = temp_dir(), path[256], byte;
	struct stat st;
	struct err e;
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	write_text(path, "hello");
	fd = io_open_regular(AT_FDCWD, path, &st, &e);
	assert_true(fd >= 0);
	assert_int_equal(io_check_unchanged(fd, &st, path, &e), 0);
	write_text(path, "hullo"); /* same size */
	assert_int_equal(io_check_unchanged(fd, &st, path, &e), -EBUSY);
	assert_non_null(strstr(e.text, "changed while it was read"));
	assert_int_equal(io_read_exact(fd, &byte, 1, 5, path, &e), -ENODATA);
	close(fd);
	temp_dir_remove(dir);
}

static void writing_is_all_or_nothing(void **state)
{
	struct io_part parts[] = {{"ab", 2}, {"", 0}, {"cd", 2}};
	char *dir = temp_dir(), path[256], cmd[300];
	struct buf b = BUF_INIT;
	struct stat st;
	struct err e;

	snprintf(path, sizeof(path), "%s/file", dir);
	write_text(path, "old");
	assert_int_equal(io_write_atomic(path, parts, 3, 0644, &e), 0);
	assert_int_equal(io_read_file(path, 100, &b, &e), 0);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "abcd", 4);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(io_write_new(path, "x", 1, 0600, &e), -EEXIST);
	snprintf(path, sizeof(path), "%s/none/file", dir);
	assert_int_equal(io_write_atomic(path, parts, 3, 0644, &e), -ENOENT);
	snprintf(path, sizeof(path), "%s/directory", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(io_write_atomic(path, parts, 3, 0644, &e), -EISDIR);
	/* No temporary file is left behind. */
	snprintf(cmd, sizeof(cmd), "test $(ls -A %s | wc -l) = 2", dir);
	assert_int_equal(system(cmd), 0);
	/* A rename would put a file in place of a device as well. */
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(io_write_atomic(path, parts, 3, 0644, &e), -EINVAL);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	buf_free(&b);
	temp_dir_remove(dir);
}

/* Two pages, written to through a mapping that is dirty already: its times say nothing. */
static void a_copy_stays_as_it_is(void **state)
{
	char *dir = temp_dir(), path[256], text[8192];
	struct err e = {0};
	struct stat st;
	uint64_t size;
	int fd, copy;
	char *map;

	snprintf(path, sizeof(path), "%s/file", dir);
	memset(text, 'a', sizeof(text));
	assert_int_equal(io_write_new(path, text, sizeof(text), 0600, &e), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	map = mmap(NULL, sizeof(text), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	map[0] = 'b';
	assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
	assert_int_equal(fstat(fd, &st), 0);
	copy = snapshot_fd(fd, sizeof(text), path, &size, &e);
	assert_true(copy >= 0);
	map[0] = 'c';
	assert_int_equal(io_check_unchanged(fd, &st, path, &e), 0);
	assert_int_equal(size, sizeof(text));
	assert_int_equal(read(copy, text, sizeof(text)), sizeof(text));
	assert_int_equal(text[0], 'b');
	assert_int_equal(text[8191], 'a');
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
	assert_int_equal(pwrite(copy, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(copy, 1), -1);
	assert_int_equal(ftruncate(copy, 10000), -1);
	assert_ptr_equal(mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0), MAP_FAILED);
	assert_int_equal(fcntl(copy, F_ADD_SEALS, 0), -1);
	assert_int_equal(snapshot_fd(fd, sizeof(text) - 1, path, NULL, &e), -EFBIG);
	assert_non_null(strstr(e.text, "more than 8191 bytes"));
	assert_int_equal(snapshot_fd(-1, 1, path, NULL, &e), -EBADF);
	assert_non_null(strstr(e.text, path));
	munmap(map, sizeof(text));
	close(copy);
	close(fd);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_one_line),
		cmocka_unit_test(every_code_has_a_text),
		cmocka_unit_test(text_is_made_harmless),
		cmocka_unit_test(hex_round_trip),
		cmocka_unit_test(buffers_grow_and_fail_once),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(a_changing_file_is_noticed),
		cmocka_unit_test(writing_is_all_or_nothing),
		cmocka_unit_test(a_copy_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
