/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a verdict was what it was. Values are part of the event format: append only.
 */
#ifndef DIGLIM_ABI_REASON_H
#define DIGLIM_ABI_REASON_H

enum diglim_reason {
	DIGLIM_REASON_VOUCHED = 0,	   /* a loaded list holds the digest for this use */
	DIGLIM_REASON_UNKNOWN = 1,	   /* no loaded list holds the digest */
	DIGLIM_REASON_WRONG_USE = 2,	   /* vouched for, but not for this use */
	DIGLIM_REASON_WRITER = 3,	   /* open for writing while it would be used */
	DIGLIM_REASON_TAINTED = 4,	   /* was mapped shared and writable since it was read in */
	DIGLIM_REASON_PRIVATE_WRITTEN = 5, /* private mapping written before, or writable while,
					      it is executable */
	DIGLIM_REASON_NOT_JUDGED = 6,	   /* made executable without having been judged */
	DIGLIM_REASON_NO_FILE = 7,	   /* comes from memory: there is no file to judge */
	DIGLIM_REASON_SHARED_WRITABLE = 8, /* executable mapping that others can write */
	DIGLIM_REASON_VOUCHED_WRITE = 9,   /* write access to a file vouched for and used */
	DIGLIM_REASON_TOO_LARGE = 10,	   /* larger than the configured hashing limit */
	DIGLIM_REASON_HASH_FAILED = 11,	   /* the kernel could not hash it (I/O error, no IMA) */
	DIGLIM_REASON_STORAGE_FAILED = 12, /* no memory for the digest cache */
	DIGLIM_REASON_FS_UNTRUSTED = 13,   /* file system that can change content silently */
	DIGLIM_REASON_BAD_ALGO = 14,	   /* IMA's digest is not SHA-256 */
	DIGLIM_REASON_PARTIAL_READ = 15,   /* the kernel reads the file in parts */
	DIGLIM_REASON_NOT_REGULAR = 16,	   /* no regular file, or one without a size */
	DIGLIM_REASON_ANONYMOUS = 17,	   /* executable memory without a file */
	DIGLIM_REASON_DENIED = 18,	   /* a deny list names the digest */
	DIGLIM_REASON_COMMAND = 19,	   /* interpreter given its program as an argument (-c) */
	DIGLIM_REASON_STDIN = 20,	   /* interpreter without a script: standard input */
	DIGLIM_REASON_DEVICE_WRITE = 21, /* write access to the device below a file system in use */
	DIGLIM_REASON_INJECTION = 22,	 /* write access to the memory of a process */
	DIGLIM_REASON_SEALED = 23,	 /* would take the sealed protection away */
	DIGLIM_REASON_IMA_KEPT = 24,	 /* IMA would answer with an older digest of it */
	DIGLIM_REASON_IMMUTABLE = 25,	 /* write access to a file that a list calls immutable */
	DIGLIM_REASON_GATE_CLOSED = 26,	 /* the TPM waits for the record of what was used */
	DIGLIM_REASON_GATE_BUSY =
		27, /* a command is on its way to the TPM: its record would be late */
	DIGLIM_REASON_MAX,
};

/* Which hook asked. Also indexes the per-hook counters. */
enum diglim_hook {
	DIGLIM_HOOK_EXEC = 0,	      /* bprm_creds_for_exec: the file given to execve */
	DIGLIM_HOOK_INTERP = 1,	      /* bprm_check_security: what #! or binfmt_misc put in place */
	DIGLIM_HOOK_MMAP = 2,	      /* mmap_file with PROT_EXEC */
	DIGLIM_HOOK_MPROTECT = 3,     /* file_mprotect adding PROT_EXEC */
	DIGLIM_HOOK_READ_FILE = 4,    /* kernel_read_file */
	DIGLIM_HOOK_LOAD_DATA = 5,    /* kernel_load_data */
	DIGLIM_HOOK_OPEN_WRITE = 6,   /* file_open for writing */
	DIGLIM_HOOK_TRUNCATE = 7,     /* path_truncate */
	DIGLIM_HOOK_MMAP_SHARED = 8,  /* mmap_file, shared and writable */
	DIGLIM_HOOK_INGEST = 9,	      /* the request channel */
	DIGLIM_HOOK_INTERP_READ = 10, /* file_post_open by an interpreter */
	DIGLIM_HOOK_SETID = 11,	      /* bprm_creds_from_file: exec that gains privilege */
	DIGLIM_HOOK_COMMAND = 12,     /* bprm_committed_creds: arguments of an interpreter */
	DIGLIM_HOOK_DEVICE = 13,      /* file_open of a block device for writing */
	DIGLIM_HOOK_PTRACE = 14, /* ptrace_access_check, ptrace_traceme, /proc/PID/mem, uprobes */
	DIGLIM_HOOK_GUARD_BPF = 15,    /* bpf, bpf_map, bpf_prog: ways to our maps and programs */
	DIGLIM_HOOK_GUARD_PIN = 16,    /* inode_unlink, inode_rename, sb_umount...: our pins */
	DIGLIM_HOOK_GUARD_KEY = 17,    /* key_permission: our keyrings */
	DIGLIM_HOOK_GUARD_SYSCTL = 18, /* cgroup/sysctl: kernel.ftrace_enabled */
	DIGLIM_HOOK_GUARD_KERNEL = 19, /* locked_down: ways into kernel memory */
	DIGLIM_HOOK_FAULT = 20,	       /* inode_init_security_anon: a userfaultfd */
	DIGLIM_HOOK_IMMUTABLE = 21,    /* file_post_open for writing: the file is hashed first */
	DIGLIM_HOOK_TPM = 22,	       /* file_permission, key_alloc: ways to a TPM */
	DIGLIM_HOOK_MAX,
};

#endif
