// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/format/aptsources.h"

static char seen[4000];

static int see(const struct aptsource *s, void *arg)
{
	(void)arg;
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%s<%.*s>|",
		 s->flat ? "flat:" : "", s->index, s->signed_by ? (int)s->signed_len : 1,
		 s->signed_by ? s->signed_by : "-");
	return 0;
}

static const char *lines(const char *text)
{
	seen[0] = '\0';
	assert_int_equal(aptsources_lines(text, strlen(text), see, NULL), 0);
	return seen;
}

static const char *paragraphs(const char *text)
{
	struct err e = {0};

	seen[0] = '\0';
	assert_int_equal(aptsources_deb822(text, strlen(text), "x.sources", see, NULL, &e), 0);
	return seen;
}

/* Names as apt itself gives them in its lists. */
static void names(void **state)
{
	(void)state;
	assert_string_equal(lines("deb http://example.org/repo bookworm main\n"),
			    "example.org_repo_dists_bookworm_InRelease<->|");
	assert_string_equal(lines("deb https://u:p@h.org:8080/a_b/ x/updates main contrib"),
			    "h.org:8080_a%5fb_dists_x_updates_InRelease<->|");
	assert_string_equal(lines("deb file:/srv/a ./\ndeb copy:///srv/a~b /"),
			    "flat:_srv_a_._InRelease<->|flat:_srv_a%7eb_InRelease<->|");
	assert_string_equal(lines("deb mirror+file:/etc/m.txt s c"),
			    "_etc_m.txt_dists_s_InRelease<->|");
}

static void options(void **state)
{
	(void)state;
	assert_string_equal(lines("deb [arch=amd64 signed-by=/a,/b lang=en] http://h s c\n"),
			    "h_dists_s_InRelease</a,/b>|");
	assert_string_equal(lines("deb-src\t[ Signed-By=ABCD ]\thttp://h s c # x\n"),
			    "h_dists_s_InRelease<ABCD>|");
	assert_string_equal(lines("#deb http://h s c\n  # x\n\nrpm http://h s\ndeb [signed-by=/a "
				  "http://h s\ndeb http://h\ndeb nothing s\ndeb\n"),
			    "");
}

static void deb822(void **state)
{
	struct err e = {0};
	static const char bad[] = "URIs: http://h\nno field\n";

	(void)state;
	assert_string_equal(
		paragraphs("Types: deb\nURIs: http://a http://b/\nSuites: s\n t\n"
			   "Signed-By: /k\n\nURIs: file:/c\nSuites: ./\n"),
		"a_dists_s_InRelease</k>|a_dists_t_InRelease</k>|"
		"b_dists_s_InRelease</k>|b_dists_t_InRelease</k>|flat:_c_._InRelease<->|");
	assert_string_equal(
		paragraphs("URIs: http://a\nSuites: s\nSigned-By:\n -----BEGIN\n .\n x\n"),
		"a_dists_s_InRelease<-----BEGIN\n .\n x>|");
	assert_string_equal(paragraphs("Enabled: No\nURIs: http://a\nSuites: s\n"), "");
	assert_string_equal(paragraphs("URIs: http://a\n\nSuites: s\n"), "");
	assert_int_equal(aptsources_deb822(bad, strlen(bad), "x.sources", see, NULL, &e), -EINVAL);
	assert_non_null(strstr(e.text, "x.sources: line 2"));
}

static int stop(const struct aptsource *s, void *arg)
{
	(void)s;
	++*(int *)arg;
	return 7;
}

/* A name that no file can have belongs to no file; who asks to stop is not called again. */
static void limits(void **state)
{
	char text[400];
	int called = 0;

	(void)state;
	snprintf(text, sizeof(text), "deb http://%0300d s c\n", 0);
	assert_string_equal(lines(text), "");
	snprintf(text, sizeof(text), "deb http://%0*d s c\n", NAME_MAX - 18, 0);
	assert_int_equal(strlen(lines(text)), NAME_MAX + 4);
	snprintf(text, sizeof(text), "deb http://a s\ndeb http://b s\n");
	assert_int_equal(aptsources_lines(text, strlen(text), stop, &called), 7);
	assert_int_equal(called, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(options),
		cmocka_unit_test(deb822),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
