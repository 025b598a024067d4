/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DIGLIM_CRYPTO_MEMORY_H
#define DIGLIM_CRYPTO_MEMORY_H

/*
 * To be called before anything else of this folder: @gone is called when OpenSSL gets no memory,
 * and must not return. Without memory OpenSSL says of good keys and signatures that they are bad,
 * or crashes. 0, or -EBUSY if OpenSSL has taken memory already.
 */
int crypto_memory_guard(void (*gone)(void));

/* For places of this folder that could only call a good key or signature bad. */
void crypto_memory_gone(void);

#endif
