/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

static const struct {
	uint32_t use;
	const char *name;
} uses[] = {
	{DIGLIM_USE_EXEC, "exec"},	     {DIGLIM_USE_MODULE, "module"},
	{DIGLIM_USE_FIRMWARE, "firmware"},   {DIGLIM_USE_KEXEC, "kexec"},
	{DIGLIM_USE_DATA, "data"},	     {DIGLIM_USE_INTERPRETER, "interpreter"},
	{DIGLIM_USE_EXEMPT, "exempt"},	     {DIGLIM_USE_CODE, "code"},
	{DIGLIM_USE_IMMUTABLE, "immutable"},
};
#define USES (sizeof(uses) / sizeof(*uses))

static const struct {
	const char *name, *act;
} hooks[DIGLIM_HOOK_MAX] = {
	[DIGLIM_HOOK_EXEC] = {"exec", "execute"},
	[DIGLIM_HOOK_INTERP] = {"interp", "run as interpreter"},
	[DIGLIM_HOOK_MMAP] = {"mmap", "map executable"},
	[DIGLIM_HOOK_MPROTECT] = {"mprotect", "make executable"},
	[DIGLIM_HOOK_READ_FILE] = {"read-file", "load into the kernel"},
	[DIGLIM_HOOK_LOAD_DATA] = {"load-data", "load into the kernel from memory"},
	[DIGLIM_HOOK_OPEN_WRITE] = {"open-write", "open for writing"},
	[DIGLIM_HOOK_TRUNCATE] = {"truncate", "truncate"},
	[DIGLIM_HOOK_MMAP_SHARED] = {"mmap-shared", "map writable and shared"},
	[DIGLIM_HOOK_INGEST] = {"ingest", "load a list"},
	[DIGLIM_HOOK_INTERP_READ] = {"interp-read", "read as program text"},
	[DIGLIM_HOOK_SETID] = {"setid", "execute with other privileges"},
	[DIGLIM_HOOK_COMMAND] = {"command", "interpret a command"},
	[DIGLIM_HOOK_DEVICE] = {"device", "write to the device"},
	[DIGLIM_HOOK_PTRACE] = {"ptrace", "write to the memory of a process"},
	[DIGLIM_HOOK_GUARD_BPF] = {"guard-bpf", "reach DIGLIM's programs"},
	[DIGLIM_HOOK_GUARD_PIN] = {"guard-pin", "remove DIGLIM's pins"},
	[DIGLIM_HOOK_GUARD_KEY] = {"guard-key", "change DIGLIM's keyring"},
	[DIGLIM_HOOK_GUARD_SYSCTL] = {"guard-sysctl", "set the sysctl"},
	[DIGLIM_HOOK_GUARD_KERNEL] = {"guard-kernel", "change the running kernel"},
	[DIGLIM_HOOK_FAULT] = {"userfaultfd", "supply the content of memory"},
	[DIGLIM_HOOK_IMMUTABLE] = {"open-immutable", "open for writing"},
	[DIGLIM_HOOK_TPM] = {"tpm", "send a command to the TPM"},
};

#define SIGN_IT "vouch for it: import its package, or 'diglim sign' it and load the list"

