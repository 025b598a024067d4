// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gelf.h>

#include "elfneeds.h"

enum { SEGMENTS_MAX = 1024, TAGS_MAX = 65536 };

struct reader {
	Elf *elf;
	int fd;
	const char *name;
	GElf_Phdr segment[SEGMENTS_MAX];
	size_t segments;
	uint64_t strings; /* offset in the file; 0: none */
	uint64_t strings_len;
	struct elfneeds *ret;
	struct err *e;
};

static int bad(struct reader *r, const char *what)
{
	return err_set(r->e, -EBADMSG, "%s: damaged ELF file: %s", r->name, what);
}

/* A string of at most @max bytes with its end, at @off of the file. */
static int take_text(struct reader *r, uint64_t off, uint64_t max, char **ret)
{
	char text[PATH_MAX];
	ssize_t n;

	if (off > INT64_MAX)
		return bad(r, "a name outside of the file");
	n = pread(r->fd, text, max < sizeof(text) ? (size_t)max : sizeof(text), (off_t)off);
	if (n < 0)
		return err_set(r->e, -errno, "%s: %s", r->name, strerror(errno));
	if (!memchr(text, 0, (size_t)n))
		return bad(r, "a name without an end");
	free(*ret);
	*ret = strdup(text);
	return *ret ? 0 : err_set(r->e, -ENOMEM, "out of memory");
}

/* Where an address of the loaded file stands in it. */
static uint64_t offset_of(const struct reader *r, uint64_t address)
{
	for (size_t i = 0; i < r->segments; i++) {
		const GElf_Phdr *p = &r->segment[i];

		if (p->p_type == PT_LOAD && address >= p->p_vaddr &&
		    address - p->p_vaddr < p->p_filesz)
			return p->p_offset + (address - p->p_vaddr);
	}
	return 0;
}

static int take_string(struct reader *r, uint64_t at, char **ret)
{
	if (!r->strings || at >= r->strings_len)
		return bad(r, "a name outside of its table");
	return take_text(r, r->strings + at, r->strings_len - at, ret);
}

static int take_needed(struct reader *r, uint64_t at)
{
	struct elfneeds *n = r->ret;
	char **more;

	if (n->n == ELFNEEDS_MAX)
		return bad(r, "too many libraries");
	more = reallocarray(n->needed, n->n + 1, sizeof(*more));
	if (!more)
		return err_set(r->e, -ENOMEM, "out of memory");
	n->needed = more;
	more[n->n++] = NULL;
	return take_string(r, at, &more[n->n - 1]);
}

static int take_tag(struct reader *r, const GElf_Dyn *d)
{
	switch (d->d_tag) {
	case DT_NEEDED:
		return take_needed(r, d->d_un.d_val);
	case DT_RPATH:
		return take_string(r, d->d_un.d_val, &r->ret->rpath);
	case DT_RUNPATH:
		return take_string(r, d->d_un.d_val, &r->ret->runpath);
	case DT_FLAGS_1:
		r->ret->no_default = d->d_un.d_val & DF_1_NODEFLIB;
	}
	return 0;
}

static void find_strings(struct reader *r, const GElf_Dyn *d)
{
	if (d->d_tag == DT_STRTAB)
		r->strings = offset_of(r, d->d_un.d_ptr);
	else if (d->d_tag == DT_STRSZ)
		r->strings_len = d->d_un.d_val;
}

static int read_dynamic(struct reader *r, const GElf_Phdr *p)
{
	size_t size = gelf_fsize(r->elf, ELF_T_DYN, 1, EV_CURRENT), n;
	Elf_Data *data;
	GElf_Dyn d;
	int ret = 0;

	n = size ? p->p_filesz / size : 0;
	if (!n)
		return 0;
	if (n > TAGS_MAX)
		return bad(r, "too many tags");
	data = elf_getdata_rawchunk(r->elf, (int64_t)p->p_offset, n * size, ELF_T_DYN);
	if (!data)
		return bad(r, "tags outside of the file");
	for (int i = 0; i < (int)n && gelf_getdyn(data, i, &d) && d.d_tag != DT_NULL; i++)
		find_strings(r, &d);
	for (int i = 0; !ret && i < (int)n && gelf_getdyn(data, i, &d) && d.d_tag != DT_NULL; i++)
		ret = take_tag(r, &d);
	return ret;
}

static int read_segments(struct reader *r)
{
	int ret = 0;

	for (size_t i = 0; i < r->segments; i++)
		if (!gelf_getphdr(r->elf, (int)i, &r->segment[i]))
			return bad(r, "headers outside of the file");
	for (size_t i = 0; !ret && i < r->segments; i++) {
		const GElf_Phdr *p = &r->segment[i];

		if (p->p_type == PT_INTERP)
			ret = take_text(r, p->p_offset, p->p_filesz, &r->ret->interpreter);
		else if (p->p_type == PT_DYNAMIC)
			ret = read_dynamic(r, p);
	}
	return ret;
}

static int read_file(struct reader *r)
{
	GElf_Ehdr head;

	if (elf_kind(r->elf) != ELF_K_ELF)
		return 1;
	if (!gelf_getehdr(r->elf, &head) || elf_getphdrnum(r->elf, &r->segments))
		return bad(r, "its head");
	if (head.e_type != ET_EXEC && head.e_type != ET_DYN)
		return 1;
	/* libelf gives back none if their table lies outside. */
	if (head.e_phnum && !r->segments)
		return bad(r, "headers outside of the file");
	if (r->segments > SEGMENTS_MAX)
		return bad(r, "too many segments");
	r->ret->machine = head.e_machine;
	r->ret->wide = head.e_ident[EI_CLASS] == ELFCLASS64;
	return read_segments(r);
}

void elfneeds_done(struct elfneeds *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->needed[i]);
	free(n->needed);
	free(n->interpreter);
	free(n->rpath);
	free(n->runpath);
	*n = (struct elfneeds){0};
}

int elfneeds_read(int fd, const char *name, struct elfneeds *ret, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	int status;

	*ret = (struct elfneeds){0};
	if (!r)
		return err_set(e, -ENOMEM, "out of memory");
	r->fd = fd;
	r->name = name;
	r->ret = ret;
	r->e = e;
	elf_version(EV_CURRENT);
	r->elf = elf_begin(fd, ELF_C_READ, NULL);
	status = r->elf ? read_file(r) : 1;
	elf_end(r->elf);
	free(r);
	if (status)
		elfneeds_done(ret);
	return status;
}
