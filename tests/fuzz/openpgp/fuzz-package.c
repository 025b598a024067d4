// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whole packages: lead, signature header with OpenPGP signatures, header; then the import. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../../lib/format/listfile.h"
#include "../../../lib/pkgdb/import.h"
#include "../../../lib/pkgdb/rpmfile.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cert_set none = {0};
	struct import_options opt = {.vendor_keys = &none, .now = 1700000000};
	struct import_result r;
	struct listfile l;
	struct rpmpkg p = {0};
	struct err e = {0};

	if (rpmfile_parse(data, size, "fuzz", &p, &e) < 0) {
		assert(e.text[0]);
	} else {
		assert(p.n_sigs <= RPMPKG_SIGS_MAX);
		assert(!import_rpm(&p, &opt, &r, &e));
		/* Nobody is trusted, so nothing can come out. */
		assert(r.outcome != IMPORT_OK && r.text[0] && r.way_out[0] && !r.payload.len);
		import_result_done(&r);
	}
	rpmpkg_done(&p);
	if (!listfile_split(data, size, "fuzz", &l, &e))
		assert(l.payload == data && l.payload_len && l.sig_len &&
		       l.payload_len + l.sig_len + 40 == size);
	return 0;
}
