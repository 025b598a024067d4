/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be wrong with a list or a request. The parsers of core/ report these with an offset;
 * the kernel side answers a request with the negative value, so that user space sees it in errno.
 * They start above every errno (ERESTART... end at 531) and below MAX_ERRNO (4095).
 */
#ifndef DIGLIM_ABI_ERROR_H
#define DIGLIM_ABI_ERROR_H

enum diglim_error {
	DIGLIM_DONE = 2000, /* success: a hook's 0 would let bpf(2) go on and answer EINVAL */

	/* requests */
	DIGLIM_E_VERSION = 2001,    /* unknown operation or ABI version */
	DIGLIM_E_TOO_LARGE = 2002,  /* larger than the ingest buffer */
	DIGLIM_E_BUSY = 2003,	    /* no free slot, or another request holds the lock: try again */
	DIGLIM_E_FULL = 2004,	    /* digest store full */
	DIGLIM_E_LISTS_FULL = 2005, /* list table full */
	DIGLIM_E_EXISTS = 2006,	    /* this list is loaded already */
	DIGLIM_E_ABSENT = 2007,	    /* this list is not loaded */
	DIGLIM_E_INTERNAL = 2008,
	DIGLIM_E_SEALED = 2009,	  /* the machine is sealed: only a control list can do this */
	DIGLIM_E_ROLLBACK = 2010, /* older than a version of the package that was loaded already */
	DIGLIM_E_LIMIT = 2011,	  /* the signer's key is restricted and may not vouch for this */
	DIGLIM_E_REPLAY = 2012,	  /* control list of another boot, or of one already obeyed */
	DIGLIM_E_DENIED = 2013,	  /* a deny list names the signer's key */
	DIGLIM_E_RULES_FULL = 2014, /* no room for another limit, floor or package version */
	DIGLIM_E_KEEPER = 2015,	    /* only diglimd, as a list vouches for it, opens the TPM gate */

	/* signatures */
	DIGLIM_E_NO_SIGNATURE = 2020,
	DIGLIM_E_SIG_FORMAT = 2021,  /* not the PKCS#7 form described in diglim-list(5) */
	DIGLIM_E_SIG_HASH = 2022,    /* hash algorithm that must not be accepted (MD5, SHA-1) */
	DIGLIM_E_SIG_TYPE = 2023,    /* OpenPGP signature type other than 0x00 */
	DIGLIM_E_SIG_VERSION = 2024, /* OpenPGP signature version other than 3 or 4 */
	DIGLIM_E_SIG_TRAILER = 2025, /* OpenPGP trailer does not match the header */
	DIGLIM_E_SIG_INVALID = 2026, /* signature does not verify */
	DIGLIM_E_SIG_NO_KEY = 2027,  /* signer's key is not in the keyring */
	DIGLIM_E_SIG_NO_ALGO = 2028, /* kernel lacks the algorithm (ENOPKG): load its module */
	DIGLIM_E_NO_KEYRING = 2029,  /* the keyring is gone */
	DIGLIM_E_KEY_REVOKED = 2030, /* key revoked, expired or blacklisted */
	DIGLIM_E_SIG_ALGO = 2031,    /* public-key algorithm that the kernel cannot check */

	/* every list format */
	DIGLIM_E_FORMAT = 2040,	    /* no known format */
	DIGLIM_E_TRUNCATED = 2041,  /* ends inside a field */
	DIGLIM_E_TRAILING = 2042,   /* bytes after the end */
	DIGLIM_E_ALGO = 2043,	    /* file digests are not SHA-256 */
	DIGLIM_E_DIGEST_LEN = 2044, /* digest of the wrong length or not hexadecimal */
	DIGLIM_E_COUNT = 2045,	    /* number of entries differs from the one declared */
	DIGLIM_E_TOO_MANY = 2046,   /* more entries than the limit */
	DIGLIM_E_EMPTY = 2047,	    /* no digest at all */
	DIGLIM_E_VALUE = 2048,	    /* field with a value that the format does not allow */
	DIGLIM_E_DUPLICATE = 2049,  /* field or tag occurs twice */

	/* RPM header */
	DIGLIM_E_RPM_MAGIC = 2060,
	DIGLIM_E_RPM_REGION = 2061, /* no immutable region, or it does not cover the header */
	DIGLIM_E_RPM_INDEX = 2062,  /* index entry points outside, is misaligned or overlaps */
	DIGLIM_E_RPM_TYPE = 2063,   /* tag with the wrong type or count */
	DIGLIM_E_RPM_TAG = 2064,    /* tag missing */

	/* compact and TLV */
	DIGLIM_E_COMPACT_TYPE = 2080,
	DIGLIM_E_TLV_FIELD = 2081, /* unknown or misplaced field */
};

#endif
