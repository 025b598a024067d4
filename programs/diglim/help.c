/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --help, made from the tables that the options are parsed with, and "did you mean". */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "../../lib/output/text.h"

#define OPTION_COLUMN 22

static void print_option(FILE *f, const char *name, const char *arg, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", name, arg ? " " : "", arg ? arg : "");
	fprintf(f, "  %-*s %s\n", OPTION_COLUMN, left, help);
}

static void print_verbs(FILE *f, const struct cli_verb *const *verbs)
{
	for (; *verbs; verbs++)
		fprintf(f, "  %-*s %s\n", OPTION_COLUMN, (*verbs)->name, (*verbs)->summary);
}

void cli_help(FILE *f, const struct cli_verb *const *verbs)
{
	fprintf(f,
		"Usage: diglim VERB [OPTION…] [ARGUMENT…]\n\n"
		"Run only software whose file digests come from lists signed by keys you chose.\n\n"
		"Verbs:\n");
	print_verbs(f, verbs);
	fprintf(f, "\nOptions of every verb:\n");
	print_option(f, "json", NULL, "Answer in JSON");
	print_option(f, "help", NULL, "Show help for the verb");
	fprintf(f, "\nExit status: 0 yes, 1 no, 2 trouble.\n"
		   "'diglim VERB --help' explains a verb, diglim(8) everything.\n");
}

void cli_verb_help(const struct cli *c)
{
	const struct cli_verb *v = c->verb;

	for (size_t i = 0; v->usage[i]; i++)
		printf("%s diglim %s\n", i ? "      " : "Usage:", v->usage[i]);
	printf("\n%s.\n", v->summary);
	if (v->sub) {
		printf("\nVerbs:\n");
		print_verbs(stdout, v->sub);
	}
	printf("\nOptions:\n");
	for (const struct cli_option *o = v->options; o && o->name; o++)
		print_option(stdout, o->name, o->arg, o->help);
	if (v->root)
		print_option(stdout, "root", "DIR", "Work on the system below DIR");
	print_option(stdout, "json", NULL, "Answer in JSON");
	print_option(stdout, "help", NULL, "Show this help");
	if (v->text)
		printf("\n");
	for (size_t i = 0; v->text && v->text[i]; i++)
		printf("%s\n", v->text[i]);
}

/* The verb a person may have meant: one that begins alike, else the nearest within two edits. */
static const char *did_you_mean(const struct cli_verb *const *verbs, const char *word)
{
	const char *best = NULL;
	unsigned distance = 3;

	for (; *verbs; verbs++) {
		const char *name = (*verbs)->name;
		unsigned d = text_distance(name, word);

		if (*word && strncmp(name, word, strlen(word)) == 0)
			return name;
		if (d < distance && d < strlen(name)) {
			distance = d;
			best = name;
		}
	}
	return best;
}

static int unknown_verb(struct cli *c, const struct cli_verb *const *verbs, const char *word)
{
	const char *guess = did_you_mean(verbs, word);

	if (guess)
		return cli_usage(c, "unknown verb '%s': did you mean '%s'?", word, guess);
	return cli_usage(c, "unknown verb '%s'", word);
}

int cli_dispatch(struct cli *c, const struct cli_verb *const *verbs, int argc, char **argv)
{
	for (const struct cli_verb *const *v = verbs; *v; v++) {
		if (strcmp((*v)->name, argv[0]) != 0)
			continue;
		c->above = c->parent;
		c->parent = c->verb;
		c->verb = *v;
		return c->verb->run(c, argc, argv);
	}
	return unknown_verb(c, verbs, argv[0]);
}

/* Names the verbs below the one that was given. */
static int say_what(struct cli *c)
{
	const struct cli_verb *const *verbs = c->verb->sub;
	char names[256] = "";
	size_t n = 0;

	for (size_t i = 0; verbs[i] && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
				      !i	     ? ""
				      : verbs[i + 1] ? ", "
						     : " or ",
				      verbs[i]->name);
	return cli_usage(c, "say what to do: %s", names);
}

int cli_run_sub(struct cli *c, int argc, char **argv)
{
	if (argc < 2)
		return say_what(c);
	if (argv[1][0] != '-')
		return cli_dispatch(c, c->verb->sub, argc - 1, argv + 1);
	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	return cli_usage(c, "options stand behind the verb: %s", argv[1]);
}
