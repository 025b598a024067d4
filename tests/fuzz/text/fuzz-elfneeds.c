/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF headers: an answer, whatever they say, and no text without an end. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../core/oracle.h"
#include "../../../lib/pkgdb/elfneeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("elf", MFD_CLOEXEC), r;
	struct elfneeds n;

	ORACLE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	r = elfneeds_read(fd, "input", &n, NULL);
	ORACLE(r == 0 || r == 1 || r == -EBADMSG);
	ORACLE(n.n <= ELFNEEDS_MAX && (!r || !n.n));
	for (size_t i = 0; i < n.n; i++)
		ORACLE(n.needed[i] && strlen(n.needed[i]) < 4096);
	elfneeds_done(&n);
	close(fd);
	return 0;
}
