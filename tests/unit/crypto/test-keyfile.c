// SPDX-License-Identifier: LGPL-2.1-or-later
/* Key files of TPM keys: the bytes that other programs read, and what we take from theirs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/crypto/armor.h"
#include "../../../lib/crypto/keyfile.h"

#define DIGEST	  "0123456789abcdef0123456789ABCDEF"
#define SELECTION "\0\0\0\1\0\x0b\3\x11\x32\0"
#define COMMAND	  "\0\x20" DIGEST SELECTION
#define HASHED	  SELECTION DIGEST
/* Another command of as many bytes, whose parameters nobody touches: TPM2_PolicyOR's number. */
#define OTHER 0x00000171

static void add(struct keyfile_sequence *s, uint32_t command, const void *body, size_t len)
{
	struct buf b = BUF_INIT;
	struct err e;

	buf_add(&b, body, len);
	assert_int_equal(keyfile_add(s, command, &b, &e), 0);
	buf_free(&b);
}

static void text_of(const struct keyfile *k, struct buf *ret)
{
	struct err e;

	ret->len = 0;
	assert_int_equal(keyfile_text(k, ret, &e), 0);
}

static void parse(const struct buf *text, struct keyfile *ret)
{
	struct err e;

	assert_int_equal(keyfile_parse(text->data, text->len, "file", ret, &e), 0);
}

/* The DER in a PEM text, and the text of some DER. */
static void open_pem(const struct buf *text, struct buf *ret)
{
	const char *begin = memchr(text->data, '\n', text->len);
	const char *end = memmem(text->data, text->len, "-----END", 8);
	struct err e;

	ret->len = 0;
	assert_int_equal(armor_base64(begin, (size_t)(end - begin), ret, &e), 0);
}

static void close_pem(const struct buf *der, struct buf *ret)
{
	ret->len = 0;
	buf_add(ret, "-----BEGIN TSS2 PRIVATE KEY-----\n", 33);
	armor_put_base64(ret, der->data, der->len, 64);
	buf_add(ret, "-----END TSS2 PRIVATE KEY-----\n", 31);
	assert_false(ret->failed);
}

/* The file is read with one PolicyPCR, as the command has it. */
static void expect_command(const struct buf *text)
{
	struct keyfile k;

	parse(text, &k);
	assert_int_equal(k.policy.n, 1);
	assert_int_equal(k.policy.items[0].command, KEYFILE_PCR);
	assert_int_equal(k.policy.items[0].len, sizeof(COMMAND) - 1);
	assert_memory_equal(k.policy.items[0].body, COMMAND, sizeof(COMMAND) - 1);
	keyfile_done(&k);
}

static void pcr_is_written_as_hashed(void **state)
{
	struct keyfile k = {.parent = 0x40000001};
	struct buf text = BUF_INIT, der = BUF_INIT;

	add(&k.policy, KEYFILE_PCR, COMMAND, sizeof(COMMAND) - 1);
	text_of(&k, &text);
	open_pem(&text, &der);
	assert_non_null(memmem(der.data, der.len, "\x04\x2a" HASHED, 2 + sizeof(HASHED) - 1));
	expect_command(&text);
	keyfile_done(&k);
	buf_free(&text);
	buf_free(&der);
}

/* As GRUB and pcr-oracle have it: made of another command, whose number is changed then. */
static void pcr_is_read_as_in_the_draft(void **state)
{
	struct keyfile k = {.parent = 0x40000001};
	struct buf text = BUF_INIT, der = BUF_INIT;
	uint8_t *number;

	add(&k.policy, OTHER, COMMAND, sizeof(COMMAND) - 1);
	text_of(&k, &text);
	open_pem(&text, &der);
	number = memmem(der.data, der.len, "\x02\x02\x01\x71", 4);
	assert_non_null(number);
	number[3] = 0x7f;
	close_pem(&der, &text);
	expect_command(&text);
	keyfile_done(&k);
	buf_free(&text);
	buf_free(&der);
}

