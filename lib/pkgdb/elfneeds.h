/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a program or library needs to start, as its ELF headers say (ELF 4.1; glibc's ld.so(8)). */
#ifndef DIGLIM_PKGDB_ELFNEEDS_H
#define DIGLIM_PKGDB_ELFNEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

enum { ELFNEEDS_MAX = 4096 }; /* libraries of one file */

struct elfneeds {
	uint16_t machine; /* EM_…: only what is of the same machine and class is loaded together */
	bool wide;	  /* 64 bits */
	bool no_default;  /* neither the cache nor the standard directories (DF_1_NODEFLIB) */
	char *interpreter;     /* PT_INTERP; NULL: none */
	char *rpath, *runpath; /* as they stand there; NULL: none */
	char **needed;
	size_t n;
};

/*
 * 0; 1 if it is no ELF program or library; -EBADMSG if it is a damaged one, or needs more than
 * ELFNEEDS_MAX libraries; another error. elfneeds_done() frees @ret after 0.
 */
int elfneeds_read(int fd, const char *name, struct elfneeds *ret, struct err *e);
void elfneeds_done(struct elfneeds *n);

#endif
