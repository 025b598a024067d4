// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/format/execlines.h"

static char seen[2000];

static int see(const struct execlines_word *w, void *arg)
{
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%zu%s%s:%.100s|", w->line,
		 w->first ? "!" : "", w->specifier ? "%" : "", w->word);
	return 0;
}

static const char *unit(const char *text)
{
	seen[0] = '\0';
	assert_int_equal(execlines_unit(text, strlen(text), see, NULL), 0);
	return seen;
}

static const char *cron(const char *text)
{
	seen[0] = '\0';
	assert_int_equal(execlines_cron(text, strlen(text), see, NULL), 0);
	return seen;
}

static void units(void **state)
{
	assert_string_equal(unit("[Service]\nExecStart=/bin/a -x /opt/y\n"),
			    "2!:/bin/a|2:-x|2:/opt/y|");
	assert_string_equal(unit("ExecStartPre=-@/bin/a b\n ExecStop = +/bin/c\n"),
			    "1!:/bin/a|1:b|2!:/bin/c|");
	assert_string_equal(unit("ExecStart=/bin/a ; /bin/b x ; /bin/c"),
			    "1!:/bin/a|1!:/bin/b|1:x|1!:/bin/c|");
	assert_string_equal(unit("ExecStart=\"/opt/my program\" 'a b'\\ c\n"),
			    "1!:/opt/my program|1:a b c|");
	assert_string_equal(unit("ExecStart=/bin/a \\\n  /x\nExecReload=/bin/b"),
			    "1!:/bin/a|2:/x|3!:/bin/b|");
	assert_string_equal(unit("ExecStart=/usr/lib/%p /x%i"), "1!%:/usr/lib/%p|1%:/x%i|");
	assert_string_equal(unit("ExecStart=\nExecStart=-\n"), "");
	assert_string_equal(unit("#ExecStart=/bin/a\n;ExecStart=/bin/b\nExecPaths=/x\n"
				 "ExecSearchPath=/y\nDescription=ExecStart=/z\n"),
			    "");
	assert_string_equal(unit("# a \\\nExecStart=/bin/hidden\n"), "");
	assert_string_equal(unit("ExecStart=\"/unclosed\nExecStart=/b"),
			    "2!:/unclosed\nExecStart=/b|");
}

static void crontabs(void **state)
{
	assert_string_equal(cron("# /bin/no\nSHELL=/bin/sh\n\n"), "");
	assert_string_equal(cron("17 * * * * root cd / && run-parts --report /etc/cron.hourly\n"),
			    "1:17|1:*|1:*|1:*|1:*|1:root|1:cd|1:/|1:run-parts|1:--report|"
			    "1:/etc/cron.hourly|");
	assert_string_equal(cron("@daily [ -x /a ]||(/b;/c>/d)"),
			    "1:@daily|1:[|1:-x|1:/a|1:]|1:/b|1:/c|1:/d|");
	assert_string_equal(cron("* X=1 \"/my prog\""), "1:*|1:X|1:1|1:/my prog|");
}

static void odd(void **state)
{
	static char text[6000] = "ExecStart=/";

	memset(text + 11, 'x', 5000);
	strcat(text, " /y\n");
	/* Too long for a path: nothing of it, but of what follows. */
	assert_string_equal(unit(text), "1:/y|");
	assert_string_equal(unit(""), "");
	assert_string_equal(unit("ExecStart"), "");
	assert_string_equal(unit("ExecStart="), "");
	assert_string_equal(unit("ExecStart=\\"), "1!:\\|");
	assert_string_equal(cron("\\"), "1:\\|");
}

static int stop(const struct execlines_word *w, void *arg)
{
	return 5;
}

static void callback_stops(void **state)
{
	assert_int_equal(execlines_unit("ExecStart=/a", 12, stop, NULL), 5);
	assert_int_equal(execlines_cron("/a", 2, stop, NULL), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units),
		cmocka_unit_test(crontabs),
		cmocka_unit_test(odd),
		cmocka_unit_test(callback_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
