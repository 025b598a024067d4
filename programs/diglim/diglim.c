/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "verbs.h"
#include "../../lib/crypto/memory.h"

/* The table of contents: each verb is described and carried out in cmd-<verb>.c. */
static const struct cli_verb *const table[] = {
	&verb_doctor,  &verb_key,   &verb_import,  &verb_inspect, &verb_verify, &verb_sign,
	&verb_deny,    &verb_floor, &verb_control, &verb_attach,  &verb_detach, &verb_load,
	&verb_unload,  &verb_sync,  &verb_mode,	   &verb_seal,	  &verb_status, &verb_explain,
	&verb_watch,   &verb_log,   &verb_query,   &verb_scan,	  &verb_check,	&verb_apt,
	&verb_prepare, &verb_setup, &verb_enforce, &verb_confirm, &verb_attest, NULL,
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

static bool json_asked;

/* Nothing is half-done here: files are written under another name first, without OpenSSL. */
static void out_of_memory(void)
{
	static const char said[] = "diglim: out of memory\n";
	static const char answer[] = "{\"error\": \"out of memory\", \"code\": 12}\n";
	ssize_t n = write(STDERR_FILENO, said, sizeof(said) - 1);

	if (json_asked)
		n = write(STDOUT_FILENO, answer, sizeof(answer) - 1);
	(void)n;
	_exit(EXIT_TROUBLE);
}

int main(int argc, char **argv)
{
	struct cli c = {0};
	int status;

	if (crypto_memory_guard(out_of_memory))
		out_of_memory();
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		c.json_ahead |= strcmp(argv[i], "--json") == 0;
	json_asked = c.json_ahead;
	status = run_verb(&c, argc - 1, argv + 1);
	status = cli_finish(&c, status);
	out_free(c.out);
	return status;
}
