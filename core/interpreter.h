/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which programs are interpreters, and which files are program text: by the names in a signed list.
 *
 * The stem of a name is what stands before its first digit, without "-static": python of
 * python3.11, perl of perl5.36-x86_64-linux-gnu, qemu-x of qemu-x86_64-static. Every interpreter is
 * judged by its digest, so a copy under another name is one, too.
 */
#ifndef DIGLIM_CORE_INTERPRETER_H
#define DIGLIM_CORE_INTERPRETER_H

#include "digest.h"
#include "loop.h"
#include "view.h"
#include "../abi/limits.h"
#include "../abi/use.h"

#define CORE_STEM_MAX 16

struct core_stem {
	char text[CORE_STEM_MAX]; /* filled up with NULs */
	__u64 tail;		  /* the last eight characters of the name, the last one lowest */
	__u32 len;
	__u32 ended; /* at the first digit */
	__u32 bytes; /* read so far */
	__u32 found; /* the NUL */
};

/* What tables say of a stem: CORE_IS_INTERPRETER and a mask of enum diglim_kind. */
#define CORE_IS_INTERPRETER (1U << 8)
/* diglimd, which nothing else may take the place of at the TPM gate. */
#define CORE_IS_KEEPER (1U << 9)
#define CORE_KEEPER    "diglimd"

#ifdef __bpf__
/* Filled by lib/engine from the table below and from the configuration. */
struct core_interpreters_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__uint(key_size, CORE_STEM_MAX);
	__uint(value_size, sizeof(__u32));
};
#ifndef DIGLIM_DEFINE_MAPS
extern struct core_interpreters_map interpreters SEC(".maps");
#else
struct core_interpreters_map interpreters SEC(".maps");
#endif

CORE_INLINE __u32 core_interpreter(const struct core_stem *s)
{
	__u32 *value = bpf_map_lookup_elem(&interpreters, s->text);

	return value ? *value : 0;
}
#else
struct core_interpreter {
	const char *stem;
	__u32 kinds;
};

/* clang-format off */
__attribute__((unused)) static const struct core_interpreter core_interpreters[] = {
	{"sh", DIGLIM_KIND_SHELL}, {"bash", DIGLIM_KIND_SHELL}, {"dash", DIGLIM_KIND_SHELL},
	{"ash", DIGLIM_KIND_SHELL}, {"rbash", DIGLIM_KIND_SHELL}, {"zsh", DIGLIM_KIND_SHELL},
	{"ksh", DIGLIM_KIND_SHELL}, {"mksh", DIGLIM_KIND_SHELL}, {"lksh", DIGLIM_KIND_SHELL},
	{"pdksh", DIGLIM_KIND_SHELL}, {"yash", DIGLIM_KIND_SHELL}, {"posh", DIGLIM_KIND_SHELL},
	{"csh", DIGLIM_KIND_SHELL}, {"tcsh", DIGLIM_KIND_SHELL}, {"fish", DIGLIM_KIND_SHELL},
	{"elvish", DIGLIM_KIND_SHELL}, {"xonsh", DIGLIM_KIND_SHELL},
	{"expect", DIGLIM_KIND_SHELL}, {"pwsh", DIGLIM_KIND_SHELL},
	{"busybox", DIGLIM_KIND_BUSYBOX}, {"toybox", DIGLIM_KIND_BUSYBOX},
	{"python", DIGLIM_KIND_PYTHON}, {"pypy", DIGLIM_KIND_PYTHON},
	{"platform-python", DIGLIM_KIND_PYTHON}, {"micropython", DIGLIM_KIND_PYTHON},
	{"perl", DIGLIM_KIND_PERL}, {"rakudo", DIGLIM_KIND_PERL}, {"raku", DIGLIM_KIND_PERL},
	{"ruby", DIGLIM_KIND_RUBY}, {"jruby", DIGLIM_KIND_RUBY}, {"mruby", DIGLIM_KIND_RUBY},
	{"node", DIGLIM_KIND_EVAL}, {"nodejs", DIGLIM_KIND_EVAL}, {"bun", DIGLIM_KIND_EVAL},
	{"deno", DIGLIM_KIND_EVAL}, {"qjs", DIGLIM_KIND_EVAL}, {"js", DIGLIM_KIND_EVAL},
	{"gjs", DIGLIM_KIND_EVAL}, {"lua", DIGLIM_KIND_EVAL}, {"luajit", DIGLIM_KIND_EVAL},
	{"texlua", DIGLIM_KIND_EVAL}, {"Rscript", DIGLIM_KIND_EVAL}, {"R", DIGLIM_KIND_EVAL},
	{"php", DIGLIM_KIND_PHP}, {"php-cgi", DIGLIM_KIND_PHP}, {"php-fpm", 0}, {"phpdbg", 0},
	{"awk", DIGLIM_KIND_AWK}, {"gawk", DIGLIM_KIND_AWK}, {"mawk", DIGLIM_KIND_AWK},
	{"nawk", DIGLIM_KIND_AWK}, {"original-awk", DIGLIM_KIND_AWK}, {"bwk", DIGLIM_KIND_AWK},
	/* No rule for their arguments. */
	{"java", 0}, {"tclsh", 0}, {"wish", 0}, {"guile", 0}, {"gosh", 0}, {"sbcl", 0},
	{"clisp", 0}, {"ecl", 0}, {"racket", 0}, {"chicken", 0}, {"csi", 0}, {"ghci", 0},
	{"erl", 0}, {"beam.smp", 0}, {"escript", 0}, {"elixir", 0}, {"ocaml", 0}, {"scala", 0},
	{"groovy", 0}, {"kotlin", 0}, {"julia", 0}, {"octave", 0}, {"octave-cli", 0}, {"mono", 0},
	{"mono-sgen", 0}, {"dotnet", 0}, {"swipl", 0}, {"gprolog", 0}, {"gforth", 0}, 
	{"emacs", 0}, {"vim.basic", 0}, {"osascript", 0}, {"wasmtime", 0},
	{"wasmer", 0}, {"wasmedge", 0}, {"iwasm", 0},
	/* Vouched programs that run code which nobody mapped. */
	{"gdb", 0}, {"lldb", 0}, {"tcc", 0}, {"wine", 0}, {"wine-preloader", 0}, {"valgrind", 0},
	{"box", 0}, {"fex", 0}, {"FEXInterpreter", 0}, {"qemu-i", 0}, {"qemu-x", 0}, {"qemu-arm", 0},
	{"qemu-armeb", 0}, {"qemu-aarch", 0}, {"qemu-riscv", 0}, {"qemu-ppc", 0}, {"qemu-mips", 0},
	{"qemu-mipsel", 0}, {"qemu-mipsn", 0}, {"qemu-s", 0}, {"qemu-m", 0}, {"qemu-alpha", 0},
	{"qemu-hppa", 0}, {"qemu-sparc", 0}, {"qemu-sh", 0}, {"qemu-or", 0}, {"qemu-xtensa", 0},
	{"qemu-loongarch", 0}, {"qemu-hexagon", 0}, {"qemu-cris", 0}, {"qemu-microblaze", 0},
};
/* clang-format on */

