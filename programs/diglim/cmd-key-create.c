/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-cert.h"
#include "verbs.h"
#include "../../lib/crypto/signer.h"

#define DAYS_DEFAULT 3650
#define DAYS_MAX     36500

static const char *const usage[] = {
	"key create --key FILE --cert FILE [--name OWNER] [--days N] [--passphrase]", NULL};

static const struct cli_option options[] = {
	{'k', "key", "FILE", "Where the private key goes (PEM)"},
	{'c', "cert", "FILE", "Where the certificate goes (PEM)"},
	{'n', "name", "OWNER", "Whose key it is, for messages (default: host name)"},
	{'d', "days", "N", "How long the certificate is good (default: 3650)"},
	{'p', "passphrase", NULL, "Ask for a passphrase and encrypt the private key"},
	{0, NULL, NULL, NULL},
};

struct args {
	const char *key, *cert, *name;
	unsigned days;
	bool passphrase;
};

/* Twice the same, since nobody sees what is typed. */
static int new_passphrase(char *buf, int size, const char *what, void *arg)
{
	char again[SIGNER_PASS_MAX];
	int len = cli_passphrase(buf, size, what, arg);

	if (len <= 0)
		return len;
	if (size > (int)sizeof(again))
		size = (int)sizeof(again);
	if (cli_passphrase(again, size, "The same again", arg) != len || strcmp(buf, again) != 0) {
		cli_say("the two passphrases differ");
		len = -EINVAL;
	}
	explicit_bzero(again, sizeof(again));
	return len;
}

static int parse_days(const char *text, unsigned *ret)
{
	char *end;
	unsigned long days = strtoul(text, &end, 10);

	if (*text < '1' || *text > '9' || *end || days > DAYS_MAX)
		return -EINVAL;
	*ret = (unsigned)days;
	return 0;
}

static int parse(struct cli *c, int argc, char **argv, struct args *a)
{
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		switch (id) {
		case 'k':
			a->key = optarg;
			break;
		case 'c':
			a->cert = optarg;
			break;
		case 'n':
			a->name = optarg;
			break;
		case 'd':
			if (parse_days(optarg, &a->days)) {
				cli_usage(c, "--days takes a number from 1 to %d", DAYS_MAX);
				return -EINVAL;
			}
			break;
		case 'p':
			a->passphrase = true;
			break;
		}
	}
	if (id < 0)
		return id;
	if (a->key && a->cert && optind == argc)
		return 0;
	cli_usage(c, "--key and --cert say where key and certificate go");
	return -EINVAL;
}

static int show(struct cli *c, const struct args *a, struct err *e)
{
	struct cert_set set = {0};
	int r = cert_set_read_file(&set, a->cert, 0, e);

	if (r > 0) {
		cert_show(c->out, set.certs[0], KEYS_OWNER, a->cert);
		out_str(c->out, "key", "Private key", a->key);
		out_blank(c->out);
		out_line(c->out, OUT_PLAIN, NULL,
			 "'diglim key add %s' makes this machine take what it signs.", a->cert);
	}
	cert_set_done(&set);
	return r < 0 ? r : 0;
}

static int key_create_run(struct cli *c, int argc, char **argv)
{
	struct args a = {.days = DAYS_DEFAULT};
	char host[64] = "";
	struct err e = {0};

	if (parse(c, argc, argv, &a) || cli_begin(c))
		return EXIT_TROUBLE;
	if (!a.name) {
		gethostname(host, sizeof(host) - 1);
		a.name = host;
	}
	if (signer_create(a.key, a.cert, a.name, a.days, a.passphrase ? new_passphrase : NULL, NULL,
			  &e) ||
	    show(c, &a, &e))
		return cli_fail(c, &e);
	return EXIT_YES;
}

const struct cli_verb verb_key_create = {
	.name = "create",
	.summary = "Make an owner's key and its certificate",
	.usage = usage,
	.options = options,
	.run = key_create_run,
};
