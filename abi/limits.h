/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizes that both sides of the kernel boundary rely on. Units are bytes unless said otherwise.
 */
#ifndef DIGLIM_ABI_LIMITS_H
#define DIGLIM_ABI_LIMITS_H

/* SHA-256, the only file digest algorithm that the store holds (kernel hash id 4). */
#define DIGLIM_DIGEST_SIZE	32
#define DIGLIM_HASH_ALGO_SHA256 4

/* Largest PKCS#7 signature: RSA-8192 with a long issuer name fits. */
#define DIGLIM_SIG_MAX 4096

/* What an fs-verity digest and its key in the store differ by (core/verity.h): 32 characters. */
#define DIGLIM_VERITY_MASK "DIGLIM fs-verity file digest v1."

/*
 * Bounds of the ingest buffer (payload + signature, one buffer a slot). The upper one is what an
 * array map may hold: KMALLOC_MAX_SIZE, 4 MiB (kernel/bpf/arraymap.c, array_map_alloc_check).
 */
#define DIGLIM_INGEST_MIN     (64U << 10)
#define DIGLIM_INGEST_DEFAULT (2U << 20)
#define DIGLIM_INGEST_MAX     ((4U << 20) - 4096U)
#define DIGLIM_INGEST_SLOTS   4

/* Smallest entry any list format can take; bounds the number of entries of a list. */
#define DIGLIM_LIST_ENTRIES_MAX (1U << 17)

/* Display name of a list: NEVRA of a package or the name an owner gave; longer ones are cut. */
#define DIGLIM_NAME_MAX 128

/* Identity of a list: computed from its signed content (core/listid.h). */
#define DIGLIM_LIST_ID_SIZE 16

/* What a PKCS#7 says of its signer: the end of the serial number, without leading zeros. */
#define DIGLIM_SIGNER_MAX 20

/* Texts of rules, with their NUL. */
#define DIGLIM_LIMIT_NAME_MAX 64
#define DIGLIM_LIMIT_PATH_MAX 128
#define DIGLIM_EVR_PART_MAX   64
#define DIGLIM_ARCH_MAX	      32

/* Orders in one control list; restricted keys; entries of floor lists. */
#define DIGLIM_ORDERS_MAX 16
#define DIGLIM_LIMITS_MAX 64
#define DIGLIM_FLOORS_MAX 1024

#define DIGLIM_BOOT_SIZE 16

#define DIGLIM_PATH_SHORT 256
#define DIGLIM_PATH_LONG  4096
#define DIGLIM_COMM_SIZE  16

#endif
