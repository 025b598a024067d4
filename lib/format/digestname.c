// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "../../core/verity.h"
#include "../base/hex.h"
#include "digestname.h"

int digestname_parse(const char *text, size_t len, struct digestname *ret)
{
	static const char prefix[] = DIGESTNAME_VERITY;
	size_t skip = sizeof(prefix) - 1;

	ret->verity = len > skip && !memcmp(text, prefix, skip);
	if (!ret->verity)
		skip = 0;
	return hex_decode(text + skip, len - skip, ret->value, sizeof(ret->value)) ? -EINVAL : 0;
}

const char *digestname_text(const struct digestname *d, char ret[DIGESTNAME_MAX])
{
	size_t skip = d->verity ? sizeof(DIGESTNAME_VERITY) - 1 : 0;

	memcpy(ret, DIGESTNAME_VERITY, skip);
	hex_encode(d->value, sizeof(d->value), ret + skip);
	return ret;
}

void digestname_key(const struct digestname *d, uint8_t key[DIGLIM_DIGEST_SIZE])
{
	if (d->verity)
		core_verity_key(key, d->value);
	else
		memcpy(key, d->value, DIGLIM_DIGEST_SIZE);
}

void digestname_of_key(const uint8_t key[DIGLIM_DIGEST_SIZE], bool verity, struct digestname *ret)
{
	ret->verity = verity;
	if (verity)
		core_verity_key(ret->value, key);
	else
		memcpy(ret->value, key, DIGLIM_DIGEST_SIZE);
}
