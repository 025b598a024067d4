/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DIGLIM_TESTS_DATA_MAKE_DATA_H
#define DIGLIM_TESTS_DATA_MAKE_DATA_H

#include "build.h"

/* What put() writes into the file of this name. */
extern struct build o;

void put(const char *name);
void rpm_headers(void);
void rules(void);

#endif
