/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the libraries report what went wrong: a negative errno or a negative enum diglim_error as the
 * return value, and one line of text in a struct err that the caller owns. Libraries never print.
 */
#ifndef DIGLIM_BASE_ERR_H
#define DIGLIM_BASE_ERR_H

#define ERR_TEXT_MAX 512

struct err {
	int code; /* negative errno, or negative enum diglim_error */
	char text[ERR_TEXT_MAX];
};

/*
 * Sets code and text and returns @code, so that callers can `return err_set(e, -EINVAL, …)`.
 * @e may be NULL. Control characters that come from input are escaped.
 */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "@fmt: " in front of the text that is there already. Returns e->code. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text for a code: strerror() for an errno, ours for an enum diglim_error. Sign is ignored. */
const char *err_name(int code);

#endif
