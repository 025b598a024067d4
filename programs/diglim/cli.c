/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "../../lib/output/text.h"

enum { OPTIONS_MAX = 24 };

void cli_say(const char *fmt, ...)
{
	char *text, *safe = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text)
		safe = text_safe(text);
	fprintf(stderr, "diglim: %s\n", safe ? safe : "no memory for a message");
	free(safe);
	free(text);
}

/* Trouble is the whole document, or the last line. */
static int answer_trouble(struct cli *c, const char *text, int code)
{
	out_free(c->out);
	c->out = out_new(stdout, true, false);
	if (!c->out)
		return EXIT_TROUBLE;
	out_str(c->out, "error", NULL, text);
	out_num(c->out, "code", NULL, (unsigned)(code < 0 ? -code : code));
	if (c->verb && c->verb->lines)
		out_record(c->out, NULL);
	return cli_finish(c, EXIT_TROUBLE);
}

int cli_fail(struct cli *c, const struct err *e)
{
	const char *text = e->text[0] ? e->text : err_name(e->code);

	cli_say("%s", text);
	return c->json ? answer_trouble(c, text, e->code) : EXIT_TROUBLE;
}

int cli_usage(struct cli *c, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	cli_say("%s", text ? text : "wrong usage");
	fprintf(stderr, "Try 'diglim%s%s%s%s%s%s --help'.\n", c->above ? " " : "",
		c->above ? c->above->name : "", c->parent ? " " : "",
		c->parent ? c->parent->name : "", c->verb ? " " : "", c->verb ? c->verb->name : "");
	if (c->json || c->json_ahead)
		answer_trouble(c, text ? text : "wrong usage", EINVAL);
	free(text);
	return EXIT_TROUBLE;
}

static void add_long(struct option *o, const char *name, bool arg, int id)
{
	*o = (struct option){name, arg ? required_argument : no_argument, NULL, id};
}

static void fill_options(const struct cli_verb *v, struct option table[OPTIONS_MAX])
{
	size_t n = 0;

	memset(table, 0, OPTIONS_MAX * sizeof(*table));
	for (const struct cli_option *o = v->options; o && o->name && n < OPTIONS_MAX - 4; o++)
		add_long(&table[n++], o->name, o->arg, o->id);
	add_long(&table[n++], "json", false, CLI_OPT_JSON);
	add_long(&table[n++], "help", false, CLI_OPT_HELP);
	if (v->root)
		add_long(&table[n], "root", true, CLI_OPT_ROOT);
}

int cli_option(struct cli *c, int argc, char **argv)
{
	struct option table[OPTIONS_MAX];
	int id;

	fill_options(c->verb, table);
	opterr = 0;
	for (;;) {
		id = getopt_long(argc, argv, ":h", table, NULL);
		switch (id) {
		case -1:
			return 0;
		case CLI_OPT_JSON:
			c->json = true;
			break;
		case CLI_OPT_ROOT:
			c->root = optarg;
			break;
		case 'h':
		case CLI_OPT_HELP:
			cli_verb_help(c);
			exit(fflush(stdout) ? EXIT_TROUBLE : EXIT_YES);
		case ':':
			cli_usage(c, "%s needs an argument", argv[optind - 1]);
			return -EINVAL;
		case '?':
			cli_usage(c, "unknown or ambiguous option %s", argv[optind - 1]);
			return -EINVAL;
		default:
			return id;
		}
	}
}

int cli_begin(struct cli *c)
{
	struct err e = {0};

	c->out = out_new(stdout, c->json, false);
	if (!c->out) {
		cli_say("no memory");
		return -ENOMEM;
	}
	if (places_set(&c->places, c->root, &e)) {
		cli_fail(c, &e);
		return e.code;
	}
	config_defaults(&c->config);
	return 0;
}

int cli_begin_configured(struct cli *c)
{
	struct err e = {0};
	int r = cli_begin(c);

	if (r)
		return r;
	r = config_read(c->places.conf, &c->config, &e);
	if (r)
		cli_fail(c, &e);
	return r;
}

int cli_finish(struct cli *c, int status)
{
	struct err e = {0};

	if (c->answered || !c->out)
		return status;
	c->answered = true;
	if (c->verb && c->verb->lines ? !fflush(stdout) : !out_finish(c->out, &e))
		return status;
	cli_say("%s", e.text[0] ? e.text : "cannot write the answer");
	return EXIT_TROUBLE;
}

int cli_confirm(struct cli *c, bool yes, const char *question)
{
	char line[16] = "";

	(void)c;
	if (yes)
		return 1;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		cli_say("there is no terminal to ask on: say --yes if this is what you want");
		return -ENOTTY;
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	return line[0] == 'y' || line[0] == 'Y';
}

int cli_passphrase(char *buf, int size, const char *what, void *arg)
{
	struct termios old, quiet;
	char *safe;
	int len;

	(void)arg;
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &old))
		return -ENOTTY;
	safe = text_safe(what);
	fprintf(stderr, "%s: ", safe ? safe : "Passphrase");
	free(safe);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	if (!fgets(buf, size, stdin))
		*buf = '\0';
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	fputc('\n', stderr);
	len = (int)strcspn(buf, "\n");
	buf[len] = '\0';
	return len;
}
