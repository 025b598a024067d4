/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does the command line of an interpreter carry its program, name a file, or neither?
 *
 * Fed with the arguments character by character. Where options of one kind of interpreter cannot
 * be told from their values, the answer is the stricter one.
 */
#ifndef DIGLIM_CORE_ARGUMENTS_H
#define DIGLIM_CORE_ARGUMENTS_H

#include "view.h"
#include "../abi/use.h"

enum core_args_answer {
	CORE_ARGS_OPEN = 0, /* not decided yet */
	CORE_ARGS_FILE = 1, /* the program is in a file, or there is no rule for this interpreter */
	CORE_ARGS_COMMAND = 2, /* it is among the arguments */
	CORE_ARGS_STDIN = 3,   /* it comes from standard input */
};

/* What the current argument is. */
enum core_args_state {
	CORE_ARGS_START = 0,
	CORE_ARGS_DASH,	   /* its first character is a dash */
	CORE_ARGS_CLUSTER, /* -abc */
	CORE_ARGS_LONG,	   /* --word */
	CORE_ARGS_VALUE,   /* an option with a value, which the rest is if there is one */
	CORE_ARGS_SKIP,	   /* nothing more to learn */
};

struct core_args {
	__u32 kinds;  /* mask of enum diglim_kind */
	__u32 answer; /* enum core_args_answer */
	__u32 state;  /* enum core_args_state */
	__u32 number; /* of the argument */
	__u32 pos;    /* in the argument */
	__u32 values; /* so many of the next arguments belong to options */
	__u32 ended;  /* after "--": no more options */
	__u32 loose;  /* after a long option, whose value the next one may be */
	__u32 script; /* an option, or what may be a value, names the program's file */
	__u32 input;  /* -s of shells */
	__u32 len;    /* of word */
	__u64 word;   /* first eight characters of a long option, or of the program's name */
};

#define CORE_WORD2(a, b)       ((__u64)(a) << 8 | (b))
#define CORE_WORD3(a, b, c)    (CORE_WORD2(a, b) << 8 | (c))
#define CORE_WORD4(a, b, c, d) (CORE_WORD3(a, b, c) << 8 | (d))
#define CORE_WORD8(w, x)       ((w) << 32 | (x))

/* What an option letter means; CORE_ARG_NEXT: the next argument, whatever follows the letter. */
enum core_arg {
	CORE_ARG_FLAG = 0,
	CORE_ARG_COMMAND,
	CORE_ARG_VALUE,
	CORE_ARG_NEXT,
	CORE_ARG_REST, /* what follows in the same argument */
	CORE_ARG_SCRIPT,
	CORE_ARG_INPUT,
	CORE_ARG_DONE, /* nothing of interest can follow */
};

CORE_INLINE __u32 core_arg_shell(__u8 c)
{
	switch (c) {
	case 'c':
		return CORE_ARG_COMMAND;
	case 'o':
	case 'O':
		return CORE_ARG_NEXT;
	case 's':
		return CORE_ARG_INPUT;
	}
	return CORE_ARG_FLAG;
}

CORE_INLINE __u32 core_arg_python(__u8 c)
{
	switch (c) {
	case 'c':
		return CORE_ARG_COMMAND;
	case 'W':
	case 'X':
		return CORE_ARG_VALUE;
	case 'm': /* a module, which is read from a file */
	case 'V':
	case 'h':
		return CORE_ARG_DONE;
	}
	return CORE_ARG_FLAG;
}

CORE_INLINE __u32 core_arg_perl(__u8 c)
{
	switch (c) {
	case 'e':
	case 'E':
	case 'M': /* what follows the module's name is code */
	case 'm':
		return CORE_ARG_COMMAND;
	case 'I':
		return CORE_ARG_VALUE;
	case 'i':
	case 'x':
	case 'F':
	case 'D':
	case 'C':
	case 'd':
		return CORE_ARG_REST;
	case 'v':
	case 'V':
		return CORE_ARG_DONE;
	}
	return CORE_ARG_FLAG;
}

