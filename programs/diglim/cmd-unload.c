/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common-kernel.h"
#include "verbs.h"
#include "../../abi/error.h"
#include "../../lib/base/hex.h"
#include "../../lib/format/listfile.h"

static const char *const usage[] = {"unload FILE|NAME|ID…", NULL};

enum { SAME_NAME_MAX = 64 };

/* The lists to take out: several may have one name. */
struct targets {
	const char *name;
	uint8_t id[SAME_NAME_MAX][DIGLIM_LIST_ID_SIZE];
	size_t n;
};

static int match_name(const uint8_t id[DIGLIM_LIST_ID_SIZE], const struct diglim_list_record *rec,
		      void *arg)
{
	struct targets *t = arg;

	if (strcmp(rec->name, t->name) == 0 && t->n < SAME_NAME_MAX)
		memcpy(t->id[t->n++], id, DIGLIM_LIST_ID_SIZE);
	return 0;
}

static int id_of_file(const char *path, struct targets *t, struct err *e)
{
	struct payload_info info = {0};
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, e);

	if (!r)
		r = payload_walk(lf.payload, lf.payload_len, path, &info, NULL, NULL, e);
	listfile_done(&lf);
	if (!r)
		memcpy(t->id[t->n++], info.list_id, DIGLIM_LIST_ID_SIZE);
	return r;
}

/* An identity, the name of a loaded list, or a list file: in this order. */
static int find(struct engine *g, const char *what, struct targets *t, struct err *e)
{
	struct stat st;
	int r;

	if (!hex_decode(what, strlen(what), t->id[0], DIGLIM_LIST_ID_SIZE)) {
		t->n = 1;
		return 0;
	}
	t->name = what;
	r = engine_lists(g, match_name, t, e);
	if (r || t->n)
		return r;
	if (stat(what, &st))
		return err_set(e, -ENOENT,
			       "%s: neither a loaded list, an identity nor a list file "
			       "('diglim status --lists' shows what is loaded)",
			       what);
	return id_of_file(what, t, e);
}

static int unload_one(struct cli *c, struct engine *g, const char *what)
{
	char hex[2 * DIGLIM_LIST_ID_SIZE + 1];
	struct targets t = {0};
	struct err e = {0};
	int r = find(g, what, &t, &e), status = EXIT_YES;

	if (r) {
		out_object(c->out, NULL, NULL);
		out_str(c->out, "asked", NULL, what);
		out_bool(c->out, "unloaded", NULL, false);
		out_str(c->out, "error", NULL, e.text);
		out_end(c->out);
		cli_say("%s", e.text);
		return r == -ENOENT ? EXIT_NO : EXIT_TROUBLE;
	}
	for (size_t i = 0; i < t.n; i++) {
		r = engine_list_remove(g, t.id[i], &e);
		hex_encode(t.id[i], DIGLIM_LIST_ID_SIZE, hex);
		out_object(c->out, NULL, NULL);
		out_str(c->out, "asked", NULL, what);
		out_str(c->out, "id", NULL, hex);
		out_bool(c->out, "unloaded", NULL, !r);
		if (r)
			out_str(c->out, "error", NULL, e.text);
		out_end(c->out);
		if (!r)
			out_line(c->out, OUT_GOOD, "[+]", "%s: unloaded (%s)", what, hex);
		else
			cli_say("%s: %s", what, e.text);
		if (r)
			status = r == -DIGLIM_E_ABSENT ? EXIT_NO : EXIT_TROUBLE;
	}
	return status;
}

static int unload_run(struct cli *c, int argc, char **argv)
{
	struct engine *g = NULL;
	struct err e = {0};
	int worst = EXIT_YES;

	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name the lists to take out");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	if (kernel_open(&g, &e))
		return cli_fail(c, &e);
	out_array(c->out, "lists", NULL);
	for (; optind < argc; optind++) {
		int status = unload_one(c, g, argv[optind]);

		worst = status > worst ? status : worst;
	}
	out_end(c->out);
	engine_close(g);
	return worst;
}

const struct cli_verb verb_unload = {
	.name = "unload",
	.summary = "Take lists out of the kernel",
	.usage = usage,
	.run = unload_run,
};