#define CORE_INTERPRETERS (sizeof(core_interpreters) / sizeof(core_interpreters[0]))

CORE_INLINE __u32 core_interpreter(const struct core_stem *s)
{
	for (__u32 i = 0; i < CORE_INTERPRETERS; i++)
		if (!__builtin_strncmp(core_interpreters[i].stem, s->text, CORE_STEM_MAX))
			return CORE_IS_INTERPRETER | core_interpreters[i].kinds;
	if (!__builtin_strncmp(CORE_KEEPER, s->text, CORE_STEM_MAX))
		return CORE_IS_KEEPER;
	return 0;
}
#endif

CORE_INLINE void core_stem_begin(struct core_stem *s)
{
	__builtin_memset(s->text, 0, sizeof(s->text));
	s->tail = 0;
	s->len = 0;
	s->ended = 0;
}

/* One character of a name or path; after a slash another name begins. */
CORE_INLINE void core_stem_char(struct core_stem *s, __u8 c)
{
	if (c == '/') {
		core_stem_begin(s);
		return;
	}
	s->tail = s->tail << 8 | c;
	if (c >= '0' && c <= '9')
		s->ended = 1;
	if (s->ended)
		return;
	/* Too long for any table: the last place stays taken. */
	if (s->len < CORE_STEM_MAX)
		s->text[core_below(s->len, CORE_STEM_MAX)] = (char)c;
	if (s->len <= CORE_STEM_MAX)
		s->len++;
}

/* Takes "-static" and punctuation away from the end. */
CORE_INLINE void core_stem_end(struct core_stem *s)
{
	static const char cut[] = "-static";
	__u32 n = sizeof(cut) - 1, diff = 0;

	if (!s->ended && s->len > n && s->len <= CORE_STEM_MAX) {
		__u64 at = core_below(s->len - n, CORE_STEM_MAX - 6);

		for (__u32 i = 0; i < n; i++)
			diff |= (__u8)(s->text[at + i] ^ cut[i]);
		for (__u32 i = 0; !diff && i < n; i++)
			s->text[at + i] = 0;
		return;
	}
	/* python-3, bash-5.2 */
	if (s->ended && s->len && s->len <= CORE_STEM_MAX) {
		__u64 at = core_below(s->len - 1, CORE_STEM_MAX);

		if (s->text[at] == '-' || s->text[at] == '.')
			s->text[at] = 0;
	}
}

