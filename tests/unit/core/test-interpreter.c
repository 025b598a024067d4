// SPDX-License-Identifier: GPL-2.0-only
/* Names of interpreters and of program text; command lines of interpreters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../core/arguments.h"
#include "../../../core/interpreter.h"

static struct core_stem stem_of(const char *name)
{
	struct core_view v = {(const __u8 *)name, 0, (__u32)strlen(name) + 1};
	struct core_stem s = {.text = ""};

	assert_int_equal(core_stem_read(&v, 0, v.len, &s), v.len);
	return s;
}

static void test_interpreters(void **state)
{
	static const struct {
		const char *name;
		__u32 want;
	} rows[] = {
		{"/usr/bin/python3.11", DIGLIM_KIND_PYTHON},
		{"python", DIGLIM_KIND_PYTHON},
		{"python3.7m", DIGLIM_KIND_PYTHON},
		{"python-3", DIGLIM_KIND_PYTHON},
		{"perl5.36-x86_64-linux-gnu", DIGLIM_KIND_PERL},
		{"perl", DIGLIM_KIND_PERL},
		{"/bin/dash", DIGLIM_KIND_SHELL},
		{"bash-static", DIGLIM_KIND_SHELL},
		{"bash-5.2", DIGLIM_KIND_SHELL},
		{"busybox-static", DIGLIM_KIND_BUSYBOX},
		{"lua5.4", DIGLIM_KIND_EVAL},
		{"luajit-2.1.0-beta3", DIGLIM_KIND_EVAL},
		{"php8.2", DIGLIM_KIND_PHP},
		{"php-cgi8.2", DIGLIM_KIND_PHP},
		{"ruby3.1", DIGLIM_KIND_RUBY},
		{"node18", DIGLIM_KIND_EVAL},
		{"gawk", DIGLIM_KIND_AWK},
		{"original-awk", DIGLIM_KIND_AWK},
		{"java", 0},
		{"qemu-x86_64-static", 0},
		{"qemu-aarch64", 0},
		{"qemu-arm-static", 0},
		{"qemu-microblaze", 0},
		{"tclsh8.6", 0},
	};
	static const char *const others[] = {
		"cat",	     "pythonic",	 "shred",
		"bashbug",   "python/cat",	 "3",
		"",	     "qemu-img",	 "qemu-system-x86_64",
		"-static",   "perl-static-x",	 "an-interpreter-of-more-letters-than-fit",
		"sha256sum", "qemu-microblaze-", "bash.static"};
	struct core_stem s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = stem_of(rows[i].name);
		if (core_interpreter(&s) != (CORE_IS_INTERPRETER | rows[i].want))
			fail_msg("%s: stem '%.16s', %#x", rows[i].name, s.text,
				 core_interpreter(&s));
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		s = stem_of(others[i]);
		if (core_interpreter(&s))
			fail_msg("%s is none", others[i]);
	}
}

/* A name in the table that no file can have would never be found. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < CORE_INTERPRETERS; i++) {
		struct core_stem s = stem_of(core_interpreters[i].stem);

		assert_true(strlen(core_interpreters[i].stem) <= CORE_STEM_MAX);
		assert_int_equal(strncmp(s.text, core_interpreters[i].stem, CORE_STEM_MAX), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(core_interpreters[i].stem,
						core_interpreters[k].stem);
	}
}

static void test_unended(void **state)
{
	struct core_view v = {(const __u8 *)"abcdef", 0, 6};
	struct core_stem s = {.text = ""};

	(void)state;
	assert_int_equal(core_stem_read(&v, 0, 6, &s), 0);
	assert_int_equal(core_stem_read(&v, 6, 6, &s), 0);
	assert_int_equal(core_stem_read(&v, 9, 6, &s), 0);
}

static void test_text(void **state)
{
	static const char *const text[] = {"a.sh",   ".py",	   "x/y.pyc", "a.b.class",
					   "a.R",    "m.bash",	   "x.jar",   "site.pth",
					   "a.wasm", "/x.sh/y.lua"};
	static const char *const other[] = {"sh",	"a.sha",  "a.txt", "xsh", "a.sh/b",
					    "a.py.txt", "aclass", "a.SH",  "",	  "b.klass"};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (!core_is_text_name(stem_of(text[i]).tail))
			fail_msg("%s is program text", text[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (core_is_text_name(stem_of(other[i]).tail))
			fail_msg("%s is none", other[i]);
}

/* @line: arguments, each with a final '|'. */
static __u32 answer(__u32 kinds, const char *line)
{
	struct core_args a;

	core_args_begin(&a, kinds);
	for (const char *c = line; *c && !a.answer; c++)
		core_args_char(&a, *c == '|' ? 0 : (__u8)*c);
	return core_args_end(&a);
}

