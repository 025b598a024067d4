/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a package to a list file: picks the signature the kernel can check and re-encodes it. */
#ifndef DIGLIM_PKGDB_IMPORT_H
#define DIGLIM_PKGDB_IMPORT_H

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"
#include "../crypto/cert.h"
#include "rpmpkg.h"

enum import_outcome {
	IMPORT_OK = 0,	     /* ->payload and ->sig are ready to be written */
	IMPORT_PRESENT,	     /* import_write(): the same list is there already */
	IMPORT_UNSIGNED,     /* no header signature at all */
	IMPORT_UNKNOWN_KEY,  /* ->key_id is not among the vendor keys */
	IMPORT_KEY_UNUSABLE, /* known, but revoked, weak, not for signing … */
	IMPORT_SIG_HASH,     /* MD5 or SHA-1 signature */
	IMPORT_SIG_ALGO,     /* EdDSA, DSA, …: the kernel cannot check it */
	IMPORT_SIG_VERSION,  /* OpenPGP v6 signature */
	IMPORT_SIG_EXPIRED,  /* signature expired, or made outside the key's lifetime */
	IMPORT_SIG_INVALID,  /* signature does not verify */
	IMPORT_FILE_DIGESTS, /* file digests are not SHA-256 */
	IMPORT_NO_FILES,     /* package without regular files: nothing to vouch for */
	IMPORT_MALFORMED,    /* header or signature packet damaged */
	IMPORT_TOO_LARGE,    /* does not fit the ingest buffer */
	IMPORT_OUTCOME_MAX,
};

/* Short name for JSON and summaries: "imported", "unsigned", "unknown-key" … */
const char *import_outcome_name(enum import_outcome outcome);

#define IMPORT_TEXT_MAX 768

struct import_result {
	enum import_outcome outcome;
	char name[DIGLIM_NAME_MAX];    /* NEVRA */
	char text[IMPORT_TEXT_MAX];    /* one line: why it was refused; empty if it was not */
	char way_out[IMPORT_TEXT_MAX]; /* one line: what to do about it; may be empty */
	bool has_key_id;
	uint8_t key_id[8];	   /* of the signature chosen, or of the first one refused */
	const struct cert *signer; /* in the key set; NULL if refused */
	uint32_t digests; /* file digests in the list; import_for_kernel(): 1 if there is any */
	struct buf payload;
	struct buf sig;
};

struct import_options {
	const struct cert_set *vendor_keys;
	size_t ingest_buffer; /* payload + signature must fit; 0: DIGLIM_INGEST_DEFAULT */
	uint64_t now;	      /* 0: the present */
};

/*
 * Makes the list of one package. 0 with @ret filled, whatever the outcome; negative only when out
 * of memory or the like. import_result_done() frees.
 */
int import_rpm(const struct rpmpkg *p, const struct import_options *opt, struct import_result *ret,
	       struct err *e);
void import_result_done(struct import_result *r);

/*
 * The same without verifying, for a caller who has the kernel judge payload and signature before he
 * believes either, so that nobody does it twice. IMPORT_OK then says no more than that the
 * signature has a good form and names a key of the set, and that the header begins well; any other
 * outcome is worth nothing until import_rpm() says so. Of several signatures only that is tried
 * which import_rpm() would try first. Needs no OpenSSL.
 */
int import_for_kernel(const struct rpmpkg *p, const struct import_options *opt,
		      struct import_result *ret, struct err *e);

/* Outcome of a package that could not even be read (rpmfile_read() failed with @why). */
void import_malformed(struct import_result *ret, const char *name, const struct err *why);

/*
 * Writes an IMPORT_OK result to @dir/rpm-<nevra>, on disk after io_flush(). Becomes IMPORT_PRESENT,
 * and nothing is written, if the file is there with the same payload. @path (may be NULL) receives
 * the path.
 */
int import_write(struct import_result *r, const char *dir, char *path, size_t path_size,
		 struct err *e);

/* Where import_write() puts the list; to be freed. */
int import_path(const struct import_result *r, const char *dir, char **ret, struct err *e);

/* Is @path this very list? With its signature: one that was damaged there is of no use. */
bool import_is_written(const struct import_result *r, const char *path);

/* Only files with this beginning are lists of packages. */
#define IMPORT_PREFIX "rpm"

/* File name "<prefix>-<name>" with everything replaced that has no place in one. */
void import_file_name(const char *prefix, const char *name, char *ret, size_t size);

#endif
