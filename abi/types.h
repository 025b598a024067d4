/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed-width types for text that is compiled for the host and for BPF.
 *
 * BPF sources include "vmlinux.h" first, which brings the kernel's own typedefs.
 */
#ifndef DIGLIM_ABI_TYPES_H
#define DIGLIM_ABI_TYPES_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#endif

#endif