#define SH DIGLIM_KIND_SHELL
#define PY DIGLIM_KIND_PYTHON
#define PL DIGLIM_KIND_PERL
#define RB DIGLIM_KIND_RUBY
#define EV DIGLIM_KIND_EVAL
#define PH DIGLIM_KIND_PHP
#define AW DIGLIM_KIND_AWK
#define BB DIGLIM_KIND_BUSYBOX

static const struct {
	__u32 kinds;
	__u32 want;
	const char *line;
} lines[] = {
	{SH, CORE_ARGS_COMMAND, "sh|-c|echo|"},
	{SH, CORE_ARGS_COMMAND, "sh|-ec|echo|"},
	{SH, CORE_ARGS_COMMAND, "sh|-o|posix|-c|x|"},
	{SH, CORE_ARGS_COMMAND, "bash|-oc|posix|x|"},
	{SH, CORE_ARGS_COMMAND, "bash|--norc|-c|x|"},
	{SH, CORE_ARGS_COMMAND, "bash|--rcfile|-x|-c|x|"},
	{SH, CORE_ARGS_COMMAND, "bash|--rcfile=-x|-c|x|"},
	{SH, CORE_ARGS_COMMAND, "bash|+x|-c|x|"},
	{SH, CORE_ARGS_COMMAND, "fish|--command=x|"},
	{SH, CORE_ARGS_FILE, "sh|script|"},
	{SH, CORE_ARGS_FILE, "sh|script|-c|x|"},
	{SH, CORE_ARGS_FILE, "sh|-e|script|-c|"},
	{SH, CORE_ARGS_FILE, "sh|--|script|-c|"},
	{SH, CORE_ARGS_FILE, "sh|--|-c|"},
	{SH, CORE_ARGS_FILE, "sh|-|-c|"},
	{SH, CORE_ARGS_FILE, "sh|-o|-c|script|"},
	{SH, CORE_ARGS_FILE, "bash|--version|"},
	{SH, CORE_ARGS_FILE, "sh|||"},
	{SH, CORE_ARGS_STDIN, "sh|"},
	{SH, CORE_ARGS_STDIN, "|"},
	{SH, CORE_ARGS_STDIN, ""},
	{SH, CORE_ARGS_STDIN, "-bash|"},
	{SH, CORE_ARGS_STDIN, "sh|-i|"},
	{SH, CORE_ARGS_STDIN, "sh|-s|x|"},
	{SH, CORE_ARGS_STDIN, "sh|-o|posix|"},
	{PY, CORE_ARGS_COMMAND, "python3|-c|x|"},
	{PY, CORE_ARGS_COMMAND, "python3|-Icx|"},
	{PY, CORE_ARGS_COMMAND, "python3|-W|ignore|-c|x|"},
	{PY, CORE_ARGS_COMMAND, "python3|-Wignore|-c|x|"},
	{PY, CORE_ARGS_COMMAND, "python3|--check-hash-based-pycs|default|-c|x|"},
	{PY, CORE_ARGS_FILE, "python3|-m|http.server|-c|"},
	{PY, CORE_ARGS_FILE, "python3|-I|x.py|-c|"},
	{PY, CORE_ARGS_FILE, "python3|-X|-c|x.py|"},
	{PY, CORE_ARGS_FILE, "python3|-V|"},
	{PY, CORE_ARGS_STDIN, "python3|-|-c|"},
	{PY, CORE_ARGS_STDIN, "python3|-i|"},
	{PY, CORE_ARGS_STDIN, "python3|-W|x.py|"},
	{PL, CORE_ARGS_COMMAND, "perl|-e|x|"},
	{PL, CORE_ARGS_COMMAND, "perl|-lane|x|"},
	{PL, CORE_ARGS_COMMAND, "perl|-0777|-E|x|"},
	{PL, CORE_ARGS_COMMAND, "perl|-MPOSIX;x|"},
	{PL, CORE_ARGS_COMMAND, "perl|-I|lib|-e|x|"},
	{PL, CORE_ARGS_FILE, "perl|-Ilee|-w|x.pl|"},
	{PL, CORE_ARGS_FILE, "perl|-w|-T|x.pl|-e|"},
	{PL, CORE_ARGS_STDIN, "perl|"},
	{PL, CORE_ARGS_STDIN, "perl|-|"},
	{RB, CORE_ARGS_COMMAND, "ruby|-rset|-e|x|"},
	{RB, CORE_ARGS_COMMAND, "ruby|-r|set|-ne|x|"},
	{RB, CORE_ARGS_COMMAND, "ruby|--encoding|utf-8|-e|x|"},
	{RB, CORE_ARGS_FILE, "ruby|-w|x.rb|-e|"},
	{EV, CORE_ARGS_COMMAND, "node|--eval|x|"},
	{EV, CORE_ARGS_COMMAND, "node|--eval=x|"},
	{EV, CORE_ARGS_COMMAND, "node|-pe|x|"},
	{EV, CORE_ARGS_COMMAND, "node|--title|t|-e|x|"},
	{EV, CORE_ARGS_COMMAND, "node|--import|data:x|"},
	{EV, CORE_ARGS_COMMAND, "lua|-l|m|-e|x|"},
	{EV, CORE_ARGS_FILE, "node|x.js|-e|"},
	{EV, CORE_ARGS_FILE, "node|--title|t|x.js|"},
	{EV, CORE_ARGS_FILE, "node|--title=t|x.js|-e|"},
	{EV, CORE_ARGS_FILE, "node|--check|x.js|"},
	{EV, CORE_ARGS_STDIN, "node|--inspect=1|"},
	{PH, CORE_ARGS_COMMAND, "php|-r|x|"},
	{PH, CORE_ARGS_COMMAND, "php|-d|a=b|-B|x|"},
	{PH, CORE_ARGS_COMMAND, "php|--process-code|x|"},
	{PH, CORE_ARGS_FILE, "php|-f|x.php|"},
	{PH, CORE_ARGS_FILE, "php|--file|x.php|"},
	{PH, CORE_ARGS_FILE, "php|x.php|-r|"},
	{PH, CORE_ARGS_STDIN, "php|-d|a=b|"},
	{AW, CORE_ARGS_COMMAND, "awk|{print}|file|"},
	{AW, CORE_ARGS_COMMAND, "awk|-v|a=b|{print}|"},
	{AW, CORE_ARGS_COMMAND, "awk|-F:|{print}|"},
	{AW, CORE_ARGS_COMMAND, "gawk|-e|x|"},
	{AW, CORE_ARGS_COMMAND, "gawk|--so|x|"},
	{AW, CORE_ARGS_COMMAND, "gawk|--source=x|-f|y|"},
	{AW, CORE_ARGS_COMMAND, "awk|--|x|"},
	{AW, CORE_ARGS_FILE, "awk|-f|x.awk|file|"},
	{AW, CORE_ARGS_FILE, "awk|-fx.awk|file|"},
	{AW, CORE_ARGS_FILE, "gawk|--file|x.awk|y|"},
	{AW, CORE_ARGS_FILE, "awk|"},
	{BB, CORE_ARGS_COMMAND, "/bin/sh|-c|x|"},
	{BB, CORE_ARGS_COMMAND, "busybox|sh|-c|x|"},
	{BB, CORE_ARGS_COMMAND, "/bin/busybox-x|ash|-c|x|"},
	{BB, CORE_ARGS_COMMAND, "toybox|bash|-c|x|"},
	{BB, CORE_ARGS_COMMAND, "busybox|busybox|sh|-c|x|"},
	{BB, CORE_ARGS_COMMAND, "awk|x|"},
	{BB, CORE_ARGS_FILE, "busybox|grep|-c|x|"},
	{BB, CORE_ARGS_FILE, "busybox|sh|script|"},
	{BB, CORE_ARGS_FILE, "ls|-c|"},
	{BB, CORE_ARGS_STDIN, "-sh|"},
	{0, CORE_ARGS_FILE, "java|-c|"},
	/* The strictest of several rules. */
	{SH | PL, CORE_ARGS_COMMAND, "x|-e|x|"},
	{SH | PY, CORE_ARGS_COMMAND, "x|-c|x|"},
};

static void test_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (answer(lines[i].kinds, lines[i].line) != lines[i].want)
			fail_msg("%s: %u, not %u", lines[i].line,
				 answer(lines[i].kinds, lines[i].line), lines[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interpreters), cmocka_unit_test(test_table),
		cmocka_unit_test(test_unended),	     cmocka_unit_test(test_text),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests_name("core: interpreter", tests, NULL, NULL);
}
