/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of digests and paths as sha256sum writes them: "HEX  PATH", "HEX *PATH", with a backslash
 * in front if the path is escaped, or "SHA256 (PATH) = HEX". fs-verity digests as logs of IMA have
 * them: "verity:sha256:HEX PATH", of which `fsverity digest` leaves the first word out. Candidates
 * of 'diglim scan' have the same form, with the uses in comments: "#: use exec" holds for the lines
 * behind it.
 */
#ifndef DIGLIM_FORMAT_SUMS_H
#define DIGLIM_FORMAT_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"
#include "digestname.h"

#define SUMS_MAX     (64U << 20) /* largest file that makes sense: ten lists full */
#define SUMS_USE_MAX 80

struct sums_entry {
	struct digestname digest;
	char path[DIGLIM_PATH_LONG];
	char use[SUMS_USE_MAX]; /* as the comment has it; "" if there was none */
	size_t line;
};

/*
 * Calls @fn for each entry until it returns non-zero, which is then returned. -EINVAL with file,
 * line and reason for a line that is none of the above (empty lines and comments are), and for two
 * lines that contradict each other: then @fn was not called at all.
 */
typedef int (*sums_fn)(const struct sums_entry *entry, void *arg);
int sums_walk(const void *data, size_t len, const char *name, sums_fn fn, void *arg, struct err *e);

/* Appends one line that sums_walk() and sha256sum -c read back. */
void sums_put(struct buf *b, const uint8_t digest[DIGLIM_DIGEST_SIZE], const char *path);

#endif
