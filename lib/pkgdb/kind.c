// SPDX-License-Identifier: LGPL-2.1-or-later
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "../../abi/use.h"
#include "kind.h"
#include "tree.h"

static bool is_elf(const uint8_t *head, size_t len)
{
	return len >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG);
}

/* e_type stands at the same place in both classes. ET_NONE if the file ends before. */
static unsigned int elf_type(const uint8_t *head, size_t len)
{
	if (len < FILE_KIND_HEAD)
		return ET_NONE;
	return head[EI_DATA] == ELFDATA2MSB ? head[16] << 8 | head[17] : head[17] << 8 | head[16];
}

static enum file_kind elf_kind(const char *path, uint32_t mode, unsigned int type)
{
	const char *name = strrchr(path, '/');

	if (type == ET_EXEC)
		return FILE_KIND_PROGRAM;
	if (strstr(name ? name : path, ".so"))
		return FILE_KIND_LIBRARY;
	return mode & 0111 ? FILE_KIND_PROGRAM : FILE_KIND_LIBRARY;
}

enum file_kind file_kind(const char *path, uint32_t mode, const uint8_t *head, size_t len,
			 uint32_t *use)
{
	uint8_t first[16] = {0};
	bool script = len > 2 && head[0] == '#' && head[1] == '!';
	unsigned int type = elf_type(head, len);

	memcpy(first, head, len < sizeof(first) ? len : sizeof(first));
	*use = tree_use(path, mode, first);
	if (script)
		*use |= DIGLIM_USE_EXEC;
	if (*use == DIGLIM_USE_EXEC && is_elf(head, len) && !(mode & 0111) &&
	    (type == ET_REL || type == ET_CORE))
		*use = 0;
	if (!*use)
		return FILE_KIND_NONE;
	if (*use & DIGLIM_USE_MODULE && strstr(path, ".ko"))
		return FILE_KIND_MODULE;
	if (*use & DIGLIM_USE_FIRMWARE)
		return FILE_KIND_FIRMWARE;
	if (is_elf(head, len))
		return elf_kind(path, mode, type);
	if (!(*use & DIGLIM_USE_EXEC))
		return FILE_KIND_KERNEL;
	return script || !(mode & 0111) ? FILE_KIND_SCRIPT : FILE_KIND_EXECUTABLE;
}

void file_interpreter(const uint8_t *head, size_t len, char ret[FILE_INTERPRETER_MAX])
{
	char line[FILE_INTERPRETER_MAX] = "";
	const char *name;
	size_t n;

	ret[0] = '\0';
	if (len < 3 || head[0] != '#' || head[1] != '!')
		return;
	n = len - 2 < sizeof(line) - 1 ? len - 2 : sizeof(line) - 1;
	memcpy(line, head + 2, n);
	line[strcspn(line, "\n")] = '\0';
	name = line + strspn(line, " \t");
	n = strcspn(name, " \t");
	memcpy(ret, name, n);
	ret[n] = '\0';
}

const char *file_kind_name(enum file_kind kind)
{
	static const char *const names[FILE_KIND_MAX] = {
		[FILE_KIND_NONE] = "none",
		[FILE_KIND_PROGRAM] = "program",
		[FILE_KIND_LIBRARY] = "library",
		[FILE_KIND_SCRIPT] = "script",
		[FILE_KIND_EXECUTABLE] = "executable",
		[FILE_KIND_MODULE] = "module",
		[FILE_KIND_FIRMWARE] = "firmware",
		[FILE_KIND_KERNEL] = "kernel",
	};

	return (unsigned int)kind < FILE_KIND_MAX ? names[kind] : "unknown";
}
