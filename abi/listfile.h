/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formats that lie on disk. diglim-list(5) describes them bit by bit.
 *
 * A list file is  payload || PKCS#7 SignedData (DER) || struct diglim_sig_trailer || marker,
 * the layout of a signed kernel module (include/linux/module_signature.h).
 */
#ifndef DIGLIM_ABI_LISTFILE_H
#define DIGLIM_ABI_LISTFILE_H

#include "types.h"

#define DIGLIM_SIG_MARKER     "~Module signature appended~\n"
#define DIGLIM_SIG_MARKER_LEN 28
#define DIGLIM_SIG_ID_PKCS7   2

struct diglim_sig_trailer {
	__u8 algo;	 /* 0 */
	__u8 hash;	 /* 0 */
	__u8 id_type;	 /* DIGLIM_SIG_ID_PKCS7 */
	__u8 signer_len; /* 0 */
	__u8 key_id_len; /* 0 */
	__u8 pad[3];	 /* 0 */
	__u8 sig_len[4]; /* big endian: length of the PKCS#7 */
};

/* What a payload is. The kernel recognises it by its first bytes. */
enum diglim_format {
	DIGLIM_FORMAT_NONE = 0,
	DIGLIM_FORMAT_RPM = 1,	   /* RPM header || OpenPGP trailer, vendor keyring */
	DIGLIM_FORMAT_TLV = 2,	   /* digest cache v6 layout, owner keyring */
	DIGLIM_FORMAT_COMPACT = 3, /* compact list version 1, owner keyring */
	DIGLIM_FORMAT_MAX,
};

/* TLV, all numbers big endian: entry = be16 field, be32 length, data. Top level: */
enum diglim_tlv_field {
	DIGLIM_TLV_ALGO = 0,	/* be16 kernel hash id */
	DIGLIM_TLV_COUNT = 1,	/* be32 number of entries that follow */
	DIGLIM_TLV_ENTRY = 2,	/* nested */
	DIGLIM_TLV_NAME = 0x40, /* our addition, optional, before COUNT: name of the list, text */
	DIGLIM_TLV_TIME = 0x41, /* our addition, optional, before COUNT: be64 s since 1970 */
	DIGLIM_TLV_TYPE =
		0x42, /* our addition, optional, before COUNT: be32 enum diglim_list_type */
	DIGLIM_TLV_BOOT = 0x43,	   /* control lists, before COUNT: DIGLIM_BOOT_SIZE bytes */
	DIGLIM_TLV_COUNTER = 0x44, /* control lists, before COUNT: be64, not 0 */
};

/* What a TLV list does. Without the field it vouches. */
enum diglim_list_type {
	DIGLIM_LIST_ALLOW = 0,	 /* vouches for its digests */
	DIGLIM_LIST_DENY = 1,	 /* takes digests and keys back, whoever vouches for them */
	DIGLIM_LIST_CONTROL = 2, /* orders to a sealed machine: one boot, rising counter */
	DIGLIM_LIST_LIMITS = 3,	 /* what restricted keys may vouch for */
	DIGLIM_LIST_FLOOR = 4,	 /* lowest versions of packages */
	DIGLIM_LIST_TYPE_MAX,
};

/* Inside an entry: */
enum diglim_tlv_entry_field {
	DIGLIM_TLV_ENTRY_DIGEST = 0, /* must be first */
	DIGLIM_TLV_ENTRY_PATH = 1,   /* optional, text with a final NUL */
	DIGLIM_TLV_ENTRY_USE = 0x40, /* our addition, be32 mask; absent: DIGLIM_USE_EXEC */

	/* Fields of rules: entries without DIGEST, of the types named. */
	DIGLIM_TLV_ENTRY_KEY = 0x41,	 /* deny, limits: signer, up to DIGLIM_SIGNER_MAX bytes */
	DIGLIM_TLV_ENTRY_MODE = 0x42,	 /* control: be32 enum diglim_mode, be32 seconds or 0 */
	DIGLIM_TLV_ENTRY_UNSEAL = 0x43,	 /* control: no data */
	DIGLIM_TLV_ENTRY_REMOVE = 0x44,	 /* control: identity of a list */
	DIGLIM_TLV_ENTRY_NAME = 0x45,	 /* limits (a final * stands for anything), floor: text */
	DIGLIM_TLV_ENTRY_ARCH = 0x46,	 /* floor: text; absent: any */
	DIGLIM_TLV_ENTRY_EPOCH = 0x47,	 /* floor: be32; absent: 0 */
	DIGLIM_TLV_ENTRY_VERSION = 0x48, /* floor: text */
	DIGLIM_TLV_ENTRY_RELEASE = 0x49, /* floor: text; absent: any */
	DIGLIM_TLV_ENTRY_LOWER = 0x4a,	 /* floor: no data: holds although newer ones were seen */

	/*
	 * Allow and deny, in place of DIGEST: the SHA-256 of the file's struct fsverity_descriptor,
	 * as FS_IOC_MEASURE_VERITY tells it.
	 */
	DIGLIM_TLV_ENTRY_VERITY = 0x4b,
};

/* Compact list version 1, little endian: header, then count digests, then the next header. */
struct diglim_compact_hdr {
	__u8 version;  /* 1 */
	__u8 reserved; /* 0 */
	__u8 type[2];
	__u8 modifiers[2];
	__u8 algo[2];	 /* kernel hash id */
	__u8 count[4];	 /* digests */
	__u8 datalen[4]; /* count * digest size */
};

#define DIGLIM_COMPACT_MOD_IMMUTABLE (1 << 0)

#endif
