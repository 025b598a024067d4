/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event log of the seal register: a JSON text sequence (RFC 7464) in the shape of systemd's
 * measurement log. diglim-measure(5) describes it. A record is written before its digest is
 * extended, so the log may lead the TPM by one record, and never trails it.
 */
#ifndef DIGLIM_ATTEST_MEASURELOG_H
#define DIGLIM_ATTEST_MEASURELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../crypto/bank.h"
#include "statement.h"

#define MEASURELOG_NAME "measure.log" /* in PLACES_RUN */
#define MEASURELOG_TYPE "diglim"      /* content_type of our records */

/* Largest log, and most records in it, that is read. */
#define MEASURELOG_MAX	       (128U << 20)
#define MEASURELOG_RECORDS_MAX 1000000

struct measure_record {
	unsigned pcr;
	enum bank banks[BANK_MAX]; /* of the digests below; NONE: no more */
	uint8_t digests[BANK_MAX][BANK_SIZE_MAX];
	bool ours;		  /* content_type is MEASURELOG_TYPE */
	enum statement_kind kind; /* ours only */
	char *text;		  /* what was hashed; NULL if not ours */
	char boot_id[40];	  /* empty if not stated */
	uint64_t time_us;	  /* since 1970, by the clock of the machine; 0: not stated */
	size_t offset, size;	  /* of the record in the log */
};

struct measure_log {
	struct measure_record *records;
	size_t n, room;
	bool torn;     /* the last record has no end: it was never extended */
	size_t length; /* bytes up to the end of the last whole record */
};

/*
 * Reads a log, which may be anybody's. -EBADMSG with number and offset of the first record that is
 * malformed, or whose digests are not those of its text: that for @bank alone, of all banks if it
 * is BANK_NONE. Records of other programs are kept with the digests they state.
 */
int measure_parse(const void *data, size_t len, enum bank bank, struct measure_log *ret,
		  struct err *e);
void measure_log_done(struct measure_log *log);

/* The digest of a record for a bank, or NULL: then the bank cannot be replayed. */
const uint8_t *measure_digest(const struct measure_record *r, enum bank bank);

/*
 * What a register of the bank holds after the first @n records that are about it. @value goes in
 * with what it held before the first. -ENODATA if a record has no digest for the bank.
 */
int measure_replay(const struct measure_log *log, size_t n, unsigned pcr, enum bank bank,
		   uint8_t value[BANK_SIZE_MAX], struct err *e);

/*
 * Is one state of ours all there is of a register? Then its value is what every boot into that
 * state gives.
 */
bool measure_is_boot_state(const struct measure_log *log, unsigned pcr);

/*
 * The state that our records of a register lead to, in their order: the first must be the state.
 * *poison (may be NULL) is the first record that no policy may accept, or NULL.
 * -EBADMSG if a second state comes, or a change that does not fit.
 */
int measure_state(const struct measure_log *log, unsigned pcr, struct statement *ret,
		  const struct measure_record **poison, struct err *e);

/* Appending. One writer at a time. */
struct measure_writer;
struct jsonw;

/*
 * Opens, or makes, the log and waits for nobody: -EBUSY if another process writes it. Takes away a
 * torn record. What is there is read and goes to *log.
 */
int measure_writer_open(const char *path, struct measure_writer **ret, struct measure_log *log,
			struct err *e);
struct measure_writer *measure_writer_close(struct measure_writer *w);

/*
 * Appends one record for @text, with its digest in each of @banks (ended by NONE or BANK_MAX), and
 * waits until it is kept. Nothing is appended on failure. @ret (may be NULL) receives pcr, banks
 * and digests, to be extended.
 */
int measure_append(struct measure_writer *w, unsigned pcr, const enum bank banks[BANK_MAX],
		   enum statement_kind kind, const char *text, struct measure_record *ret,
		   struct err *e);

/* Writes the member "digests" of a record, as our log and the TCG's canonical one have it. */
void measure_put_digests(struct jsonw *j, const struct measure_record *r);

#endif