CORE_INLINE __u32 core_arg_ruby(__u8 c)
{
	switch (c) {
	case 'e':
		return CORE_ARG_COMMAND;
	case 'I':
	case 'r':
	case 'C':
	case 'E':
		return CORE_ARG_VALUE;
	case 'x':
	case 'K':
	case 'W':
	case 'T':
	case 'F':
	case 'i':
		return CORE_ARG_REST;
	}
	return CORE_ARG_FLAG;
}

CORE_INLINE __u32 core_arg_eval(__u8 c)
{
	switch (c) {
	case 'e':
	case 'p':
		return CORE_ARG_COMMAND;
	case 'r':
	case 'l':
	case 'C':
		return CORE_ARG_VALUE;
	}
	return CORE_ARG_FLAG;
}

CORE_INLINE __u32 core_arg_php(__u8 c)
{
	switch (c) {
	case 'r':
	case 'R':
	case 'B':
	case 'E':
		return CORE_ARG_COMMAND;
	case 'd':
	case 'c':
	case 'z':
	case 'S':
	case 't':
		return CORE_ARG_VALUE;
	case 'f':
	case 'F':
		return CORE_ARG_SCRIPT;
	}
	return CORE_ARG_FLAG;
}

CORE_INLINE __u32 core_arg_awk(__u8 c)
{
	switch (c) {
	case 'e':
		return CORE_ARG_COMMAND;
	case 'v':
	case 'F':
	case 'i':
	case 'l':
	case 'W':
		return CORE_ARG_VALUE;
	case 'f':
	case 'E':
		return CORE_ARG_SCRIPT;
	}
	return CORE_ARG_FLAG;
}

/* A digest that lists call by several names gets the rules of all of them: the strictest wins. */
CORE_INLINE __u32 core_arg_stricter(__u32 a, __u32 b)
{
	if (a == CORE_ARG_COMMAND || b == CORE_ARG_COMMAND)
		return CORE_ARG_COMMAND;
	return a ? a : b;
}

CORE_INLINE __u32 core_arg_meaning(__u32 kinds, __u8 c)
{
	__u32 m = CORE_ARG_FLAG;

	if (kinds & DIGLIM_KIND_SHELL)
		m = core_arg_stricter(m, core_arg_shell(c));
	if (kinds & DIGLIM_KIND_PYTHON)
		m = core_arg_stricter(m, core_arg_python(c));
	if (kinds & DIGLIM_KIND_PERL)
		m = core_arg_stricter(m, core_arg_perl(c));
	if (kinds & DIGLIM_KIND_RUBY)
		m = core_arg_stricter(m, core_arg_ruby(c));
	if (kinds & DIGLIM_KIND_EVAL)
		m = core_arg_stricter(m, core_arg_eval(c));
	if (kinds & DIGLIM_KIND_PHP)
		m = core_arg_stricter(m, core_arg_php(c));
	if (kinds & DIGLIM_KIND_AWK)
		m = core_arg_stricter(m, core_arg_awk(c));
	return m;
}

CORE_INLINE void core_args_letter(struct core_args *a, __u8 c)
{
	switch (core_arg_meaning(a->kinds, c)) {
	case CORE_ARG_COMMAND:
		a->answer = CORE_ARGS_COMMAND;
		break;
	case CORE_ARG_SCRIPT:
		a->script = 1;
		a->state = CORE_ARGS_VALUE;
		break;
	case CORE_ARG_VALUE:
		a->state = CORE_ARGS_VALUE;
		break;
	case CORE_ARG_NEXT:
		a->values++;
		break;
	case CORE_ARG_REST:
		a->state = CORE_ARGS_SKIP;
		break;
	case CORE_ARG_INPUT:
		a->input = 1;
		break;
	case CORE_ARG_DONE:
		a->answer = CORE_ARGS_FILE;
		break;
	}
}