static const struct {
	const char *name, *text, *remedy;
} reasons[DIGLIM_REASON_MAX] = {
	[DIGLIM_REASON_VOUCHED] = {"vouched", "a loaded list vouches for it", ""},
	[DIGLIM_REASON_UNKNOWN] = {"unknown", "no loaded list holds its digest", SIGN_IT},
	[DIGLIM_REASON_WRONG_USE] = {"wrong-use",
				     "a loaded list holds its digest, but for another use",
				     "sign a list that gives it this use (diglim sign --use)"},
	[DIGLIM_REASON_WRITER] = {"writer", "it is open for writing",
				  "close whatever writes to it, then try again"},
	[DIGLIM_REASON_TAINTED] = {"tainted",
				   "it was mapped writable and shared since it was read in",
				   "copy it to a new file and use that one"},
	[DIGLIM_REASON_PRIVATE_WRITTEN] =
		{"private-written",
		 "a private mapping of it was written before it was to become "
		 "executable",
		 "programs that patch their own code cannot be vouched for"},
	[DIGLIM_REASON_NOT_JUDGED] = {"not-judged",
				      "it was to become executable, or to be truncated, without "
				      "having been judged",
				      "map it executable in one step, or start the program again; "
				      "truncate it by a descriptor"},
	[DIGLIM_REASON_NO_FILE] = {"no-file", "it comes from memory, there is no file to judge",
				   "load it from a file (modules: a kmod that lets the kernel "
				   "decompress)"},
	[DIGLIM_REASON_SHARED_WRITABLE] = {"shared-writable",
					   "others could write to the executable mapping",
					   "the program must map it private or read-only"},
	[DIGLIM_REASON_VOUCHED_WRITE] = {"vouched-write", "it is vouched for and in use",
					 "replace the file by a new one instead of writing to it"},
	[DIGLIM_REASON_TOO_LARGE] = {"too-large", "it is larger than the limit for hashing",
				     "raise limit in [hash] of diglim.conf and attach again"},
	[DIGLIM_REASON_HASH_FAILED] = {"hash-failed", "the kernel could not hash it",
				       "look for I/O errors in the kernel log; writing: without "
				       "O_DIRECT, and by who may read it"},
	[DIGLIM_REASON_STORAGE_FAILED] = {"storage-failed", "no kernel memory for its digest",
					  "free memory, then try again"},
	[DIGLIM_REASON_FS_UNTRUSTED] =
		{"fs-untrusted", "its file system can change content without the kernel noticing",
		 "copy it to a local file system, or strict = no in "
		 "[filesystems] of diglim.conf"},
	[DIGLIM_REASON_BAD_ALGO] = {"bad-algo", "IMA gave a digest that is not SHA-256",
				    "boot with ima_hash=sha256"},
	[DIGLIM_REASON_NOT_REGULAR] = {"not-regular", "it is no regular file, or tells no size",
				       "copy its content to a regular file and use that one"},
	[DIGLIM_REASON_ANONYMOUS] =
		{"anonymous", "memory without a file was to become executable",
		 "give the program the permission 'code' in a list of yours (diglim sign --use)"},
	[DIGLIM_REASON_DENIED] = {"denied", "a deny list names its digest",
				  "it was revoked: install a newer version"},
	[DIGLIM_REASON_COMMAND] = {"command", "an interpreter was given its program as an argument",
				   "put the program into a file and vouch for that"},
	[DIGLIM_REASON_STDIN] = {"stdin",
				 "an interpreter was to read its program from standard input",
				 "put the program into a file and vouch for that"},
	[DIGLIM_REASON_DEVICE_WRITE] = {"device-write",
					"a file system on it holds files that are in use",
					"unmount it first, or do it before sealing; device mapper: "
					"allow-device-mapper in [guard] of diglim.conf"},
	[DIGLIM_REASON_INJECTION] =
		{"injection", "it would write to the memory of a process",
		 "allow-ptrace = yes in [guard] of diglim.conf, before sealing"},
	[DIGLIM_REASON_SEALED] =
		{"sealed", "DIGLIM is sealed",
		 "'diglim control' with an owner's key, or start the machine anew"},
	[DIGLIM_REASON_IMA_KEPT] =
		{"ima-kept",
		 "IMA keeps a digest of it, and its content can have changed without IMA noticing",
		 "copy it to a new file on a local file system, or leave its file system out of "
		 "the "
		 "IMA policy"},
	[DIGLIM_REASON_IMMUTABLE] =
		{"immutable", "a loaded list calls it immutable",
		 "replace the file by a new one, unload the list, or immutable = no in [policy] of "
		 "diglim.conf"},
	[DIGLIM_REASON_GATE_CLOSED] =
		{"gate-closed",
		 "something was used, or changed, of which the TPM's register has no record yet",
		 "try again; if it lasts, see what diglimd says"},
	[DIGLIM_REASON_GATE_BUSY] = {"gate-busy",
				     "it is unknown, and a command was on its way to the TPM",
				     "try again"},
	[DIGLIM_REASON_PARTIAL_READ] = {"partial-read", "the kernel reads the file in parts",
					"use a driver that loads its firmware as a whole"},
};

char *names_use(char buf[NAMES_USE_MAX], uint32_t mask)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < USES; i++)
		if (mask & uses[i].use)
			len += (size_t)snprintf(buf + len, NAMES_USE_MAX - len, "%s%s",
						len ? "," : "", uses[i].name);
	if (!len)
		snprintf(buf, NAMES_USE_MAX, "none");
	return buf;
}

int names_use_parse(const char *text, uint32_t *ret)
{
	uint32_t mask = 0;

	for (;;) {
		size_t len = strcspn(text, ","), i;

		for (i = 0; i < USES; i++)
			if (strlen(uses[i].name) == len && memcmp(text, uses[i].name, len) == 0)
				break;
		if (i == USES)
			return -EINVAL;
		mask |= uses[i].use;
		if (!text[len])
			break;
		text += len + 1;
	}
	*ret = mask;
	return 0;
}

const char *names_mode(uint32_t mode)
{
	static const char *const name[] = {"off", "audit", "enforce"};

	return mode <= DIGLIM_MODE_ENFORCE ? name[mode] : "?";
}

const char *names_hook(uint32_t hook)
{
	return hook < DIGLIM_HOOK_MAX ? hooks[hook].name : "?";
}

const char *names_hook_act(uint32_t hook)
{
	return hook < DIGLIM_HOOK_MAX ? hooks[hook].act : "?";
}

const char *names_reason(uint32_t reason)
{
	return reason < DIGLIM_REASON_MAX ? reasons[reason].name : "?";
}

const char *names_reason_text(uint32_t reason)
{
	return reason < DIGLIM_REASON_MAX ? reasons[reason].text
					  : "for a reason newer than this program";
}

const char *names_reason_remedy(uint32_t reason)
{
	return reason < DIGLIM_REASON_MAX ? reasons[reason].remedy : "";
}

int names_hook_parse(const char *name)
{
	for (int i = 0; i < DIGLIM_HOOK_MAX; i++)
		if (strcmp(hooks[i].name, name) == 0)
			return i;
	return -1;
}

int names_reason_parse(const char *name)
{
	for (int i = 0; i < DIGLIM_REASON_MAX; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return i;
	return -1;
}
