/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The vendor keys about which there is no question, found without OpenSSL, to make lists that the
 * kernel judges. Nothing in them is verified, and that is safe for this purpose alone:
 *
 * - The kernel verifies each list with its own keyring. The keys there were verified as they were
 *   put in; what a file says that was forged or damaged since then adds none to them.
 * - What the kernel does not know is decided as if the worst of what the files say were true:
 *   which keys are still there, whether a copy is revoked or has expired, and until when it lasts.
 *   A key that is not plain (crypto/pgpplain.h), or is there twice, is not in this set.
 *
 * A signature by any other key, and a list that the kernel refuses, goes to who reads the keys in
 * full (keys_read()) and verifies. So this set may hold too few keys, never one too many.
 */
#ifndef DIGLIM_POLICY_PLAINKEYS_H
#define DIGLIM_POLICY_PLAINKEYS_H

#include "../crypto/pgpplain.h"
#include "places.h"

struct plainkeys {
	struct cert_set vendor; /* borrowed from ->all */
	struct pgpplain all;
};

/* ->vendor is empty after a failure. plainkeys_done() frees in any case. */
int plainkeys_read(struct plainkeys *k, const struct places *places, pgpplain_sha1_fn sha1,
		   struct err *e);
void plainkeys_done(struct plainkeys *k);

#endif