/* @known: an equals sign tells option and value apart. */
CORE_INLINE void core_args_long(struct core_args *a, bool known)
{
	const __u64 exec = CORE_WORD4('e', 'x', 'e', 'c');
	__u64 w = a->word;

	a->loose = !known && !(a->kinds & DIGLIM_KIND_SHELL);
	if (w == CORE_WORD8(CORE_WORD3('v', 'e', 'r'), CORE_WORD4('s', 'i', 'o', 'n')) ||
	    w == CORE_WORD4('h', 'e', 'l', 'p')) {
		a->answer = CORE_ARGS_FILE;
		return;
	}
	/* node and its like; fish; php --run, --process-...; gawk --source, also cut short */
	if (w == CORE_WORD4('e', 'v', 'a', 'l') ||
	    w == CORE_WORD8((__u64)'p', CORE_WORD4('r', 'i', 'n', 't')) ||
	    w == CORE_WORD8(CORE_WORD2('i', 'm'), CORE_WORD4('p', 'o', 'r', 't')) ||
	    w == CORE_WORD8(CORE_WORD3('c', 'o', 'm'), CORE_WORD4('m', 'a', 'n', 'd')) ||
	    w == CORE_WORD8(CORE_WORD4('i', 'n', 'i', 't'), CORE_WORD4('-', 'c', 'o', 'm')) ||
	    w == CORE_WORD3('r', 'u', 'n') ||
	    w == CORE_WORD8(CORE_WORD4('p', 'r', 'o', 'c'), CORE_WORD4('e', 's', 's', '-'))) {
		a->answer = CORE_ARGS_COMMAND;
		return;
	}
	if (a->kinds & DIGLIM_KIND_AWK) {
		if (a->len > 1 && w >> 8 * (a->len - 2) == CORE_WORD2('s', 'o'))
			a->answer = CORE_ARGS_COMMAND;
		else if (w == CORE_WORD4('f', 'i', 'l', 'e') || w == exec)
			a->script = 1;
		a->values += !known;
	} else if (w == CORE_WORD4('f', 'i', 'l', 'e') && a->kinds & DIGLIM_KIND_PHP) {
		a->script = 1;
		a->values += !known;
	} else if (!known && a->kinds & DIGLIM_KIND_SHELL &&
		   (w == CORE_WORD8(CORE_WORD2('r', 'c'), CORE_WORD4('f', 'i', 'l', 'e')) ||
		    w == CORE_WORD8(CORE_WORD4('i', 'n', 'i', 't'),
				    CORE_WORD4('-', 'f', 'i', 'l')))) {
		a->values++;
	}
}

/* An argument that is no option. */
CORE_INLINE void core_args_operand(struct core_args *a)
{
	a->state = CORE_ARGS_SKIP;
	if (a->kinds & DIGLIM_KIND_AWK) {
		a->answer = a->script ? CORE_ARGS_FILE : CORE_ARGS_COMMAND;
	} else if (a->loose) {
		/* A value, or the script: what follows may still be an option. */
		a->loose = 0;
		a->script = 1;
	} else {
		a->answer = a->input ? CORE_ARGS_STDIN : CORE_ARGS_FILE;
	}
}

CORE_INLINE void core_args_word(struct core_args *a, __u8 c)
{
	if (a->len >= 8)
		return;
	a->word = a->word << 8 | c;
	a->len++;
}

CORE_INLINE void core_args_first(struct core_args *a, __u8 c)
{
	if (a->values) {
		a->values--;
		a->state = CORE_ARGS_SKIP;
	} else if (!a->ended && (c == '-' || (c == '+' && a->kinds & DIGLIM_KIND_SHELL))) {
		a->state = CORE_ARGS_DASH;
		a->loose = 0;
	} else {
		core_args_operand(a);
	}
}

