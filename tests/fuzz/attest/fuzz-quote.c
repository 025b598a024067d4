/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What TPMs state: what is pointed to lies within. The first half is a quote, the second a
 * signature. */
#include <errno.h>
#include <string.h>

#include "../core/oracle.h"
#include "../../../lib/attest/tpmattest.h"
#include "../../../lib/crypto/tpmpub.h"

/* TPM2B_PUBLIC of a P-256 key: the base point, which is on the curve. */
static const uint8_t key[] = {
	0x00, 0x56, 0x00, 0x23, 0x00, 0x0b, 0x00, 0x05, 0x00, 0x72, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x18, 0x00, 0x0b, 0x00, 0x03, 0x00, 0x10, 0x00, 0x20, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c,
	0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d,
	0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x00, 0x20, 0x4f, 0xe3,
	0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b,
	0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tpmattest_certify c;
	struct tpmattest_quote q;
	struct tpmpub pub;
	struct err e = {0};
	size_t half = size / 2;

	ORACLE(!tpmpub_parse(key, sizeof(key) - 2, &pub, &e) || e.code);
	if (!tpmpub_parse(key, sizeof(key), &pub, &e)) {
		ORACLE(tpmpub_check(&pub, data, half, data + half, size - half, &e));
		tpmpub_done(&pub);
	}
	if (!tpmpub_parse(data, size, &pub, &e)) {
		ORACLE(pub.policy >= data && pub.policy + pub.policy_len <= data + size);
		tpmpub_done(&pub);
	}
	if (!tpmattest_certify(data, size, &c, &e)) {
		ORACLE(c.head.nonce >= data && c.head.nonce + c.head.nonce_len <= data + size);
		ORACLE(c.name >= data && c.name + c.name_len <= data + size);
	}
	if (tpmattest_quote(data, size, &q, &e)) {
		ORACLE(e.code == -EBADMSG && e.text[0]);
		return 0;
	}
	ORACLE(q.head.nonce >= data && q.head.nonce + q.head.nonce_len <= data + size);
	ORACLE(q.digest >= data && q.digest + q.digest_len <= data + size && q.mask <= 0xffffff);
	return 0;
}
