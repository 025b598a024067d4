/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../lib/policy/confedit.h"

static const struct {
	const char *conf, *want;
} rows[] = {
	{"", "[mode]\ndefault = enforce\n"},
	{"# mine", "# mine\n[mode]\ndefault = enforce\n"},
	{"[boot]\nstart = late\n", "[boot]\nstart = late\n[mode]\ndefault = enforce\n"},
	/* the section is there */
	{"[mode]\n[boot]\nseal = no\n", "[mode]\ndefault = enforce\n[boot]\nseal = no\n"},
	{"[mode]", "[mode]\ndefault = enforce\n"},
	{"[mode]\n# why\n", "[mode]\ndefault = enforce\n# why\n"},
	/* and the key */
	{"[mode]\ndefault = audit\n", "[mode]\ndefault = enforce\n"},
	{"[mode]\ndefault=audit", "[mode]\ndefault = enforce\n"},
	{"\t[mode]\n  default : audit ; x\n# y\n[boot]\n",
	 "\t[mode]\ndefault = enforce\n# y\n[boot]\n"},
	{"[mode]\n# later\n[boot]\nseal = no\n[mode]\ndefault = off\n",
	 "[mode]\n# later\n[boot]\nseal = no\n[mode]\ndefault = enforce\n"},
	/* others of like names are left alone */
	{"[boot]\ndefault = x\n", "[boot]\ndefault = x\n[mode]\ndefault = enforce\n"},
	{"[modes]\ndefault = x\n", "[modes]\ndefault = x\n[mode]\ndefault = enforce\n"},
	{"[mode]\ndefaults = x\n#default = y\ndefault\n",
	 "[mode]\ndefault = enforce\ndefaults = x\n#default = y\ndefault\n"},
};

static void test_one_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf got = BUF_INIT;

		confedit_set(&got, rows[i].conf, "mode", "default", "enforce");
		buf_add_u8(&got, 0);
		assert_false(got.failed);
		if (strcmp((const char *)got.data, rows[i].want) != 0)
			fail_msg("row %zu: '%s'", i, (const char *)got.data);
		buf_free(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
