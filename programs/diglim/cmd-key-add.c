/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common-cert.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/base/io.h"

#define KEY_FILE_MAX (4U << 20)

static const char *const usage[] = {"key add FILE… [--vendor|--owner|--restricted] [--yes]", NULL};

static const struct cli_option options[] = {
	{'v', "vendor", NULL, "The key vouches for RPM packages (default for OpenPGP)"},
	{'o', "owner", NULL, "The key vouches for lists of the owner (default for X.509)"},
	{'r', "restricted", NULL, "The key vouches for what 'diglim key limit' permits"},
	{'y', "yes", NULL, "Do not ask"},
	{0, NULL, NULL, NULL},
};

/* A file that is to be added. */
struct addition {
	const char *file;
	struct cert_set set;
	struct buf data;
	enum keys_kind kind;
	int revokes;	     /* keys that are trusted, and that it takes back */
	bool older;	     /* some of its keys were revoked since */
	char path[PATH_MAX]; /* where it will be kept */
};

struct args {
	bool yes;
	bool forced;
	enum keys_kind kind; /* if forced */
};

static size_t count_usable(const struct cert_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += cert_has_der(set->certs[i]);
	return n;
}

/* Into the kernel too, if DIGLIM is attached; the file alone counts otherwise. */
static int tell_kernel(struct cli *c, enum keys_kind kind, const struct cert_set *set,
		       struct err *e)
{
	struct kernel_rings rings;
	struct engine *g = NULL;
	size_t failed = 0;
	int r;

	if (c->places.root[0] || engine_is_attached(NULL) <= 0)
		return 0;
	r = engine_refuse_sealed(e);
	if (!r)
		r = engine_open(&g, e);
	if (!r)
		r = kernel_rings(g, &rings, e);
	if (!r)
		r = kernel_add_certs(rings.serial[kind], set, &failed, e);
	engine_close(g);
	if (r >= 0 && failed)
		return err_set(e, -EKEYREJECTED, "the kernel refused a key of the file");
	return r < 0 ? r : 1;
}

static int store(struct cli *c, const struct addition *add, struct err *e)
{
	const char *dir = keys_dir(&c->places, add->kind);
	struct io_part part = {add->data.data, add->data.len};
	int r = places_make_dir(dir, e);

	if (!r)
		r = io_write_atomic(add->path, &part, 1, 0644, e);
	if (r)
		return r;
	out_str(c->out, "file", NULL, add->path);
	r = add->revokes ? kernel_refill_rings(c, e) : tell_kernel(c, add->kind, &add->set, e);
	if (r < 0)
		return r;
	out_bool(c->out, "in_kernel", NULL, r);
	out_line(c->out, OUT_GOOD, NULL, "Added as %s%s", add->path, r ? " and to the kernel" : "");
	if (add->revokes)
		out_line(c->out, OUT_WARN, NULL,
			 "%d trusted keys are revoked by it. Lists that they signed and that are "
			 "loaded stay: 'diglim unload' takes them out",
			 add->revokes);
	return 0;
}

static void show(struct cli *c, const char *file, const struct cert_set *set, enum keys_kind kind)
{
	out_line(c->out, OUT_BOLD, NULL, "%s", file);
	out_array(c->out, "keys", NULL);
	for (size_t i = 0; i < set->n; i++) {
		out_object(c->out, NULL, NULL);
		cert_show(c->out, set->certs[i], kind, NULL);
		out_end(c->out);
		out_blank(c->out);
	}
	out_end(c->out);
}

/*
 * What the file and the trusted keys know of each other's revocations, and where it will be kept.
 * One that only revokes goes beside the key: an older copy must not take its place later.
 */
