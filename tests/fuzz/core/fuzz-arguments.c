// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command lines and names of interpreters. The first byte is the mask of kinds, the rest arguments
 * with NULs between them. What a command line cannot mean is checked in another way.
 */
#include <string.h>

#include "../../../core/arguments.h"
#include "../../../core/interpreter.h"
#include "oracle.h"

/* The first argument, if it is the first that could be an operand; -1 if there is an option. */
static int plain_script(const uint8_t *p, size_t n)
{
	const uint8_t *first = memchr(p, 0, n);

	if (!first || ++first == p + n || !memchr(first, 0, (size_t)(p + n - first)))
		return 0;
	return *first == '-' || *first == '+' ? -1 : 1;
}

static uint32_t answer(uint32_t kinds, const uint8_t *p, size_t n)
{
	struct core_args a;

	core_args_begin(&a, kinds);
	for (size_t i = 0; i < n && !a.answer; i++) {
		core_args_char(&a, p[i]);
		ORACLE(a.answer <= CORE_ARGS_STDIN && a.state <= CORE_ARGS_SKIP && a.len <= 8);
	}
	return core_args_end(&a);
}

static void check_arguments(uint32_t kinds, const uint8_t *p, size_t n)
{
	uint32_t got = answer(kinds, p, n);

	ORACLE(got >= CORE_ARGS_FILE && got <= CORE_ARGS_STDIN);
	ORACLE(kinds || got == CORE_ARGS_FILE);
	if (kinds == DIGLIM_KIND_SHELL || kinds == DIGLIM_KIND_PYTHON) {
		/* No command without the letter, no script without an argument. */
		ORACLE(got != CORE_ARGS_COMMAND || memchr(p, 'c', n) || memchr(p, 'e', n) ||
		       memchr(p, 'p', n) || memchr(p, 'r', n));
		if (plain_script(p, n) == 1)
			ORACLE(got == CORE_ARGS_FILE);
	}
	/* A rule more never makes a command harmless. */
	if (got == CORE_ARGS_COMMAND && kinds == DIGLIM_KIND_SHELL && plain_script(p, n) == -1 &&
	    !memcmp(memchr(p, 0, n), "\0-c", 3))
		ORACLE(answer(kinds | DIGLIM_KIND_PERL, p, n) == CORE_ARGS_COMMAND);
}

static void check_name(const uint8_t *p, size_t n)
{
	struct core_view v = {p, 0, (__u32)n};
	struct core_stem s = {.text = ""};
	uint32_t len = core_stem_read(&v, 0, (__u32)n, &s);
	const uint8_t *end = memchr(p, 0, n);
	const char *digits = "0123456789";
	char name[256];
	const char *base;

	if (!end || end - p >= DIGLIM_PATH_LONG) {
		ORACLE(!len);
		return;
	}
	ORACLE(len == (uint32_t)(end - p) + 1);
	if (end - p >= (long)sizeof(name))
		return;
	memcpy(name, p, (size_t)(end - p) + 1);
	base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	/* A stem is the beginning of the name, and holds no digit. */
	ORACLE(!memcmp(s.text, base, strnlen(s.text, sizeof(s.text))));
	for (size_t i = 0; i < sizeof(s.text) && s.text[i]; i++)
		ORACLE(!strchr(digits, s.text[i]));
	if (core_is_text_name(s.tail))
		ORACLE(strrchr(base, '.'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	check_arguments(data[0], data + 1, size - 1);
	check_name(data + 1, size - 1);
	return 0;
}
