/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that comes from outside (paths, package names, user ids) on its way to a person.
 *
 * A name may hold terminal control sequences, a line feed that fakes a second line, or characters
 * that reorder what is shown. Everything a program prints passes through here.
 */
#ifndef DIGLIM_OUTPUT_TEXT_H
#define DIGLIM_OUTPUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length of the UTF-8 character at @s (of @len bytes) that may be shown as it is; 0 if the first
 * byte has to be escaped. Sets *valid to whether it is well-formed UTF-8 at all.
 */
size_t text_char(const char *s, size_t len, bool *valid);

/* Is all of it well-formed UTF-8? */
bool text_is_utf8(const char *s, size_t len);

/*
 * The text with all of that as \xNN (base/text.h), in new memory; NULL without any. A backslash
 * stays as it is, so that text which was escaped already (struct err, owners of keys) does not
 * change.
 */
char *text_safe(const char *src);

/*
 * One word for a POSIX shell, to be pasted: as it is if that is safe, else quoted so that nothing
 * in it is shown raw. New memory, NULL without any.
 */
char *text_shell_word(const char *src);

/* "1.5 MiB". @buf is returned. */
#define TEXT_SIZE_MAX 32
char *text_size(char buf[TEXT_SIZE_MAX], uint64_t bytes);

/* "2h 3m", "45s". @buf is returned. */
#define TEXT_SPAN_MAX 48
char *text_span(char buf[TEXT_SPAN_MAX], uint64_t seconds);

/* "2026-11-22T08:40:15Z", with .NNNNNN if @usec is not negative. @buf is returned. */
#define TEXT_TIME_MAX 48
char *text_time(char buf[TEXT_TIME_MAX], int64_t seconds, int usec);

/* Number of insertions, deletions, replacements and swaps between two words; for "did you mean". */
unsigned text_distance(const char *a, const char *b);

#endif