/* busybox is what it is called; called by its own name, what its first argument says. */
CORE_INLINE void core_args_applet(struct core_args *a)
{
	const __u64 box = CORE_WORD3('b', 'o', 'x');
	__u64 w = a->word;

	a->word = 0;
	if (a->len >= 6 && ((w >> 8 * (a->len - 6) & 0xffffff) == box ||
			    (a->len >= 7 && (w >> 8 * (a->len - 7) & 0xffffff) == box))) {
		a->len = 0;
		a->number = 0xffffffff;
		return;
	}
	a->len = 0;
	a->kinds = 0;
	if (w == CORE_WORD2('s', 'h') || w == CORE_WORD3('a', 's', 'h') ||
	    w == CORE_WORD4('h', 'u', 's', 'h') || w == CORE_WORD4('b', 'a', 's', 'h'))
		a->kinds = DIGLIM_KIND_SHELL;
	else if (w == CORE_WORD3('a', 'w', 'k'))
		a->kinds = DIGLIM_KIND_AWK;
	else
		a->answer = CORE_ARGS_FILE;
}

/* The end of an argument. */
CORE_INLINE void core_args_next(struct core_args *a)
{
	if (!a->number) {
		if (a->kinds & DIGLIM_KIND_BUSYBOX)
			core_args_applet(a);
	} else if (!a->pos) {
		if (a->values)
			a->values--;
		else
			core_args_operand(a);
	} else if (a->state == CORE_ARGS_DASH) {
		if (a->kinds & DIGLIM_KIND_SHELL)
			a->ended = 1;
		else if (a->kinds & DIGLIM_KIND_AWK)
			core_args_operand(a);
		else
			a->answer = CORE_ARGS_STDIN;
	} else if (a->state == CORE_ARGS_LONG) {
		if (a->len)
			core_args_long(a, false);
		else
			a->ended = 1;
	} else if (a->state == CORE_ARGS_VALUE) {
		a->values++;
	}
	a->number++;
	a->pos = 0;
	a->state = CORE_ARGS_START;
}

CORE_INLINE void core_args_begin(struct core_args *a, __u32 kinds)
{
	__builtin_memset(a, 0, sizeof(*a));
	a->kinds = kinds;
	if (!kinds)
		a->answer = CORE_ARGS_FILE;
}

/* The next character; a NUL ends each argument, the first one is the program's name. */
CORE_INLINE void core_args_char(struct core_args *a, __u8 c)
{
	if (!c) {
		core_args_next(a);
		return;
	}
	if (!a->number) {
		if (c == '/') {
			a->word = 0;
			a->len = 0;
		} else if (c != '-' || a->len) {
			core_args_word(a, c);
		}
	} else if (a->state == CORE_ARGS_START) {
		a->word = 0;
		a->len = 0;
		core_args_first(a, c);
	} else if (a->state == CORE_ARGS_DASH && c == '-') {
		a->state = CORE_ARGS_LONG;
	} else if (a->state == CORE_ARGS_DASH || a->state == CORE_ARGS_CLUSTER) {
		a->state = CORE_ARGS_CLUSTER;
		core_args_letter(a, c);
	} else if (a->state == CORE_ARGS_LONG && c == '=') {
		core_args_long(a, true);
		a->state = CORE_ARGS_SKIP;
	} else if (a->state == CORE_ARGS_LONG) {
		core_args_word(a, c);
	} else if (a->state == CORE_ARGS_VALUE) {
		a->state = CORE_ARGS_SKIP;
	}
	a->pos++;
}

/* After the last argument. */
CORE_INLINE __u32 core_args_end(const struct core_args *a)
{
	if (a->answer)
		return a->answer;
	return a->script || a->kinds & (DIGLIM_KIND_AWK | DIGLIM_KIND_BUSYBOX) ? CORE_ARGS_FILE
									       : CORE_ARGS_STDIN;
}

#endif
