/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is extended in the seal register: a text of one fact a line, which diglim-measure(5)
 * describes. The digest that is extended is that of the text, so the text is canonical: sorted by
 * bytes, no line twice, nothing but visible ASCII and blanks.
 */
#ifndef DIGLIM_ATTEST_STATEMENT_H
#define DIGLIM_ATTEST_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"

/* Longest text, and longest line in it. A list is about 120 bytes. */
#define STATEMENT_MAX	   (16U << 20)
#define STATEMENT_LINE_MAX 16384

enum statement_kind {
	STATEMENT_NONE = 0,
	STATEMENT_STATE,   /* once a boot: mode, scope, settings, programs, keys, lists */
	STATEMENT_CHANGE,  /* lines of the state that came (+) and went (-) */
	STATEMENT_UNKNOWN, /* a file that nobody vouches for was used: breaks every policy */
	STATEMENT_POISON,  /* what happened to an unknown file is not known: breaks every policy */
	STATEMENT_KINDS,
};

struct statement {
	enum statement_kind kind;
	char **lines; /* without line feed */
	size_t n, room;
};

#define STATEMENT_INIT(k) ((struct statement){.kind = (k)})

void statement_done(struct statement *s);

/* "state", "change" …, as the event log calls them. */
const char *statement_kind_name(enum statement_kind kind);

/*
 * Adds "WORD DIGEST NAME" (@digest: SHA-256; NULL: a dash), or "WORD NAME". In @name all bytes but
 * visible ASCII, and the percent sign, become %XX. -E2BIG for a longer line than
 * STATEMENT_LINE_MAX.
 */
int statement_add(struct statement *s, const char *word, const uint8_t *digest, const char *name,
		  struct err *e);
int statement_add_word(struct statement *s, const char *word, const char *name, struct err *e);

/* Adds a line as it is, of another statement. */
int statement_copy_line(struct statement *s, const char *line, struct err *e);

/* The canonical text, appended to @ret. Sorts @s. -E2BIG above STATEMENT_MAX. */
int statement_text(struct statement *s, struct buf *ret, struct err *e);

/*
 * Checks a text, which may be anybody's, and tells its kind. -EBADMSG, with the line, for
 * everything that statement_text() would not have written.
 */
int statement_check(const char *text, size_t len, enum statement_kind *ret, struct err *e);

/* Reads a text, with the same errors. */
int statement_parse(const char *text, size_t len, struct statement *ret, struct err *e);

/* The change that leads from one state to another; both are sorted by it. */
int statement_diff(struct statement *from, struct statement *to, struct statement *ret,
		   struct err *e);

/* Applies a change to a state: -EBADMSG if a line that goes is not there, or one that comes is. */
int statement_apply(struct statement *state, const struct statement *change, struct err *e);

/* Does the state have this very line? */
bool statement_has(const struct statement *s, const char *line);

/*
 * Splits "WORD DIGEST NAME": *word and *name end at their length, @hex receives the digest's 64
 * digits or is empty. *name is still encoded. -EINVAL for a line of another shape.
 */
struct statement_line {
	char word[16];
	char hex[2 * DIGLIM_DIGEST_SIZE + 1];
	const char *name; /* until the end of the line */
};
int statement_split(const char *line, struct statement_line *ret);

#endif
