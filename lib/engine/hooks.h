/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of our programs: which hook each needs and what is lost without it. */
#ifndef DIGLIM_ENGINE_HOOKS_H
#define DIGLIM_ENGINE_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_link;
struct diglim_bpf;
struct engine_config;

/* Not all programs are attached under every policy. */
enum engine_when {
	ENGINE_ALWAYS = 0,
	ENGINE_INTERPRETERS, /* it holds interpreters to anything */
	ENGINE_IMMUTABLE,    /* immutable files stay as they are */
	ENGINE_GATE,	     /* commands to a TPM wait for records */
};

struct engine_hook {
	uint32_t hook;	       /* enum diglim_hook */
	const char *name;      /* LSM hook */
	const char *program;   /* ours */
	const char *guarantee; /* lost without it */
	bool selftest;	       /* engine_selftest() can show it */
	bool spare;	       /* nothing is lost without it */
	bool optional;	       /* kernels without it do the same through another hook */
	enum engine_when when;
	const char *unless; /* stands in for the program on this hook, where that is missing */
	uint32_t params;    /* the program is for a hook with so many; 0: whatever it has */
	size_t link;	    /* offset of the link in struct diglim_bpf */
};

extern const struct engine_hook engine_hooks[];
extern const size_t engine_hooks_count;

bool engine_hook_wanted(const struct engine_hook *h, const struct engine_config *cfg);
/* What only stands in exists where it has to. */
bool engine_hook_exists(const struct engine_hook *h);
/* Has the kernel this LSM hook? */
bool engine_lsm_exists(const char *name);
struct bpf_link **engine_hook_link(struct diglim_bpf *s, const struct engine_hook *h);

#endif
