/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "interpreters.h"
#include "../../core/interpreter.h"

static int put(int fd, const char key[CORE_STEM_MAX], __u32 value, struct err *e)
{
	if (bpf_map_update_elem(fd, key, &value, BPF_ANY))
		return err_set(e, -errno, "names of interpreters: %s", strerror(errno));
	return 0;
}

/* As the kernel side sees the name of a file. A known name keeps its kind. */
static int put_name(int fd, const char *name, size_t len, struct err *e)
{
	struct core_stem s = {.text = ""};
	char text[DIGLIM_NAME_MAX];
	struct core_view v = {(const __u8 *)text, 0, (__u32)len + 1};

	if (len >= sizeof(text))
		return err_set(e, -ENAMETOOLONG, "interpreter-names: name too long");
	memcpy(text, name, len);
	text[len] = '\0';
	core_stem_read(&v, 0, (__u32)len + 1, &s);
	if (!s.text[0] || s.len > CORE_STEM_MAX)
		return err_set(e, -EINVAL, "interpreter-names: %s: no name of up to %d letters",
			       text, CORE_STEM_MAX);
	return core_interpreter(&s) ? 0 : put(fd, s.text, CORE_IS_INTERPRETER, e);
}

int engine_interpreters_fill(int fd, const char *names, struct err *e)
{
	static const char blank[] = " \t,", keeper[CORE_STEM_MAX] = CORE_KEEPER;
	int r = put(fd, keeper, CORE_IS_KEEPER, e);

	for (size_t i = 0; !r && i < CORE_INTERPRETERS; i++) {
		char key[CORE_STEM_MAX] = "";

		memcpy(key, core_interpreters[i].stem,
		       strnlen(core_interpreters[i].stem, sizeof(key)));
		r = put(fd, key, CORE_IS_INTERPRETER | core_interpreters[i].kinds, e);
	}
	while (!r && names && *(names += strspn(names, blank))) {
		size_t len = strcspn(names, blank);

		r = put_name(fd, names, len, e);
		names += len;
	}
	return r;
}
