/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event log: records lie one behind the other, and ours have the digest of their text. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/attest/measurelog.h"

static void check_record(const struct measure_record *r, const uint8_t *data, size_t at)
{
	uint8_t digest[BANK_SIZE_MAX];

	ORACLE(r->offset == at && data[at] == 0x1e && data[at + r->size - 1] == '\n');
	ORACLE(r->pcr < 24 && r->banks[0]);
	if (!r->ours)
		return;
	ORACLE(r->kind && r->text);
	ORACLE(!bank_hash(r->banks[0], r->text, strlen(r->text), digest, NULL));
	ORACLE(memcmp(digest, r->digests[0], bank_size(r->banks[0])) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t value[BANK_SIZE_MAX] = {0};
	const struct measure_record *poison;
	struct measure_log log;
	struct statement s;
	struct err e = {0};
	size_t at = 0;
	int r = measure_parse(data, size, BANK_NONE, &log, &e);

	ORACLE(!r || ((r == -EBADMSG || r == -ENOMEM) && e.text[0]));
	if (r)
		return 0;
	for (size_t i = 0; i < log.n; i++) {
		check_record(&log.records[i], data, at);
		at += log.records[i].size;
	}
	ORACLE(at == log.length && log.torn == (at < size));
	(void)measure_replay(&log, log.n, 13, BANK_SHA256, value, &e);
	r = measure_state(&log, 13, &s, &poison, &e);
	if (measure_is_boot_state(&log, 13))
		ORACLE(r == -ENOMEM || (!r && s.kind == STATEMENT_STATE && !poison));
	if (!r)
		statement_done(&s);
	measure_log_done(&log);
	/* Fewer digests are checked, so it is no stricter. */
	r = measure_parse(data, size, BANK_SHA256, &log, &e);
	ORACLE(!r || r == -ENOMEM);
	if (!r)
		measure_log_done(&log);
	return 0;
}
