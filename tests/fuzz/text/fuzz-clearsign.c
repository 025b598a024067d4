/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts with a signature: what comes out has no carriage returns at line ends and ends with a line.
 */
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/crypto/clearsign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT, sigs = BUF_INIT, again = BUF_INIT;
	struct cert_set none = {0};
	struct err e = {0};

	if (clearsign_split(data, size, "input", &text, &sigs, &e)) {
		ORACLE(e.code < 0 && e.text[0]);
	} else {
		ORACLE(text.len <= size && (!text.len || text.data[text.len - 1] == '\n'));
		ORACLE(!memmem(text.data ? text.data : (void *)"", text.len, "\r\n", 2));
	}
	/* Nobody signs with a key that is not there. */
	ORACLE(clearsign_verify(data, size, "input", &none, 1, &again, NULL, &e) < 0);
	buf_free(&text);
	buf_free(&sigs);
	buf_free(&again);
	return 0;
}
