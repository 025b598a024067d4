/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"

#define WAIT_S 2 /* between looks for an attachment */

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int say(const struct err *e)
{
	fprintf(stderr, "diglimd: %s\n", e->text);
	return EXIT_FAILURE;
}

/* Attachments come and go; trouble with one is said once. */
static int run(struct daemon *d)
{
	struct err said = {0};

	while (!stop) {
		struct err e = {0};
		int r = follow(d, &stop, &e);

		if (r == -ENOTCONN)
			r = 0;
		if (r < 0 && strcmp(e.text, said.text) != 0) {
			say(&e);
			said = e;
		}
		if (d->once)
			return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
		if (!stop)
			sleep(WAIT_S);
	}
	return EXIT_SUCCESS;
}

static int usage(FILE *f, int status)
{
	fputs("Usage: diglimd [--once]\n"
	      "Brings DIGLIM's events into the journal, see diglimd(8).\n\n"
	      "  --once     Those that there are, then end\n"
	      "  --help     This text\n"
	      "  --version  Its version\n",
	      f);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"once", no_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	struct daemon d = {.argv = argv};
	struct err e = {0};
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (id == 'h')
			return usage(stdout, EXIT_SUCCESS);
		if (id == 'v')
			return printf("diglimd %s\n", DIGLIM_VERSION) < 0;
		if (id != 'o')
			return usage(stderr, EXIT_FAILURE);
		d.once = true;
	}
	if (optind < argc)
		return usage(stderr, EXIT_FAILURE);
	if (places_set(&d.places, NULL, &e) || config_read(d.places.conf, &d.config, &e) ||
	    places_make_dir(d.places.run, &e))
		return say(&e);
	catch_signals();
	log_open();
	audit_begin();
	return run(&d);
}
