/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives: what comes out of a tar, a cpio or a Debian package has clean paths, or is refused. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../core/oracle.h"
#include "../../../lib/pkgdb/deb.h"
#include "../../../lib/pkgdb/unpack.h"

static void check(const struct contents *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const char *path = c->files[i].path;

		ORACLE(path[0] == '/' && strlen(path) < DIGLIM_PATH_LONG);
		ORACLE(!strstr(path, "/../") && !strstr(path, "//"));
	}
}

static void try_archive(const uint8_t *data, size_t size, enum unpack_format format)
{
	struct unpack_options opt = {.format = format};
	struct contents c = {0};
	struct err e = {0};

	if (unpack_memory(data, size, "input", &opt, &c, &e))
		ORACLE(e.code < 0 && e.text[0]);
	check(&c);
	contents_done(&c);
}

static void try_deb(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	struct err e = {0};
	struct deb d;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		return;
	if (!deb_read(fd, "input", &d, &e)) {
		ORACLE(d.name[0] && !strchr(d.name, '/') && !strchr(d.version, '/'));
		check(&d.files);
		deb_done(&d);
	} else {
		ORACLE(e.code < 0 && e.text[0]);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_archive(data, size, UNPACK_TAR);
	try_archive(data, size, UNPACK_CPIO);
	if (deb_recognise(data, size))
		try_deb(data, size);
	return 0;
}
