/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading: every byte of a log may be an attacker's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measurelog.h"
#include "../base/hex.h"
#include "../output/json.h"

#define RS 0x1e /* in front of each JSON text, RFC 7464 */

static void record_done(struct measure_record *r)
{
	free(r->text);
}

void measure_log_done(struct measure_log *log)
{
	for (size_t i = 0; i < log->n; i++)
		record_done(&log->records[i]);
	free(log->records);
	*log = (struct measure_log){0};
}

const uint8_t *measure_digest(const struct measure_record *r, enum bank bank)
{
	for (size_t i = 0; i < BANK_MAX && r->banks[i]; i++)
		if (r->banks[i] == bank)
			return r->digests[i];
	return NULL;
}

/* Digests of banks we do not know are left out; one bank twice is refused. */
static int read_digests(const struct jsonr *j, struct measure_record *r)
{
	size_t n = jsonr_array_len(j, "digests"), at = 0;

	if (!n || n > 16)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		const struct jsonr *d = jsonr_array_object(j, "digests", i);
		const char *name = d ? jsonr_str(d, "hashAlg") : NULL;
		const char *hex = d ? jsonr_str(d, "digest") : NULL;
		enum bank bank = name ? bank_by_name(name) : BANK_NONE;

		if (!name || !hex)
			return -EBADMSG;
		if (!bank)
			continue;
		if (measure_digest(r, bank) ||
		    hex_decode(hex, strlen(hex), r->digests[at], bank_size(bank)))
			return -EBADMSG;
		r->banks[at++] = bank;
	}
	return at ? 0 : -EBADMSG;
}

static int check_digests(const struct measure_record *r, size_t len, enum bank bank, struct err *e)
{
	uint8_t digest[BANK_SIZE_MAX];

	for (size_t i = 0; i < BANK_MAX && r->banks[i]; i++) {
		int code;

		if (bank && r->banks[i] != bank)
			continue;
		code = bank_hash(r->banks[i], r->text, len, digest, e);
		if (code)
			return code;
		if (memcmp(digest, r->digests[i], bank_size(r->banks[i])) != 0)
			return err_set(e, -EBADMSG, "its %s digest is not that of its text",
				       bank_name(r->banks[i]));
	}
	return 0;
}

static int read_ours(const struct jsonr *content, enum bank bank, struct measure_record *r,
		     struct err *e)
{
	const char *event = content ? jsonr_str(content, "eventType") : NULL;
	const char *text = content ? jsonr_str(content, "string") : NULL;
	const char *boot = content ? jsonr_str(content, "bootId") : NULL;
	int code;

	if (!event || !text || !boot || strlen(boot) >= sizeof(r->boot_id))
		return err_set(e, -EBADMSG, "eventType, string or bootId is missing");
	strcpy(r->boot_id, boot);
	r->time_us = jsonr_num(content, "timestamp");
	code = statement_check(text, strlen(text), &r->kind, e);
	if (code)
		return code;
	if (strcmp(event, statement_kind_name(r->kind)) != 0)
		return err_set(e, -EBADMSG, "its eventType is not that of its text");
	r->ours = true;
	r->text = strdup(text);
	return r->text ? check_digests(r, strlen(text), bank, e)
		       : err_set(e, -ENOMEM, "out of memory");
}

static int read_record(const char *text, size_t len, enum bank bank, struct measure_record *r,
		       struct err *e)
{
	struct jsonr *j = jsonr_parse(text, len);
	const char *type = j ? jsonr_str(j, "content_type") : NULL;
	int code = 0;

	if (!j)
		return err_set(e, -EBADMSG, "not one JSON object");
	r->pcr = (unsigned)jsonr_num(j, "pcr");
	if (!jsonr_has(j, "pcr") || jsonr_num(j, "pcr") > 23 || !type || read_digests(j, r))
		code = err_set(e, -EBADMSG, "pcr, digests or content_type is missing or malformed");
	else if (strcmp(type, MEASURELOG_TYPE) == 0)
		code = read_ours(jsonr_object(j, "content"), bank, r, e);
	jsonr_free(j);
	return code;
}

