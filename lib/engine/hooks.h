/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of our programs: which hook each needs and what is lost without it. */
#ifndef DIGLIM_ENGINE_HOOKS_H
#define DIGLIM_ENGINE_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_link;
struct diglim_bpf;

struct engine_hook {
	uint32_t hook;	       /* enum diglim_hook */
	const char *name;      /* LSM hook */
	const char *program;   /* ours */
	const char *guarantee; /* lost without it */
	bool selftest;	       /* engine_selftest() can show it */
	bool optional;	       /* kernels without it do the same through another hook */
	bool interpreters;     /* attached only if the policy holds interpreters to anything */
	uint32_t params;       /* the program is for a hook with so many; 0: whatever it has */
	size_t link;	       /* offset of the link in struct diglim_bpf */
};

extern const struct engine_hook engine_hooks[];
extern const size_t engine_hooks_count;

/* Not all programs are attached under every policy. */
bool engine_hook_wanted(const struct engine_hook *h, uint32_t interpreters);
bool engine_hook_exists(const struct engine_hook *h);
struct bpf_link **engine_hook_link(struct diglim_bpf *s, const struct engine_hook *h);

#endif
