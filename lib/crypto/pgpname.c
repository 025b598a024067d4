// SPDX-License-Identifier: LGPL-2.1-or-later
#include "../../core/openpgp.h"
#include "armor.h"
#include "pgpkey.h"
#include "pgpname.h"

const char *pgppub_hash_name(unsigned int hash)
{
	static const char *const names[] = {
		[1] = "MD5",	  [2] = "SHA-1",     [3] = "RIPEMD-160",
		[8] = "SHA-256",  [9] = "SHA-384",   [10] = "SHA-512",
		[11] = "SHA-224", [12] = "SHA3-256", [14] = "SHA3-512",
	};

	if (hash < sizeof(names) / sizeof(names[0]) && names[hash])
		return names[hash];
	return "an unknown hash";
}

const char *pgppub_algo_name(unsigned int algo)
{
	static const char *const names[] = {
		[1] = "RSA",
		[2] = "RSA (encryption)",
		[3] = "RSA",
		[16] = "Elgamal",
		[17] = "DSA",
		[18] = "ECDH",
		[19] = "ECDSA",
		[20] = "Elgamal",
		[22] = "EdDSA",
		[25] = "X25519",
		[26] = "X448",
		[27] = "Ed25519",
		[28] = "Ed448",
		[30] = "ML-DSA-65+Ed25519",
		[31] = "ML-DSA-87+Ed448",
		[32] = "SLH-DSA",
		[33] = "SLH-DSA",
		[34] = "SLH-DSA",
		[35] = "ML-KEM-768+X25519",
		[36] = "ML-KEM-1024+X448",
	};

	if (algo < sizeof(names) / sizeof(names[0]) && names[algo])
		return names[algo];
	return "unknown algorithm";
}

bool pgpkey_recognise(const void *data, size_t len)
{
	struct core_view v = {data, 0, (uint32_t)len};
	struct core_pgp_packet p;
	struct core_err ce;

	if (len > UINT32_MAX)
		return false;
	if (armor_recognise(data, len))
		return true;
	return core_pgp_packet(&v, 0, &p, &ce) > 0 && p.tag == CORE_PGP_PUBLIC_KEY;
}
