/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Can this kernel do it? Features are asked for in the kernel's BTF and in securityfs; versions are
 * never compared.
 */
#define _GNU_SOURCE
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "hooks.h"
#include "internal.h"

#define BPF_FS_MAGIC_NUMBER 0xcafe4a11
#define HOOKS_MAX	    64
#define VERITY_KFUNC	    "bpf_get_fsverity_digest"

struct list {
	struct engine_probe *p;
	size_t n, max;
};

static struct engine_probe *add(struct list *l, const char *what, const char *guarantee,
				bool required, bool present)
{
	struct engine_probe *p;

	if (l->n >= l->max)
		return NULL;
	p = &l->p[l->n++];
	*p = (struct engine_probe){
		.what = what, .guarantee = guarantee, .required = required, .present = present};
	return p;
}

static void detail(struct engine_probe *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void detail(struct engine_probe *p, const char *fmt, ...)
{
	va_list ap;

	if (!p || p->present)
		return;
	va_start(ap, fmt);
	vsnprintf(p->detail, sizeof(p->detail), fmt, ap);
	va_end(ap);
}

/* First line of a file, without the newline; false if it cannot be read. */
static bool read_line(const char *path, char *buf, int size)
{
	FILE *f = fopen(path, "re");
	bool ok;

	if (!f)
		return false;
	ok = fgets(buf, size, f) != NULL;
	fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	return ok;
}

static bool in_comma_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (!strncmp(p, word, len) && (p[len] == ',' || !p[len]))
			return true;
	return false;
}

static void probe_lsm(struct list *l)
{
	char lsm[256] = "";
	bool readable = read_line("/sys/kernel/security/lsm", lsm, sizeof(lsm));

	detail(add(l, "LSM bpf", "anything is judged at all", true,
		   readable && in_comma_list(lsm, "bpf")),
	       readable ? "active LSMs: %s" : "securityfs is not mounted%s", readable ? lsm : "");
	detail(add(l, "IMA", "files have digests", true, !access("/sys/kernel/security/ima", F_OK)),
	       "no /sys/kernel/security/ima: kernel without CONFIG_IMA");
}

static void probe_btf(struct list *l)
{
	struct btf *btf = btf__load_vmlinux_btf();
	static const struct {
		const char *what, *name, *lost;
	} kfuncs[] = {
		{"kfunc bpf_verify_pkcs7_signature", "bpf_verify_pkcs7_signature",
		 "the kernel itself checks signatures"},
		{"kfunc bpf_lookup_user_key", "bpf_lookup_user_key",
		 "the kernel itself checks signatures"},
		{"kfunc bpf_key_put", "bpf_key_put", "the kernel itself checks signatures"},
		{"helper bpf_ima_file_hash", "bpf_ima_file_hash", "files have digests"},
		{"helper bpf_loop", "bpf_loop", "lists can be parsed in the kernel"},
		{"iterator bpf_map_elem", "bpf_iter_bpf_map_elem", "the state can be read"},
	};

	detail(add(l, "kernel BTF", "programs fit the running kernel", true, btf != NULL),
	       "no /sys/kernel/btf/vmlinux: kernel without CONFIG_DEBUG_INFO_BTF");
	if (!btf)
		return;
	for (size_t i = 0; i < sizeof(kfuncs) / sizeof(kfuncs[0]); i++)
		detail(add(l, kfuncs[i].what, kfuncs[i].lost, true,
			   btf__find_by_name_kind(btf, kfuncs[i].name, BTF_KIND_FUNC) > 0),
		       "not in this kernel's BTF");
	detail(add(l, "kfunc " VERITY_KFUNC,
		   "files with fs-verity are known by it, without hashing", false,
		   btf__find_by_name_kind(btf, VERITY_KFUNC, BTF_KIND_FUNC) > 0),
	       "not in this kernel's BTF: they are judged by content as all others");
	btf__free(btf);
}

static void probe_hooks(struct list *l)
{
	static char what[HOOKS_MAX][64];
	struct engine_probe *p;

	for (size_t i = 0; i < engine_hooks_count && i < HOOKS_MAX; i++) {
		if (engine_hooks[i].unless || engine_hooks[i].spare ||
		    (engine_hooks[i].optional && !engine_hooks[i].when &&
		     !engine_hook_exists(&engine_hooks[i])))
			continue;
		snprintf(what[i], sizeof(what[i]), "hook %s", engine_hooks[i].name);
		p = add(l, what[i], engine_hooks[i].guarantee, !engine_hooks[i].when,
			engine_hook_exists(&engine_hooks[i]));
		if (p)
			p->waivable = engine_hooks[i].hook != DIGLIM_HOOK_INGEST;
		detail(p, "not in this kernel's BTF");
	}
}

/* On kernels up to 6.12 this switch silently takes all BPF LSM programs away. */
static void probe_ftrace(struct list *l)
{
	char v[16] = "";
	bool readable = read_line("/proc/sys/kernel/ftrace_enabled", v, sizeof(v));

	detail(add(l, "kernel.ftrace_enabled", "hooks are called", true, !readable || v[0] != '0'),
	       "is 0: `sysctl kernel.ftrace_enabled=1`");
}

static void probe_bpffs(struct list *l)
{
	struct statfs s;
	bool ok = !statfs("/sys/fs/bpf", &s) && (unsigned long)s.f_type == BPF_FS_MAGIC_NUMBER;

	detail(add(l, "bpffs", "protection stays when the command ends", true, ok),
	       "`mount -t bpf bpf /sys/fs/bpf`");
}

int engine_probe(struct engine_probe *probes, size_t max, struct err *e)
{
	struct list l = {.p = probes, .max = max};

	probe_lsm(&l);
	probe_btf(&l);
	if (l.n && l.p[l.n - 1].present)
		probe_hooks(&l);
	probe_ftrace(&l);
	probe_bpffs(&l);
	return l.n < max ? (int)l.n : err_set(e, -ENOBUFS, "more probes than %zu", max);
}

bool engine_knows_verity(void)
{
	static int known = -1;

	if (known < 0)
		known = libbpf_find_vmlinux_btf_id(VERITY_KFUNC, 0) > 0;
	return known;
}
