/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a file is, as far as somebody could run or load it: by path, mode and first bytes. */
#ifndef DIGLIM_PKGDB_KIND_H
#define DIGLIM_PKGDB_KIND_H

#include <stddef.h>
#include <stdint.h>

enum file_kind {
	FILE_KIND_NONE = 0,
	FILE_KIND_PROGRAM,    /* ELF */
	FILE_KIND_LIBRARY,    /* ELF */
	FILE_KIND_SCRIPT,     /* #!, or the suffix of a program text */
	FILE_KIND_EXECUTABLE, /* an execute bit, and none of the above */
	FILE_KIND_MODULE,
	FILE_KIND_FIRMWARE,
	FILE_KIND_KERNEL, /* and what boots with it */
	FILE_KIND_MAX,
};

/* First bytes that file_kind() likes to see. */
#define FILE_KIND_HEAD 20

/*
 * @len: how much there is of @head. *use: mask of enum diglim_use, as tree_use() has it; of what
 * has the kind NONE it is 0. Object files and core dumps are ELF that nobody runs.
 */
enum file_kind file_kind(const char *path, uint32_t mode, const uint8_t *head, size_t len,
			 uint32_t *use);

/*
 * What "#!" at the beginning of @head names, with its path: it is started in place of the script,
 * and judged, too (fs/binfmt_script.c). Empty if there is none. At most FILE_INTERPRETER_MAX - 1
 * bytes.
 */
#define FILE_INTERPRETER_MAX 128
void file_interpreter(const uint8_t *head, size_t len, char ret[FILE_INTERPRETER_MAX]);

const char *file_kind_name(enum file_kind kind); /* "program", "library" … */

#endif
