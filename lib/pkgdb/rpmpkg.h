/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An RPM package as far as we need it: the signed header and its signatures. */
#ifndef DIGLIM_PKGDB_RPMPKG_H
#define DIGLIM_PKGDB_RPMPKG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi/limits.h"
#include "../base/buf.h"
#include "../base/err.h"

/* Header signature tags of the signature header. */
#define RPMSIG_DSAHEADER 267
#define RPMSIG_RSAHEADER 268
#define RPMSIG_OPENPGP	 278 /* rpm 6 */

#define RPMPKG_SIGS_MAX 16

struct rpmpkg_sig {
	uint32_t tag;
	struct buf packet; /* OpenPGP, binary */
};

struct rpmpkg {
	char name[DIGLIM_NAME_MAX]; /* NEVRA, or what was made out of it */
	struct buf header;	    /* the signed bytes: magic, index and data of the region */
	struct rpmpkg_sig sigs[RPMPKG_SIGS_MAX];
	size_t n_sigs;
	/* There is a signature over header and payload only (SIGPGP, SIGGPG): of no use to us. */
	bool only_payload_sig;
};

void rpmpkg_done(struct rpmpkg *p);

/* Puts header bytes and signatures of any origin together; copies. */
int rpmpkg_set_header(struct rpmpkg *p, const void *header, size_t len, struct err *e);
int rpmpkg_add_sig(struct rpmpkg *p, uint32_t tag, const void *packet, size_t len, struct err *e);

/*
 * NEVRA of the header for p->name. Falls back to a placeholder for headers without name. Never
 * fails, since messages need it.
 */
void rpmpkg_name(struct rpmpkg *p);

#endif
