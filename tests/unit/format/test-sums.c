// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/format/sums.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789abcdef"

static char seen[2000];

static int see(const struct sums_entry *s, void *arg)
{
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%zu:%02x:%s:%.200s|", s->line,
		 s->digest.value[1], s->use, s->path);
	return 0;
}

static int walk(const char *text, size_t len, struct err *e)
{
	seen[0] = '\0';
	return sums_walk(text, len, "FILE", see, NULL, e);
}

static void accepted(void **state)
{
	static const char text[] = A "  /usr/bin/a b\n" B " */x\n\n# comment\n"
				     "#: use exec,module\n" A "  rel\n"
				     "\\" A "  /new\\nline\\\\back\n"
				     "SHA256 (/bin/(odd) = x) = " B "\n"
				     "\\SHA256 (/a\\nb) = " A "\n" A "   three blanks";
	struct err e;

	if (walk(text, sizeof(text) - 1, &e))
		fail_msg("%s", e.text);
	assert_string_equal(seen, "1:aa::/usr/bin/a b|2:23::/x|6:aa:exec,module:rel|"
				  "7:aa:exec,module:/new\nline\\back|"
				  "8:23:exec,module:/bin/(odd) = x|9:aa:exec,module:/a\nb|"
				  "10:aa:exec,module: three blanks|");
	assert_int_equal(walk("", 0, &e), 0);
	assert_string_equal(seen, "");
}

/* As `fsverity digest` has them, behind "verity:", and as logs of IMA do. */
static int see_verity(const struct sums_entry *s, void *arg)
{
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%02x%s:%.200s|",
		 s->digest.value[1], s->digest.verity ? "v" : "", s->path);
	return 0;
}

static void verity(void **state)
{
	static const char text[] = "verity:sha256:" B " /a b\\n\n" A "  /c\n"
				   "verity:sha256:" A "  x";
	struct err e;

	seen[0] = '\0';
	assert_int_equal(sums_walk(text, sizeof(text) - 1, "FILE", see_verity, NULL, &e), 0);
	assert_string_equal(seen, "23v:/a b\\n|aa:/c|aav: x|");
}

static void refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{A "\n", "line 1: neither"},
		{A "  \n", "line 1: a digest without a path"},
		{"# x\n" A " /x\n", "line 2: no two blanks"},
		{A "\t/x\n", "line 1: no two blanks"},
		{"z" A "  /x\n", "line 1: neither"},
		{"\\" A "  /x\\t\n", "line 1: a backslash"},
		{"\\" A "  /x\\\n", "line 1: a backslash"},
		{"SHA256 (/x) = zz" A "\n", "line 1: no SHA-256"},
		{"SHA512 (/x) = " A "\n", "line 1: neither"},
		{"d41d8cd98f00b204e9800998ecf8427e  /x\n", "line 1: neither"},
		{"#: uses exec\n", "line 1: '#:'"},
		{"#: use 01234567890123456789012345678901234567890123456789012345678901234567890123"
		 "456789\n",
		 "line 1: more uses"},
		{"verity:sha512:" A " /x\n", "line 1: 'verity:sha256:'"},
		{"verity:sha256:z" A " /x\n", "line 1: 'verity:sha256:'"},
		{"verity:sha256:" A "\n", "line 1: no blank"},
		{"verity:sha256:" A " \n", "line 1: a digest without a path"},
		{A "  /x\r\n", "line 1: a carriage return"},
		{A "  /x\n" A "  /y\n" B "  /x", "line 3: /x has another digest than in line 1"},
	};
	struct err e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(walk(cases[i].text, strlen(cases[i].text), &e), -EINVAL);
		if (!strstr(e.text, cases[i].why))
			fail_msg("'%s' is said to be: %s", cases[i].text, e.text);
	}
	assert_int_equal(walk(A "  /x\0y\n", 69, &e), -EINVAL);
	assert_non_null(strstr(e.text, "NUL"));
}

static void too_long(void **state)
{
	static char text[5000];
	struct err e;

	memcpy(text, A "  ", 66);
	memset(text + 66, 'x', 4095);
	assert_int_equal(walk(text, 66 + 4095, &e), 0);
	text[66 + 4095] = 'x';
	assert_int_equal(walk(text, 66 + 4096, &e), -EINVAL);
	assert_non_null(strstr(e.text, "too long"));
}

static void written_and_read(void **state)
{
	static const char *const paths[] = {"/a", "/with\nline", "/back\\slash\r", "/x  y", "#"};
	uint8_t digest[32] = {1, 2, 3};
	struct buf b = BUF_INIT;
	char want[200] = "";
	struct err e;

	for (size_t i = 0; i < 5; i++) {
		sums_put(&b, digest, paths[i]);
		sprintf(want + strlen(want), "%zu:02::%s|", i + 1, paths[i]);
	}
	assert_int_equal(walk((const char *)b.data, b.len, &e), 0);
	assert_string_equal(seen, want);
	buf_free(&b);
}

static int stop(const struct sums_entry *s, void *arg)
{
	return 7;
}

static void callback_stops(void **state)
{
	static const char text[] = A "  x\n" B "  y\n";

	assert_int_equal(sums_walk(text, sizeof(text) - 1, "F", stop, NULL, NULL), 7);
	/* Nobody is called about a file that is bad further down. */
	assert_int_equal(sums_walk(A "  x\nnonsense", 77, "F", stop, NULL, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),	    cmocka_unit_test(refused),
		cmocka_unit_test(verity),	    cmocka_unit_test(too_long),
		cmocka_unit_test(written_and_read), cmocka_unit_test(callback_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
