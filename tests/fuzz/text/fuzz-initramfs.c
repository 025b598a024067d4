/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where one cpio archive of an initramfs ends: inside the input, and always forward. */
#include "../core/oracle.h"
#include "../../../lib/pkgdb/initramfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		int64_t n = initramfs_segment(data + at, size - at);

		ORACLE(n <= (int64_t)(size - at));
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	return 0;
}
