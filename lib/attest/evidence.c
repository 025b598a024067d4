/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "imalist.h"
#include "tpmattest.h"
#include "../base/io.h"

#define SMALL_MAX 65536U
#define IMA_PCR	  10

struct evidence {
	const char *dir;
	const struct evidence_wish *wish;
	struct buf quote, signature;
	struct tpmattest_quote q;
	struct pcrs is;
	struct measure_log log;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, -EKEYREJECTED, "%s", text);
}

/* What cannot be parsed is refused: whoever sent it is not who he should be. */
static int refused(int r, struct err *e)
{
	if (r == -EBADMSG || r == -ENODATA || r == -E2BIG)
		e->code = r = -EKEYREJECTED;
	return r;
}

static int read_part(const struct evidence *ev, const char *name, size_t max, struct buf *ret,
		     struct err *e)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", ev->dir, name) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: name too long", ev->dir);
	return io_read_stream(path, max, ret, e);
}

static int check_key(const struct tpmpub *ak, struct err *e)
{
	if (tpmpub_is_ak(ak))
		return 0;
	return refuse(e, "the key is no attestation key: anybody could have signed with it");
}

static int check_quote(struct evidence *ev, struct err *e)
{
	const struct buf *nonce = ev->wish->nonce;
	int r = check_key(ev->wish->ak, e);

	r = r
		    ?: tpmpub_check(ev->wish->ak, ev->quote.data, ev->quote.len, ev->signature.data,
				    ev->signature.len, e);
	r = r ?: tpmattest_quote(ev->quote.data, ev->quote.len, &ev->q, e);
	if (r)
		return refused(r, e);
	if (ev->q.head.nonce_len != nonce->len ||
	    memcmp(ev->q.head.nonce, nonce->data, nonce->len) != 0)
		return refuse(e, "the quote is not for this nonce: it is old, or another's");
	if (ev->q.bank != ev->wish->good->bank)
		return refuse(e, "the quote is of bank %s, not %s", bank_name(ev->q.bank),
			      bank_name(ev->wish->good->bank));
	if (ev->wish->mask & ~ev->q.mask)
		return refuse(e, "the quote lacks registers (mask %#x, wanted %#x)", ev->q.mask,
			      ev->wish->mask);
	return 0;
}

