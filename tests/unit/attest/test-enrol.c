/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys a CA certifies: each attribute by itself, since TPMs do not make most bad
 * combinations. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../../lib/attest/enrol.h"

static const uint8_t policy[POLICY_SIZE] = {1, 2, 3};
static const uint32_t good_key = TPMPUB_FIXED_TPM | TPMPUB_FIXED_PARENT |
				 TPMPUB_SENSITIVE_DATA_ORIGIN | TPMPUB_SIGN | TPMPUB_NO_DA;

static struct tpmpub key_with(uint32_t attributes)
{
	return (struct tpmpub){
		.attributes = attributes, .policy = policy, .policy_len = sizeof(policy)};
}

static void refused(const struct tpmpub *key, const char *why)
{
	struct err e = {0};

	assert_int_equal(enrol_check_key(key, policy, &e), -EKEYREJECTED);
	assert_non_null(strstr(e.text, why));
}

static void test_attributes(void **state)
{
	static const struct {
		uint32_t bit;
		const char *why;
	} cases[] = {
		{TPMPUB_FIXED_TPM, "fixedTPM"},
		{TPMPUB_FIXED_PARENT, "fixedParent"},
		{TPMPUB_SENSITIVE_DATA_ORIGIN, "sensitiveDataOrigin"},
		{TPMPUB_SIGN, "cannot sign"},
		{TPMPUB_DECRYPT, "decrypts"},
		{TPMPUB_USER_WITH_AUTH, "userWithAuth"},
	};
	struct tpmpub key = key_with(good_key);
	struct err e = {0};

	(void)state;
	assert_int_equal(enrol_check_key(&key, policy, &e), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		key = key_with(good_key ^ cases[i].bit);
		refused(&key, cases[i].why);
	}
}

static void test_policy(void **state)
{
	static const uint8_t other[POLICY_SIZE] = {1, 2, 4};
	struct tpmpub key = key_with(good_key);

	(void)state;
	key.policy_len = 0;
	refused(&key, "authPolicy is empty");
	key.policy_len = POLICY_SIZE - 1;
	refused(&key, "another one");
	key = key_with(good_key);
	key.policy = other;
	refused(&key, "another one");
}

static void test_attestation_key(void **state)
{
	const uint32_t good = TPMPUB_FIXED_TPM | TPMPUB_RESTRICTED | TPMPUB_SIGN;
	const uint32_t bits[] = {TPMPUB_FIXED_TPM, TPMPUB_RESTRICTED, TPMPUB_SIGN, TPMPUB_DECRYPT};
	struct tpmpub key = key_with(good);

	(void)state;
	assert_true(tpmpub_is_ak(&key));
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		key = key_with(good ^ bits[i]);
		assert_false(tpmpub_is_ak(&key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_attestation_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
