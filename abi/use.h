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

	/* Not uses but properties of a program; the store keeps them in the same mask. */
	DIGLIM_USE_INTERPRETER = 1 << 5, /* what it reads as program text must be vouched for */
	DIGLIM_USE_EXEMPT = 1 << 6,	 /* what it starts is not judged: owner's lists only */
	DIGLIM_USE_CODE = 1 << 7,	 /* may run code that it made itself: owner's lists only */

	/*
	 * A property of any file: nobody opens it for writing while [policy] immutable = yes.
	 * Owner's lists only. Bits 8 to 13 are taken by what a look-up says (below), beside which
	 * it stands.
	 */
	DIGLIM_USE_IMMUTABLE = 1 << 14,
};

/* How an interpreter takes its program from the command line (core/arguments.h). */
enum diglim_kind {
	DIGLIM_KIND_SHELL = 1 << 0,   /* -c */
	DIGLIM_KIND_PYTHON = 1 << 1,  /* -c */
	DIGLIM_KIND_PERL = 1 << 2,    /* -e, -E; -M takes code, too */
	DIGLIM_KIND_RUBY = 1 << 3,    /* -e */
	DIGLIM_KIND_EVAL = 1 << 4,    /* -e, -p, --eval, --print: Node, Lua */
	DIGLIM_KIND_PHP = 1 << 5,     /* -r, -R, -B, -E */
	DIGLIM_KIND_AWK = 1 << 6,     /* the first argument, unless -f names a file */
	DIGLIM_KIND_BUSYBOX = 1 << 7, /* by the name it is called */
	/* Not of an interpreter (all the bits): may open the TPM gate. */
	DIGLIM_KIND_KEEPER = 0xff,
};

#define DIGLIM_USE_ALL	      0x1f /* uses that a hook may ask for */
#define DIGLIM_USE_PROPERTIES (DIGLIM_USE_INTERPRETER | DIGLIM_USE_GRANTS | DIGLIM_USE_IMMUTABLE)
#define DIGLIM_USE_GRANTS     (DIGLIM_USE_EXEMPT | DIGLIM_USE_CODE)

/* What a look-up says besides the mask above. */
#define DIGLIM_FOUND_DENIED	 (1 << 8)  /* a deny list names the digest: it wins */
#define DIGLIM_FOUND_VENDOR	 (1 << 9)  /* in a list of a vendor */
#define DIGLIM_FOUND_KEY	 (1 << 10) /* not a digest: a deny list names this signer */
#define DIGLIM_FOUND_OWNER	 (1 << 13) /* in a list of an owner */
#define DIGLIM_FOUND_KINDS	 (0xff << DIGLIM_FOUND_KINDS_SHIFT) /* mask of enum diglim_kind */
#define DIGLIM_FOUND_KINDS_SHIFT 16

#endif
