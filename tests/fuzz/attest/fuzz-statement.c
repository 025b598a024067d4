/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statements: what is taken is canonical, so it is written again to the byte. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/attest/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct statement s, other = STATEMENT_INIT(STATEMENT_STATE), change;
	struct buf b = BUF_INIT;
	struct err e = {0};
	int r = statement_parse((const char *)data, size, &s, &e);

	ORACLE(!r || ((r == -EBADMSG || r == -ENOMEM) && e.text[0]));
	if (r)
		return 0;
	ORACLE(!statement_text(&s, &b, &e));
	ORACLE(b.len == size && memcmp(b.data, data, size) == 0);
	/* From nothing to it and back. */
	if (s.kind == STATEMENT_STATE) {
		ORACLE(!statement_diff(&other, &s, &change, &e) && change.n == s.n);
		ORACLE(!statement_apply(&other, &change, &e) && other.n == s.n);
		statement_done(&change);
		ORACLE(!statement_diff(&other, &s, &change, &e) && !change.n);
		statement_done(&change);
	}
	statement_done(&other);
	statement_done(&s);
	buf_free(&b);
	return 0;
}