/* What is no PolicyPCR of SHA-256 comes back as it was, whatever it looks like. */
static void other_bodies_stay(void **state)
{
	static const struct {
		uint32_t command;
		const char *body;
		size_t len;
	} bodies[] = {
		{OTHER, HASHED, sizeof(HASHED) - 1},
		{KEYFILE_PCR, "", 0},
		{KEYFILE_PCR, "\0", 1},
		{KEYFILE_PCR, "\0\x20" DIGEST, 34},
		{KEYFILE_PCR, "\0\x20" DIGEST "\0\x20", 36},
		{KEYFILE_PCR, "\0\x20" DIGEST "\0\x20\0\0", 38},
		{KEYFILE_PCR, "\0\x14" DIGEST SELECTION, sizeof(COMMAND) - 1},
		{KEYFILE_PCR, "\1" DIGEST SELECTION, sizeof(COMMAND) - 2},
	};
	struct keyfile k = {.parent = 1}, again;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		add(&k.policy, bodies[i].command, bodies[i].body, bodies[i].len);
	text_of(&k, &text);
	parse(&text, &again);
	assert_int_equal(again.policy.n, k.policy.n);
	for (size_t i = 0; i < k.policy.n; i++) {
		assert_int_equal(again.policy.items[i].command, k.policy.items[i].command);
		assert_int_equal(again.policy.items[i].len, k.policy.items[i].len);
		assert_memory_equal(again.policy.items[i].body, k.policy.items[i].body,
				    k.policy.items[i].len);
	}
	keyfile_done(&again);
	keyfile_done(&k);
	buf_free(&text);
}

static void approve(struct keyfile *k, const char *name, const char *body)
{
	struct err e;
	struct keyfile_sequence *s = keyfile_approval(k, name, &e);

	assert_non_null(s);
	assert_null(keyfile_authorize(s));
	add(s, KEYFILE_PCR, COMMAND, sizeof(COMMAND) - 1);
	assert_null(keyfile_authorize(s));
	add(s, KEYFILE_AUTHORIZE, body, strlen(body));
	assert_ptr_equal(keyfile_authorize(s), &s->items[1]);
}

static void newest_approval_is_first(void **state)
{
	struct keyfile k = {.parent = 1}, again;
	struct buf text = BUF_INIT;

	approve(&k, "one", "1");
	approve(&k, "two", "2");
	approve(&k, "three", "3");
	approve(&k, "two", "again");
	text_of(&k, &text);
	parse(&text, &again);
	assert_int_equal(again.n_approvals, 3);
	assert_string_equal(again.approvals[0].name, "two");
	assert_memory_equal(again.approvals[0].items[1].body, "again", 5);
	assert_string_equal(again.approvals[1].name, "three");
	assert_string_equal(again.approvals[2].name, "one");
	keyfile_done(&again);
	keyfile_done(&k);
	buf_free(&text);
}

/* Names are optional, and nobody forbids to have one twice. */
static void nameless_approvals_are_all_read(void **state)
{
	struct keyfile k = {.parent = 1}, again;
	struct buf text = BUF_INIT;

	approve(&k, "one", "1");
	approve(&k, "two", "2");
	*k.approvals[0].name = *k.approvals[1].name = '\0';
	text_of(&k, &text);
	parse(&text, &again);
	assert_int_equal(again.n_approvals, 2);
	assert_memory_equal(again.approvals[0].items[1].body, "2", 1);
	assert_memory_equal(again.approvals[1].items[1].body, "1", 1);
	keyfile_done(&again);
	keyfile_done(&k);
	buf_free(&text);
}

static void limits(void **state)
{
	char name[KEYFILE_NAME_MAX + 1], text[16];
	struct keyfile k = {0};
	struct err e = {0};

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(keyfile_approval(&k, name, &e));
	assert_int_equal(e.code, -E2BIG);
	for (int i = 0; i < KEYFILE_APPROVALS_MAX; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_non_null(keyfile_approval(&k, text, &e));
	}
	assert_null(keyfile_approval(&k, "more", &e));
	assert_non_null(keyfile_approval(&k, "17", &e));
	assert_int_equal(k.n_approvals, KEYFILE_APPROVALS_MAX);
	assert_string_equal(k.approvals[0].name, "17");
	keyfile_done(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcr_is_written_as_hashed),
		cmocka_unit_test(pcr_is_read_as_in_the_draft),
		cmocka_unit_test(other_bodies_stay),
		cmocka_unit_test(newest_approval_is_first),
		cmocka_unit_test(nameless_approvals_are_all_read),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
