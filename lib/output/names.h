/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers of the kernel boundary as words: short names for JSON, sentences for people. */
#ifndef DIGLIM_OUTPUT_NAMES_H
#define DIGLIM_OUTPUT_NAMES_H

#include <stdint.h>

#include "../../abi/reason.h"
#include "../../abi/state.h"
#include "../../abi/use.h"

/* "exec,module"; "none" for 0. @buf is returned. */
#define NAMES_USE_MAX 80
char *names_use(char buf[NAMES_USE_MAX], uint32_t mask);

/* "exec,module" or "exec"; 0 or -EINVAL. */
int names_use_parse(const char *text, uint32_t *ret);

const char *names_mode(uint32_t mode); /* "off", "audit", "enforce" */

const char *names_hook(uint32_t hook);	   /* "exec", "mmap" …; "?" for one that is newer */
const char *names_hook_act(uint32_t hook); /* what was tried: "execute", "map executable" … */
const char *names_reason(uint32_t reason); /* "unknown", "wrong-use" … */
const char *names_reason_text(uint32_t reason); /* "no loaded list holds its digest" … */

/* The number of a short name; -1 if there is none of that name. */
int names_hook_parse(const char *name);
int names_reason_parse(const char *name);

/* What a person can do about a refusal with this reason, one line. */
const char *names_reason_remedy(uint32_t reason);

#endif
