/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is a digest vouched for: by the lists on disk, and by the kernel if it can be asked. */
#ifndef DIGLIM_COMMON_VOUCH_H
#define DIGLIM_COMMON_VOUCH_H

#include "../../abi/reason.h"
#include "../../lib/engine/engine.h"
#include "../../lib/pkgdb/kind.h"
#include "../../lib/policy/cover.h"
#include "cli.h"

struct vouch {
	struct cover *cover;
	struct engine *engine; /* NULL: not attached, or about another root */
	enum diglim_mode mode;
	size_t refused; /* files in the list directories that vouch for nothing */
};

/*
 * Reads the lists below the root. With @ask the kernel, too, if it is this system's and DIGLIM is
 * attached. Lists that are refused are said on standard error.
 */
int vouch_open(struct vouch *v, struct cli *c, bool ask, struct err *e);
void vouch_done(struct vouch *v);

struct vouch_answer {
	uint32_t installed; /* as cover_uses(): by lists on disk */
	uint32_t loaded;    /* the same by the kernel's word; 0 if it was not asked */
};

int vouch_ask(struct vouch *v, const uint8_t digest[DIGLIM_DIGEST_SIZE], struct vouch_answer *ret,
	      struct err *e);

/*
 * The same for a file below the root with its digest. What no list vouches for may have fs-verity
 * on, and that digest in a list.
 */
int vouch_ask_file(struct vouch *v, const struct cli *c, const char *path,
		   const uint8_t digest[DIGLIM_DIGEST_SIZE], struct vouch_answer *ret,
		   struct err *e);

/* For one use out of @uses: DIGLIM_REASON_VOUCHED, _DENIED, _WRONG_USE or _UNKNOWN. */
enum diglim_reason vouch_reason(uint32_t uses, uint32_t use);

/* The use that a file of this kind is put to. */
uint32_t vouch_use_of(enum file_kind kind);

#endif
