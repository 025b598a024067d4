/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paragraphs of fields as Debian writes them: control files, dpkg's status, Packages, Release.
 * Nothing is copied: all pointers lead into the text.
 */
#ifndef DIGLIM_FORMAT_DEB822_H
#define DIGLIM_FORMAT_DEB822_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"

struct deb822 {
	const char *p, *end;
	const char *name; /* for messages */
	size_t line;	  /* of ->p, from 1 */
};

struct deb822_para {
	const char *text;
	size_t len;
	size_t line;
};

void deb822_open(struct deb822 *d, const void *text, size_t len, const char *name);

/*
 * The next paragraph: 1, 0 at the end. -EINVAL with file, line and reason for a line that is
 * neither a field nor its continuation nor a comment.
 */
int deb822_next(struct deb822 *d, struct deb822_para *ret, struct err *e);

/*
 * The value of a field, whose name is compared without case; without blanks around it, with its
 * continuation lines. Of a field that is there twice the first. False if there is none.
 */
bool deb822_get(const struct deb822_para *p, const char *field, const char **value, size_t *len);

/* The same as a string on one line; false also if it does not fit or has several lines. */
bool deb822_text(const struct deb822_para *p, const char *field, char *ret, size_t size);

/* Takes the next line that is not empty off a value, without blanks around it. */
bool deb822_line(const char **value, size_t *len, const char **line, size_t *line_len);

/* Takes the next word off a line. */
bool deb822_word(const char **line, size_t *len, const char **word, size_t *word_len);

#endif