static int compare(struct cli *c, struct addition *add, struct err *e)
{
	size_t usable = count_usable(&add->set), len;
	struct keys keys = {0};
	int r = keys_read(&keys, &c->places, e);

	if (!r) {
		add->revokes = keys_revoke(&keys, &add->set);
		if (add->revokes < 0)
			r = err_set(e, add->revokes, "no memory for the keys");
	}
	keys_done(&keys);
	if (!r)
		r = keys_file_path(add->path, &c->places, add->kind, &add->set, e);
	add->older = count_usable(&add->set) < usable;
	len = strlen(add->path);
	if (!r && !count_usable(&add->set) &&
	    (size_t)snprintf(add->path + len, PATH_MAX - len, ".revoked") >= PATH_MAX - len)
		r = err_set(e, -ENAMETOOLONG, "%s: name too long", add->path);
	return r;
}

/* May it be added at all? */
static bool is_of_use(const struct addition *add)
{
	if (!count_usable(&add->set) && !add->revokes) {
		cli_say("%s: no key in it is of use: not added", add->file);
		return false;
	}
	/* It would take the place of the revocation. */
	if (add->older && !access(add->path, F_OK)) {
		cli_say("%s: older than %s, which has a revocation of a key in it: not added",
			add->file, add->path);
		return false;
	}
	return true;
}

static const char *question(const struct addition *add)
{
	if (!count_usable(&add->set))
		return "Stop trusting what this revokes?";
	if (add->kind == KEYS_RESTRICTED)
		return "Trust what this key signs, within the limit that the owner gives it?";
	return add->kind == KEYS_VENDOR ? "Trust every RPM package signed by this key?"
					: "Trust every list signed by this key?";
}

/* One read key file. Returns an exit status. */
static int decide(struct cli *c, const struct args *a, struct addition *add)
{
	struct err e = {0};
	int yes;

	if (compare(c, add, &e)) {
		cli_say("%s", e.text);
		return EXIT_TROUBLE;
	}
	show(c, add->file, &add->set, add->kind);
	out_num(c->out, "revokes", NULL, (uint64_t)add->revokes);
	out_bool(c->out, "added", NULL, false); /* replaced below */
	if (!is_of_use(add))
		return EXIT_NO;
	fflush(stdout);
	yes = cli_confirm(c, a->yes, question(add));
	if (yes < 0)
		return EXIT_TROUBLE;
	if (!yes)
		return EXIT_NO;
	if (store(c, add, &e)) {
		cli_say("%s", e.text);
		return EXIT_TROUBLE;
	}
	out_bool(c->out, "added", NULL, true);
	return EXIT_YES;
}

static int add_file(struct cli *c, const struct args *a, const char *file)
{
	struct addition add = {.file = file};
	struct err e = {0};
	int status = EXIT_TROUBLE;

	out_object(c->out, NULL, NULL);
	out_str(c->out, "from", NULL, file);
	if (io_read_file(file, KEY_FILE_MAX, &add.data, &e) ||
	    cert_set_read(&add.set, add.data.data, add.data.len, file, 0, &e) < 0) {
		cli_say("%s", e.text);
		out_str(c->out, "error", NULL, e.text);
	} else {
		add.kind = a->forced ? a->kind : keys_kind_guess(&add.set);
		status = decide(c, a, &add);
	}
	out_end(c->out);
	cert_set_done(&add.set);
	buf_free(&add.data);
	return status;
}

static int key_add_run(struct cli *c, int argc, char **argv)
{
	struct args a = {0};
	int id, worst = EXIT_YES;
	enum keys_kind kind;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'y') {
			a.yes = true;
			continue;
		}
		kind = id == 'v' ? KEYS_VENDOR : id == 'o' ? KEYS_OWNER : KEYS_RESTRICTED;
		if (a.forced && a.kind != kind)
			return cli_usage(c, "--vendor, --owner or --restricted: one of them");
		a.forced = true;
		a.kind = kind;
	}
	if (id < 0)
		return EXIT_TROUBLE;
	if (optind == argc)
		return cli_usage(c, "name the files with the keys");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	out_array(c->out, "files", NULL);
	for (; optind < argc; optind++) {
		int status = add_file(c, &a, argv[optind]);

		worst = status > worst ? status : worst;
	}
	out_end(c->out);
	return worst;
}

const struct cli_verb verb_key_add = {
	.name = "add",
	.summary = "Show the keys of a file and trust them",
	.usage = usage,
	.options = options,
	.root = true,
	.run = key_add_run,
};
