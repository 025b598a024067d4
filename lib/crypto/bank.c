/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "bank.h"

static const struct {
	enum bank bank;
	const char *name;
	const char *openssl;
	size_t size;
} banks[BANK_MAX] = {
	{BANK_SHA1, "sha1", "SHA1", 20},	 {BANK_SHA256, "sha256", "SHA2-256", 32},
	{BANK_SHA384, "sha384", "SHA2-384", 48}, {BANK_SHA512, "sha512", "SHA2-512", 64},
	{BANK_SM3, "sm3_256", "SM3", 32},
};

static int find(enum bank bank)
{
	for (int i = 0; i < BANK_MAX; i++)
		if (banks[i].bank == bank)
			return i;
	return -1;
}

enum bank bank_at(size_t i)
{
	return i < BANK_MAX ? banks[i].bank : BANK_NONE;
}

const char *bank_name(enum bank bank)
{
	int i = find(bank);

	return i < 0 ? "?" : banks[i].name;
}

enum bank bank_by_name(const char *name)
{
	for (int i = 0; i < BANK_MAX; i++)
		if (strcmp(banks[i].name, name) == 0)
			return banks[i].bank;
	return BANK_NONE;
}

enum bank bank_by_number(uint32_t number)
{
	for (int i = 0; i < BANK_MAX; i++)
		if ((uint32_t)banks[i].bank == number)
			return banks[i].bank;
	return BANK_NONE;
}

size_t bank_size(enum bank bank)
{
	int i = find(bank);

	return i < 0 ? 0 : banks[i].size;
}

int bank_hash(enum bank bank, const void *data, size_t len, uint8_t *ret, struct err *e)
{
	int i = find(bank);
	size_t n;

	if (i < 0 || !EVP_Q_digest(NULL, banks[i].openssl, NULL, data, len, ret, &n))
		return err_set(e, -EOPNOTSUPP, "OpenSSL does not provide %s", bank_name(bank));
	return 0;
}

int bank_extend(enum bank bank, uint8_t *value, const uint8_t *digest, struct err *e)
{
	uint8_t both[2 * BANK_SIZE_MAX];
	size_t n = bank_size(bank);

	memcpy(both, value, n);
	memcpy(both + n, digest, n);
	return bank_hash(bank, both, 2 * n, value, e);
}
