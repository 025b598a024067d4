// SPDX-License-Identifier: LGPL-2.1-or-later
/* The lists in tests/data/attest are made by another program, make-ima there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/attest/imalist.h"
#include "../../../lib/base/hex.h"
#include "../../../lib/base/io.h"

enum { ENTRIES = 10 };

static struct buf data_of(const char *name)
{
	struct buf b = BUF_INIT;
	struct err e = {0};
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/data/attest/%s", getenv("DIGLIM_SOURCE"), name);
	if (io_read_file(path, IMALIST_MAX, &b, &e))
		fail_msg("%s", e.text);
	return b;
}

static const char *const forms[] = {"ima.ascii", "ima.binary", "ima.ascii-sha256",
				    "ima.binary-sha256"};

struct replay {
	enum bank bank;
	uint8_t value[BANK_SIZE_MAX];
	size_t n;
	char seen[1024];
};

static int extend(const struct ima_entry *entry, void *arg)
{
	struct replay *r = arg;
	uint8_t digest[BANK_SIZE_MAX];
	struct err e = {0};

	assert_int_equal(entry->number, ++r->n);
	assert_int_equal(entry->pcr, 10);
	if (imalist_digest(entry, r->bank, digest, &e))
		fail_msg("%s", e.text);
	snprintf(r->seen + strlen(r->seen), sizeof(r->seen) - strlen(r->seen),
		 "%.*s|%s|%zu|%zu%s\n", (int)entry->name_len, entry->name, entry->algo,
		 entry->digest_len, entry->extra_len, entry->violation ? "!" : "");
	return bank_extend(r->bank, r->value, digest, &e);
}

static void replay_one(const char *form, const char *bank, const char *want)
{
	struct replay r = {.bank = bank_by_name(bank)};
	char hex[2 * BANK_SIZE_MAX + 1];
	struct buf b = data_of(form);
	struct err e = {0};

	if (imalist_walk(b.data, b.len, extend, &r, &e))
		fail_msg("%s: %s", form, e.text);
	assert_int_equal(r.n, ENTRIES);
	hex_encode(r.value, bank_size(r.bank), hex);
	assert_string_equal(hex, want);
	assert_string_equal(r.seen, "boot_aggregate|sha256|32|0\n"
				    "/usr/bin/with  two blanks |sha256|32|0\n"
				    "/usr/bin/signed file|sha256|32|263\n"
				    "/usr/bin/not signed|sha256|32|0\n"
				    "diglim|sha256|32|100\n"
				    "/var/lib/diglim/lists/rpm-x|sha256|32|0\n"
				    "/tmp/violated|sha256|32|0!\n"
				    "/usr/bin/sha1|sha1|20|0\n"
				    "/usr/bin/ver2|sha256|32|0\n"
				    "/old name|sha1|20|0\n");
	buf_free(&b);
}

/* Four forms of one list, three banks: the same values as the other program's. */
static void replays(void **state)
{
	struct buf want = data_of("ima.pcrs");
	char *line = (char *)want.data, *next, *value;

	buf_add_u8(&want, 0);
	line = (char *)want.data;
	for (int i = 0; i < 3; i++, line = next + 1) {
		next = strchr(line, '\n');
		value = strchr(line, ' ');
		assert_true(next && value);
		*next = *value = '\0';
		for (size_t f = 0; f < sizeof(forms) / sizeof(*forms); f++)
			replay_one(forms[f], line, value + 1);
	}
	buf_free(&want);
}

static int check_digest(const struct ima_entry *entry, void *arg)
{
	uint8_t digest[BANK_SIZE_MAX];

	return imalist_digest(entry, *(enum bank *)arg, digest, NULL);
}

/* A changed byte in what is hashed contradicts the digest beside it. */
static void altered(void **state)
{
	enum bank sha1 = BANK_SHA1, sha256 = BANK_SHA256;

	for (size_t f = 0; f < sizeof(forms) / sizeof(*forms); f++) {
		struct buf b = data_of(forms[f]);
		uint8_t *at = memmem(b.data, b.len, "signed file", 11);
		struct err e = {0};

		assert_non_null(at);
		*at = 'S';
		assert_int_equal(
			imalist_walk(b.data, b.len, check_digest, f < 2 ? &sha1 : &sha256, &e),
			-EBADMSG);
		buf_free(&b);
	}
}

static int count(const struct ima_entry *entry, void *arg)
{
	++*(size_t *)arg;
	return 0;
}

/* A list that ends too early is refused, unless between two entries. */
static void cut(void **state)
{
	for (size_t f = 0; f < sizeof(forms) / sizeof(*forms); f++) {
		struct buf b = data_of(forms[f]);
		size_t whole = 0;

		for (size_t len = 0; len <= b.len; len++) {
			struct err e = {0};
			size_t n = 0;
			int r = imalist_walk(b.data, len, count, &n, &e);

			if (!r)
				whole++;
			else
				assert_int_equal(r, -EBADMSG);
		}
		assert_int_equal(whole, ENTRIES + 1);
		buf_free(&b);
	}
}

#define ZERO "0000000000000000000000000000000000000000"

static void refused(void **state)
{
	static const char *const lines[] = {
		"10\n",
		"10 " ZERO " ima-ng sha256:00 /x",
		"99 " ZERO " ima-ng sha256:00 /x\n",
		"1x " ZERO " ima-ng sha256:00 /x\n",
		"10 00 ima-ng sha256:00 /x\n",
		"10 " ZERO " ima-ng sha256:0 /x\n",
		"10 " ZERO " ima-ng sha25600 /x\n",
		"10 " ZERO " ima-ng :00 /x\n",
		"10 " ZERO " ima-sig sha256:00 /x zz\n",
		"10 " ZERO " ima-buf sha256:00\n",
		"10 " ZERO " ima 00 /x\n",
		"10 " ZERO " ima " ZERO " \n",
	};
	struct err e;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		e.text[0] = '\0';
		if (imalist_walk(lines[i], strlen(lines[i]), count, &n, &e) != -EBADMSG)
			fail_msg("taken: %s", lines[i]);
		assert_non_null(strstr(e.text, "line 1"));
	}
	assert_int_equal(n, 0);
}

static int last(const struct ima_entry *entry, void *arg)
{
	uint8_t digest[BANK_SIZE_MAX];
	struct err e;

	assert_string_equal(entry->template, "evm-sig");
	assert_null(entry->data);
	assert_int_equal(imalist_digest(entry, BANK_SHA256, digest, &e), -ENODATA);
	assert_int_equal(imalist_digest(entry, BANK_SHA1, digest, &e), 0);
	assert_int_equal(digest[0], 0x11);
	return 0;
}

static void unknown_template(void **state)
{
	static const char line[] =
		"10 1111111111111111111111111111111111111111 evm-sig what ever\n";
	struct err e;

	assert_int_equal(imalist_walk(line, sizeof(line) - 1, last, NULL, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays),
		cmocka_unit_test(altered),
		cmocka_unit_test(cut),
		cmocka_unit_test(refused),
		cmocka_unit_test(unknown_template),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