/* The values beside the quote are those that were quoted. */
static int check_values(struct evidence *ev, struct err *e)
{
	uint8_t digest[BANK_SIZE_MAX];
	struct buf b = BUF_INIT;
	int r = read_part(ev, EVIDENCE_PCRS, SMALL_MAX, &b, e);

	ev->is.bank = ev->q.bank;
	r = r ?: refused(pcrs_read((char *)b.data, b.len, false, &ev->is, e), e);
	b.len = 0;
	for (unsigned i = 0; !r && i < PCRS_N; i++) {
		if (!(ev->q.mask & 1U << i))
			continue;
		if (ev->is.n[i] != 1)
			r = refuse(e, "%s has not one value of register %u", EVIDENCE_PCRS, i);
		buf_add(&b, ev->is.value[i][0], bank_size(ev->q.bank));
	}
	if (!r && b.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	/* The hash of the key's scheme; ours are made with SHA-256. */
	r = r ?: bank_hash(BANK_SHA256, b.data, b.len, digest, e);
	if (!r && (ev->q.digest_len != bank_size(BANK_SHA256) ||
		   memcmp(ev->q.digest, digest, ev->q.digest_len) != 0))
		r = refuse(e, "the values in %s are not those that were quoted", EVIDENCE_PCRS);
	buf_free(&b);
	return r;
}

static int check_boot(const struct evidence *ev, const uint8_t *value, struct err *e)
{
	if (pcrs_accepts(ev->wish->good, ev->wish->seal, value))
		return 0;
	return refuse(e, "register %u: its state is none of the expected ones", ev->wish->seal);
}

/* Would a machine that boots into this state have a good value? */
static int check_state(const struct evidence *ev, struct statement *state, struct err *e)
{
	uint8_t value[BANK_SIZE_MAX] = {0}, digest[BANK_SIZE_MAX];
	struct buf text = BUF_INIT;
	int r = statement_text(state, &text, e);

	r = r ?: bank_hash(ev->q.bank, text.data, text.len, digest, e);
	r = r ?: bank_extend(ev->q.bank, value, digest, e);
	buf_free(&text);
	return r ?: check_boot(ev, value, e);
}

static int refuse_poison(const struct measure_record *poison, struct err *e)
{
	const char *line = strchr(poison->text, '\n');

	line = line ? line + 1 : "";
	return refuse(e, "%s: %.*s", statement_kind_name(poison->kind), (int)strcspn(line, "\n"),
		      line);
}

/* Records after the boot: to which state do they lead? */
static int check_records(struct evidence *ev, struct err *e)
{
	const struct measure_record *poison;
	struct statement state;
	int r = refused(measure_state(&ev->log, ev->wish->seal, &state, &poison, e), e);

	if (r)
		return r;
	if (poison)
		r = refuse_poison(poison, e);
	else if (!state.kind)
		r = refuse(e, "nothing was measured into register %u", ev->wish->seal);
	else
		r = check_state(ev, &state, e);
	statement_done(&state);
	return r;
}

/* The log replays to the value, and says nothing that may not be. */
static int check_log(struct evidence *ev, struct err *e)
{
	unsigned seal = ev->wish->seal;
	uint8_t value[BANK_SIZE_MAX] = {0};
	struct buf b = BUF_INIT;
	int r = read_part(ev, EVIDENCE_LOG, MEASURELOG_MAX, &b, e);

	if (r == -ENOENT)
		r = refuse(e, "there is no event log");
	r = r ?: refused(measure_parse(b.data, b.len, ev->q.bank, &ev->log, e), e);
	buf_free(&b);
	r = r ?: refused(measure_replay(&ev->log, ev->log.n, seal, ev->q.bank, value, e), e);
	if (r)
		return r;
	if (memcmp(value, ev->is.value[seal][0], bank_size(ev->q.bank)) != 0)
		return refuse(e,
			      "the event log does not lead to register %u: it is forged, cut or "
			      "of another boot",
			      seal);
	return measure_is_boot_state(&ev->log, seal) ? check_boot(ev, value, e)
						     : check_records(ev, e);
}

/* Every other register has a good value; one without reference is not good. */
static int check_references(const struct evidence *ev, struct err *e)
{
	for (unsigned i = 0; i < PCRS_N; i++) {
		if (!(ev->q.mask & 1U << i) || i == ev->wish->seal || i == IMA_PCR)
			continue;
		if (!ev->wish->good->n[i])
			return refuse(
				e, "register %u was quoted, and no value of it is known to be good",
				i);
		if (!pcrs_accepts(ev->wish->good, i, ev->is.value[i][0]))
			return refuse(e, "register %u has none of the expected values", i);
	}
	return 0;
}

struct ima {
	const struct evidence *ev;
	uint8_t value[BANK_SIZE_MAX];
	bool met; /* the list so far leads to the quoted value */
	struct err *e;
};

static int ima_step(const struct ima_entry *entry, void *arg)
{
	struct ima *m = arg;
	uint8_t digest[BANK_SIZE_MAX];
	enum bank bank = m->ev->q.bank;
	int r;

	if (entry->pcr != IMA_PCR)
		return 0;
	if (entry->violation)
		return refuse(m->e, "IMA list, entry %zu: a violation", entry->number);
	r = imalist_digest(entry, bank, digest, m->e);
	r = r ?: bank_extend(bank, m->value, digest, m->e);
	m->met |= !memcmp(m->value, m->ev->is.value[IMA_PCR][0], bank_size(bank));
	return r;
}

/* The list may have grown since the quote: the register is that of its beginning. */
static int check_ima(const struct evidence *ev, struct err *e)
{
	struct ima m = {.ev = ev, .e = e};
	struct buf b = BUF_INIT;
	int r;

	if (!(ev->q.mask & 1U << IMA_PCR))
		return 0;
	r = read_part(ev, EVIDENCE_IMA, IMALIST_MAX, &b, e);
	if (r == -ENOENT)
		r = refuse(e, "register %u was quoted without IMA's list", IMA_PCR);
	r = r ?: refused(imalist_walk(b.data, b.len, ima_step, &m, e), e);
	buf_free(&b);
	if (!r && !m.met)
		r = refuse(e, "IMA's list does not lead to register %u", IMA_PCR);
	return r;
}

int evidence_verify(const char *dir, const struct evidence_wish *wish, struct err *e)
{
	struct evidence *ev = calloc(1, sizeof(*ev));
	struct err own = {0};
	int r;

	e = e ? e : &own;
	if (!ev)
		return err_set(e, -ENOMEM, "out of memory");
	ev->dir = dir;
	ev->wish = wish;
	r = read_part(ev, EVIDENCE_QUOTE, SMALL_MAX, &ev->quote, e);
	r = r ?: read_part(ev, EVIDENCE_SIGNATURE, SMALL_MAX, &ev->signature, e);
	r = r ?: check_quote(ev, e);
	r = r ?: check_values(ev, e);
	r = r ?: check_references(ev, e);
	r = r ?: check_log(ev, e);
	r = r ?: check_ima(ev, e);
	measure_log_done(&ev->log);
	buf_free(&ev->quote);
	buf_free(&ev->signature);
	free(ev);
	return r;
}
