/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "verbs.h"

/* The table of contents: each verb is described and carried out in cmd-<verb>.c. */
static const struct cli_verb *const table[] = {
	&verb_doctor, &verb_key,     &verb_import, &verb_inspect, &verb_verify, &verb_sign,
	&verb_attach, &verb_detach,  &verb_load,   &verb_unload,  &verb_mode,	&verb_seal,
	&verb_status, &verb_explain, &verb_watch,  &verb_log,	  &verb_query,	NULL,
};

static int run_verb(struct cli *c, int argc, char **argv)
{
	if (!argc) {
		cli_help(stderr, table);
		return EXIT_TROUBLE;
	}
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
	    strcmp(argv[0], "help") == 0) {
		cli_help(stdout, table);
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_YES;
	}
	if (strcmp(argv[0], "--version") == 0) {
		printf("diglim %s\n", DIGLIM_VERSION);
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_YES;
	}
	if (argv[0][0] == '-')
		return cli_usage(c, "options stand behind the verb: %s", argv[0]);
	return cli_dispatch(c, table, argc, argv);
}

int main(int argc, char **argv)
{
	struct cli c = {0};
	int status;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		c.json_ahead |= strcmp(argv[i], "--json") == 0;
	status = run_verb(&c, argc - 1, argv + 1);
	status = cli_finish(&c, status);
	out_free(c.out);
	return status;
}
