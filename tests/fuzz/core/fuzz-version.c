// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two versions, divided by a NUL: beyond memory safety, the comparison is the other way round when
 * they are swapped, a text equals itself, and every comparison comes to its end.
 */
#include "../../../core/rpmvercmp.h"
#include "oracle.h"

static char a[DIGLIM_EVR_PART_MAX], b[DIGLIM_EVR_PART_MAX];

static int compare(const char *x, const char *y)
{
	struct core_ver w;
	int r = core_rpmvercmp(x, y, &w);

	ORACLE(r >= -1 && r <= 1);
	/* Equal only if both were read to their ends. */
	ORACLE(r || (!x[w.i] && !y[w.j]));
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = 0;

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	while (n < size && n < sizeof(a) - 1 && data[n]) {
		a[n] = (char)data[n];
		n++;
	}
	for (size_t i = 0; n + 1 + i < size && i < sizeof(b) - 1 && data[n + 1 + i]; i++)
		b[i] = (char)data[n + 1 + i];
	ORACLE(compare(a, b) == -compare(b, a));
	ORACLE(!compare(a, a) && !compare(b, b));
	return 0;
}
