/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by import.c, which does without OpenSSL, and importrpm.c. Private to lib/pkgdb. */
#ifndef DIGLIM_PKGDB_IMPORTINT_H
#define DIGLIM_PKGDB_IMPORTINT_H

#include "../crypto/verify.h"
#include "import.h"

/* verify_list() */
typedef int (*import_verify_fn)(const void *payload, size_t payload_len, const void *sig,
				size_t sig_len, const struct cert_set *set, struct verify_info *ret,
				struct err *e);

/* import_rpm(), or with @verify NULL import_for_kernel(). */
int import_with(const struct rpmpkg *p, const struct import_options *opt, import_verify_fn verify,
		struct import_result *ret, struct err *e);

#endif
