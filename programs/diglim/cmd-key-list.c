/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common-cert.h"
#include "verbs.h"

static const char *const usage[] = {"key list", NULL};

static int list_file(struct cli *c, const struct keys_file *f)
{
	if (f->broken.code) {
		cli_say("%s", f->broken.text);
		out_object(c->out, NULL, NULL);
		out_str(c->out, "file", NULL, f->path);
		out_str(c->out, "error", NULL, f->broken.text);
		out_end(c->out);
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < f->certs.n; i++) {
		out_object(c->out, NULL, NULL);
		cert_show(c->out, f->certs.certs[i], f->kind, f->path);
		out_str(c->out, "kind", NULL, keys_kind_name(f->kind));
		out_end(c->out);
		out_blank(c->out);
	}
	return EXIT_YES;
}

static int key_list_run(struct cli *c, int argc, char **argv)
{
	int status = EXIT_YES, id = cli_option(c, argc, argv);
	struct keys keys = {0};
	struct err e = {0};

	if (id < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	if (keys_read(&keys, &c->places, &e)) {
		keys_done(&keys);
		return cli_fail(c, &e);
	}
	out_array(c->out, "keys", NULL);
	for (size_t i = 0; i < keys.n_files; i++) {
		int r = list_file(c, &keys.files[i]);

		status = r > status ? r : status;
	}
	out_end(c->out);
	if (!keys.n_files)
		out_line(c->out, OUT_PLAIN, NULL,
			 "No keys: 'diglim key add FILE' adds the one of your distribution");
	keys_done(&keys);
	return status;
}

const struct cli_verb verb_key_list = {
	.name = "list",
	.summary = "Show the keys that are trusted",
	.usage = usage,
	.root = true,
	.run = key_list_run,
};
