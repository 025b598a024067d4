/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vouched digest may be used for. A list gives each digest a mask of these; a hook asks for
 * exactly one.
 */
#ifndef DIGLIM_ABI_USE_H
#define DIGLIM_ABI_USE_H

enum diglim_use {
	DIGLIM_USE_EXEC = 1 << 0,     /* program, library or script: execve, executable mapping */
	DIGLIM_USE_MODULE = 1 << 1,   /* kernel module */
	DIGLIM_USE_FIRMWARE = 1 << 2, /* firmware image */
	DIGLIM_USE_KEXEC = 1 << 3,    /* kernel or initramfs for kexec */
	DIGLIM_USE_DATA = 1 << 4,     /* read by the kernel as policy or certificate; never run */
};

#define DIGLIM_USE_ALL 0x1f

#endif
