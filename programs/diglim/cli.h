/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all verbs share: table entry, options, answers, errors.
 *
 * Answers go to standard output through cli->out, everything else to standard error. A verb returns
 * its exit status.
 */
#ifndef DIGLIM_CLI_H
#define DIGLIM_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "../../lib/base/err.h"
#include "../../lib/output/out.h"
#include "../../lib/policy/config.h"
#include "../../lib/policy/keys.h"
#include "../../lib/policy/lists.h"
#include "../../lib/policy/places.h"

enum {
	EXIT_YES = 0,	  /* done; allowed; valid */
	EXIT_NO = 1,	  /* the answer is no, or a part could not be done */
	EXIT_TROUBLE = 2, /* no answer: usage, input or system error */
};

/* Ids of options above any character. Verbs use characters. */
enum { CLI_OPT_JSON = 1000, CLI_OPT_ROOT, CLI_OPT_HELP };

struct cli_option {
	int id;		  /* returned by cli_option() */
	const char *name; /* long name; NULL ends the table */
	const char *arg;  /* what its argument is called; NULL: takes none */
	const char *help; /* one line */
};

struct cli;

struct cli_verb {
	const char *name;
	const char *summary;	  /* one line, no full stop */
	const char *const *usage; /* lines without "diglim ", ended by NULL */
	const char *const *text;  /* --help: lines after the options, ended by NULL; or NULL */
	const struct cli_option *options;
	bool root;			   /* takes --root */
	bool lines;			   /* --json: one document a line, by out_record() */
	const struct cli_verb *const *sub; /* key: verbs below this one, ended by NULL */
	int (*run)(struct cli *c, int argc, char **argv);
};

struct cli {
	const struct cli_verb *verb;
	const struct cli_verb *parent; /* of a sub-verb */
	const struct cli_verb *above;  /* of the parent */
	bool json;
	bool json_ahead; /* --json stands somewhere, perhaps behind what is wrong */
	const char *root;
	struct places places;
	struct config config;
	struct out *out;
	bool answered; /* out_finish() is done */
};

/* Runs the verb of @verbs (ended by NULL) that argv[0] names. */
int cli_dispatch(struct cli *c, const struct cli_verb *const *verbs, int argc, char **argv);

/* run() of a verb that has nothing but verbs below it. */
int cli_run_sub(struct cli *c, int argc, char **argv);

/*
 * The next option of the verb: its id, with optarg set; 0 when there are none left and optind
 * points to the first argument; negative after a message: the verb returns EXIT_TROUBLE.
 */
int cli_option(struct cli *c, int argc, char **argv);

/* Places and answer, once the options are known. Negative after a message. */
int cli_begin(struct cli *c);

/* The same and the configuration. */
int cli_begin_configured(struct cli *c);

/* Prints the answer. @status, or EXIT_TROUBLE if it could not be written. */
int cli_finish(struct cli *c, int status);

/* One line on standard error, "diglim: …", escaped. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Says what went wrong, gives {"error": …} instead of a document in JSON. EXIT_TROUBLE. */
int cli_fail(struct cli *c, const struct err *e);

/* A wrong command line: says so and where help is. EXIT_TROUBLE. */
int cli_usage(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Asks on the terminal. 1 yes, 0 no, negative: there is nobody to ask, said so. @yes: --yes was
 * given.
 */
int cli_confirm(struct cli *c, bool yes, const char *question);

/* Passphrase or PIN from the terminal; a signer_pass_fn. */
int cli_passphrase(char *buf, int size, const char *what, void *arg);

void cli_help(FILE *f, const struct cli_verb *const *verbs);
void cli_verb_help(const struct cli *c);

#endif