struct core_stem_walk {
	const struct core_view *v;
	struct core_stem *s;
	__u32 off;
	__u32 end;
};

CORE_BODY core_stem_step(__u32 i, void *arg)
{
	struct core_stem_walk *w = arg;
	struct core_stem *s = w->s;
	const __u8 *p = core_at(w->v, w->off + i, 1);

	if (!p || w->off + i >= w->end)
		return 1;
	s->bytes = i + 1;
	if (!*p) {
		s->found = 1;
		return 1;
	}
	core_stem_char(s, *p);
	return 0;
}

/* Reads the name at @off, which ends with a NUL before @end: its length with the NUL, or 0. */
CORE_INLINE __u32 core_stem_read(const struct core_view *v, __u32 off, __u32 end,
				 struct core_stem *s)
{
	struct core_stem_walk w = {.v = v, .s = s, .off = off, .end = end};

	core_stem_begin(s);
	s->bytes = 0;
	s->found = 0;
	core_loop(DIGLIM_PATH_LONG, core_stem_step, &w);
	core_stem_end(s);
	return s->found ? s->bytes : 0;
}

/* A program whose name is that of an interpreter is one. */
CORE_INLINE void core_digest_mark(struct core_digest *d, const struct core_stem *s)
{
	__u32 found = core_interpreter(s);

	if (found & CORE_IS_KEEPER)
		d->kinds = DIGLIM_KIND_KEEPER;
	if (!(found & CORE_IS_INTERPRETER))
		return;
	d->use |= DIGLIM_USE_INTERPRETER;
	d->kinds = found & 0xff;
}

#define CORE_TAIL2(a, b)	  ((__u64)'.' << 16 | (a) << 8 | (b))
#define CORE_TAIL3(a, b, c)	  ((__u64)'.' << 24 | (a) << 16 | (b) << 8 | (c))
#define CORE_TAIL4(a, b, c, d)	  ((__u64)'.' << 32 | (__u64)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define CORE_TAIL5(a, b, c, d, e) (CORE_TAIL4(a, b, c, d) << 8 | (e))

/* Whether a name with this end says that the file is program text. @tail as in struct core_stem. */
CORE_INLINE bool core_is_text_name(__u64 tail)
{
	switch (tail & 0xffff) {
	case '.' << 8 | 'R':
	case '.' << 8 | 'r':
		return true;
	}
	switch (tail & 0xffffff) {
	case CORE_TAIL2('s', 'h'):
	case CORE_TAIL2('p', 'y'):
	case CORE_TAIL2('p', 'l'):
	case CORE_TAIL2('p', 'm'):
	case CORE_TAIL2('r', 'b'):
	case CORE_TAIL2('j', 's'):
		return true;
	}
	switch (tail & 0xffffffff) {
	case CORE_TAIL3('k', 's', 'h'):
	case CORE_TAIL3('z', 's', 'h'):
	case CORE_TAIL3('c', 's', 'h'):
	case CORE_TAIL3('p', 'y', 'c'):
	case CORE_TAIL3('p', 'y', 'o'):
	case CORE_TAIL3('p', 'y', 'w'):
	case CORE_TAIL3('p', 'y', 'z'):
	case CORE_TAIL3('p', 't', 'h'): /* python runs its lines */
	case CORE_TAIL3('e', 'g', 'g'):
	case CORE_TAIL3('w', 'h', 'l'):
	case CORE_TAIL3('m', 'j', 's'):
	case CORE_TAIL3('c', 'j', 's'):
	case CORE_TAIL3('l', 'u', 'a'):
	case CORE_TAIL3('p', 'h', 'p'):
	case CORE_TAIL3('a', 'w', 'k'):
	case CORE_TAIL3('j', 'a', 'r'):
	case CORE_TAIL3('w', 'a', 'r'):
	case CORE_TAIL3('t', 'c', 'l'):
	case CORE_TAIL3('e', 'x', 'p'):
	case CORE_TAIL3('s', 'c', 'm'):
		return true;
	}
	switch (tail & 0xffffffffffULL) {
	case CORE_TAIL4('b', 'a', 's', 'h'):
	case CORE_TAIL4('d', 'a', 's', 'h'):
	case CORE_TAIL4('f', 'i', 's', 'h'):
	case CORE_TAIL4('p', 'h', 'a', 'r'):
	case CORE_TAIL4('w', 'a', 's', 'm'):
		return true;
	}
	return (tail & 0xffffffffffffULL) == CORE_TAIL5('c', 'l', 'a', 's', 's');
}

#endif