static int take_record(struct measure_log *log, const char *text, size_t len, enum bank bank,
		       struct err *e)
{
	struct measure_record r = {.offset = log->length, .size = len + 2};
	int code;

	if (log->n == MEASURELOG_RECORDS_MAX)
		return err_set(e, -EBADMSG, "too many records");
	if (log->n == log->room) {
		size_t room = log->room ? 2 * log->room : 16;
		void *records = realloc(log->records, room * sizeof(*log->records));

		if (!records)
			return err_set(e, -ENOMEM, "out of memory");
		log->records = records;
		log->room = room;
	}
	code = read_record(text, len, bank, &r, e);
	if (code) {
		record_done(&r);
		return code;
	}
	log->records[log->n++] = r;
	return 0;
}

int measure_parse(const void *data, size_t len, enum bank bank, struct measure_log *ret,
		  struct err *e)
{
	const char *p = data;

	*ret = (struct measure_log){0};
	if (len > MEASURELOG_MAX)
		return err_set(e, -EBADMSG, "event log of %zu bytes", len);
	while (ret->length < len) {
		const char *at = p + ret->length, *end = memchr(at, '\n', len - ret->length);
		int r;

		ret->torn = *at == RS && !end;
		if (ret->torn)
			break;
		r = *at == RS ? take_record(ret, at + 1, (size_t)(end - at) - 1, bank, e)
			      : err_set(e, -EBADMSG, "no record begins here");
		if (r) {
			err_prefix(e, "event log, record %zu at byte %zu", ret->n + 1, ret->length);
			measure_log_done(ret);
			return r;
		}
		ret->length = (size_t)(end - p) + 1;
	}
	return 0;
}

int measure_replay(const struct measure_log *log, size_t n, unsigned pcr, enum bank bank,
		   uint8_t value[BANK_SIZE_MAX], struct err *e)
{
	for (size_t i = 0; i < log->n && n; i++) {
		const struct measure_record *r = &log->records[i];
		const uint8_t *digest = measure_digest(r, bank);
		int code;

		if (r->pcr != pcr)
			continue;
		if (!digest)
			return err_set(e, -ENODATA, "event log, record %zu has no %s digest", i + 1,
				       bank_name(bank));
		code = bank_extend(bank, value, digest, e);
		if (code)
			return code;
		n--;
	}
	return 0;
}

static int step_state(const struct measure_record *r, struct statement *state, struct err *e)
{
	struct statement s;
	int code = statement_parse(r->text, strlen(r->text), &s, e);

	if (code)
		return code;
	if (r->kind == STATEMENT_STATE && !state->kind) {
		*state = s;
		return 0;
	}
	if (r->kind == STATEMENT_STATE)
		code = err_set(e, -EBADMSG, "a second state");
	else if (!state->kind)
		code = err_set(e, -EBADMSG, "the first is not a state");
	else if (r->kind == STATEMENT_CHANGE)
		code = statement_apply(state, &s, e);
	statement_done(&s);
	return code;
}

bool measure_is_boot_state(const struct measure_log *log, unsigned pcr)
{
	size_t n = 0;
	bool is_state = false;

	for (size_t i = 0; i < log->n; i++) {
		const struct measure_record *r = &log->records[i];

		if (r->pcr != pcr)
			continue;
		is_state = r->ours && r->kind == STATEMENT_STATE;
		n++;
	}
	return n == 1 && is_state;
}

int measure_state(const struct measure_log *log, unsigned pcr, struct statement *ret,
		  const struct measure_record **poison, struct err *e)
{
	*ret = STATEMENT_INIT(STATEMENT_NONE);
	if (poison)
		*poison = NULL;
	for (size_t i = 0; i < log->n; i++) {
		const struct measure_record *r = &log->records[i];
		int code;

		if (r->pcr != pcr)
			continue;
		code = r->ours ? step_state(r, ret, e)
			       : err_set(e, -EBADMSG, "somebody else's record");
		if (code) {
			err_prefix(e, "event log, record %zu", i + 1);
			statement_done(ret);
			return code;
		}
		if (poison && !*poison && r->kind >= STATEMENT_UNKNOWN)
			*poison = r;
	}
	return 0;
}
