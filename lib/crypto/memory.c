/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "memory.h"

static void (*when_gone)(void);

void crypto_memory_gone(void)
{
	if (when_gone)
		when_gone();
}

static void *guarded_malloc(size_t n, const char *file, int line)
{
	void *p = n ? malloc(n) : NULL;

	if (n && !p)
		crypto_memory_gone();
	return p;
}

static void guarded_free(void *p, const char *file, int line)
{
	free(p);
}

static void *guarded_realloc(void *old, size_t n, const char *file, int line)
{
	void *p;

	if (!n) {
		free(old);
		return NULL;
	}
	p = realloc(old, n);
	if (!p)
		crypto_memory_gone();
	return p;
}

int crypto_memory_guard(void (*gone)(void))
{
	when_gone = gone;
	return CRYPTO_set_mem_functions(guarded_malloc, guarded_realloc, guarded_free) ? 0 : -EBUSY;
}
