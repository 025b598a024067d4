/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"
#include "../base/text.h"

#define TEXT_ESCAPE_GROWTH 4 /* \xNN for a byte */

/* Length of a well-formed UTF-8 sequence and its code point; 0 if there is none. */
static size_t utf8_decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;
	size_t n;

	if (s[0] < 0x80) {
		*ret = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2, c = s[0] & 0x1f;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3, c = s[0] & 0x0f;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4, c = s[0] & 0x07;
	else
		return 0;
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

size_t text_char(const char *s, size_t len, bool *valid)
{
	char shown[32];
	uint32_t c;
	size_t n = len ? utf8_decode((const unsigned char *)s, len, &c) : 0;

	if (valid)
		*valid = n != 0;
	if (!n)
		return 0;
	text_escape(shown, sizeof(shown), s, n);
	return shown[0] != '\\' || *s == '\\' ? n : 0;
}

bool text_is_utf8(const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode((const unsigned char *)s + i, len - i, &c);
		if (!n)
			return false;
	}
	return true;
}

char *text_safe(const char *src)
{
	size_t len = strlen(src);
	char *ret = malloc(len * TEXT_ESCAPE_GROWTH + 1);

	return ret ? text_escape(ret, len * TEXT_ESCAPE_GROWTH + 1, src, len) : NULL;
}

static bool shell_needs_quotes(const char *src)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+=:,@%";

	return !*src || *src == '-' || src[strspn(src, plain)];
}

/* '…' for what can be shown, the octal form of printf(1) for the rest. */
char *text_shell_word(const char *src)
{
	size_t len = strlen(src), pos = 0;
	bool visible = true;
	char *ret;

	if (!shell_needs_quotes(src))
		return strdup(src);
	for (size_t i = 0, n; i < len && visible; i += n) {
		n = text_char(src + i, len - i, NULL);
		visible = n != 0;
	}
	ret = malloc(len * 4 + 32);
	if (!ret)
		return NULL;
	pos += (size_t)sprintf(ret, visible ? "'" : "\"$(printf '");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)src[i];

		if (visible && c == '\'')
			pos += (size_t)sprintf(ret + pos, "'\\''");
		else if (visible)
			ret[pos++] = src[i];
		else if (c < 0x21 || c > 0x7e || strchr("\\'%\"$`", c))
			pos += (size_t)sprintf(ret + pos, "\\%03o", c);
		else
			ret[pos++] = src[i];
	}
	strcpy(ret + pos, visible ? "'" : "')\"");
	return ret;
}

char *text_size(char buf[TEXT_SIZE_MAX], uint64_t bytes)
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && i + 1 < sizeof(unit) / sizeof(*unit)) {
		value /= 1024;
		i++;
	}
	snprintf(buf, TEXT_SIZE_MAX, i ? "%.1f %s" : "%.0f %s", value, unit[i]);
	return buf;
}

char *text_span(char buf[TEXT_SPAN_MAX], uint64_t seconds)
{
	unsigned long long s = seconds;

	if (s >= 86400)
		snprintf(buf, TEXT_SPAN_MAX, "%llud %lluh", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(buf, TEXT_SPAN_MAX, "%lluh %llum", s / 3600, s % 3600 / 60);
	else if (s >= 60)
		snprintf(buf, TEXT_SPAN_MAX, "%llum %llus", s / 60, s % 60);
	else
		snprintf(buf, TEXT_SPAN_MAX, "%llus", s);
	return buf;
}

char *text_time(char buf[TEXT_TIME_MAX], int64_t seconds, int usec)
{
	time_t t = (time_t)seconds;
	char day[32];
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(day, sizeof(day), "@%lld", (long long)seconds);
	if (usec < 0)
		snprintf(buf, TEXT_TIME_MAX, "%sZ", day);
	else
		snprintf(buf, TEXT_TIME_MAX, "%s.%06dZ", day, usec % 1000000);
	return buf;
}

unsigned text_distance(const char *a, const char *b)
{
	enum { MAX = 32 };
	unsigned d[MAX + 1][MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > MAX || lb > MAX)
		return MAX;
	for (size_t i = 0; i <= la; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		for (size_t j = 1; j <= lb; j++) {
			unsigned cost = a[i - 1] != b[j - 1], best = d[i - 1][j - 1] + cost;

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[la][lb];
}
