/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-boot.h"
#include "common-cert.h"
#include "common-doctor.h"
#include "common-judge.h"
#include "verbs.h"
#include "../../lib/base/root.h"
#include "../../lib/output/text.h"
#include "../../lib/output/names.h"

static const char *const usage[] = {"doctor", NULL};

static const char *const text[] = {
	"[+] is in order, [-] is required and missing, [?] is worth knowing; each of the last",
	"two names its fix. Exit status 1: something required is missing.", NULL};

static void check_key_files(struct doctor *d)
{
	char fpr[CERT_HEX_MAX];

	for (size_t i = 0; i < d->keys.n_files; i++) {
		const struct keys_file *f = &d->keys.files[i];
		size_t usable = 0;

		if (f->broken.code) {
			doctor_note(d, "key file", f->broken.text,
				    "diglim key add the right one, "
				    "remove %s",
				    f->path);
			continue;
		}
		for (size_t k = 0; k < f->certs.n; k++) {
			const struct cert *c = f->certs.certs[k];

			usable += cert_has_der(c);
			if (c->state == CERT_EXPIRED)
				doctor_note(d, "key", c->why,
					    "get the vendor's current key: diglim "
					    "key add FILE");
		}
		if (!usable && f->certs.n)
			doctor_note(d, "key", f->certs.certs[0]->why, "diglim key remove %s",
				    cert_fingerprint(f->certs.certs[0], fpr));
	}
}

static size_t count_usable(const struct cert_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += cert_has_der(set->certs[i]);
	return n;
}

static void check_keys(struct doctor *d)
{
	size_t vendor = count_usable(&d->keys.set[KEYS_VENDOR]);
	size_t owner = count_usable(&d->keys.set[KEYS_OWNER]);
	struct stat st;

	if (vendor)
		doctor_good(d, "vendor keys", "%zu", vendor);
	if (owner)
		doctor_good(d, "owner's keys", "%zu", owner);
	if (!vendor && !owner)
		doctor_note(d, "keys", "none, so nobody can vouch for anything", "%s",
			    !stat("/etc/pki/rpm-gpg", &st)
				    ? "diglim key add /etc/pki/rpm-gpg/RPM-GPG-KEY-*"
				    : "diglim key create --key KEY.pem --cert CERT.pem, then "
				      "diglim key add CERT.pem");
	if (!access("/proc/sys/kernel/keys", F_OK))
		doctor_good(d, "kernel keyrings", "present");
	else
		doctor_bad(d, "kernel keyrings", "this kernel has no key management",
			   "boot a kernel built with CONFIG_KEYS=y, as Debian's are");
	check_key_files(d);
}

static time_t newest_list(const struct lists *l)
{
	time_t newest = 0;
	struct stat st;

	for (size_t i = 0; i < l->n; i++)
		if (!stat(l->paths[i], &st) && st.st_mtime > newest)
			newest = st.st_mtime;
	return newest;
}

static time_t changed(const char *root, const char *path)
{
	int fd = root_open(root, path, O_PATH, NULL);
	struct stat st = {0};

	if (fd < 0)
		return 0;
	if (fstat(fd, &st))
		st.st_mtime = 0;
	close(fd);
	return st.st_mtime;
}

static time_t rpmdb_changed(const char *root)
{
	static const char *const db[] = {"/usr/lib/sysimage/rpm/rpmdb.sqlite",
					 "/var/lib/rpm/rpmdb.sqlite",
					 "/usr/lib/sysimage/rpm/Packages.db",
					 "/var/lib/rpm/Packages.db", "/var/lib/rpm/Packages"};
	time_t newest = 0;

	for (size_t i = 0; i < sizeof(db) / sizeof(*db); i++)
		if (changed(root, db[i]) > newest)
			newest = changed(root, db[i]);
	return newest;
}

static void check_lists(struct doctor *d)
{
	const char *root = d->c->places.root;
	time_t newest = newest_list(&d->lists), rpm = rpmdb_changed(root);
	time_t dpkg = changed(root, "/var/lib/dpkg/status");
	char when[TEXT_TIME_MAX];

	if (!d->lists.n && rpm) {
		doctor_note(d, "lists", "none, so nothing is vouched for", "diglim import --rpmdb");
		return;
	}
	if (!d->lists.n) {
		doctor_note(d, "lists", "none, so nothing is vouched for",
			    "diglim import FILE.rpm, or diglim sign /usr /etc --name system with "
			    "your own key");
		return;
	}
	doctor_good(d, "lists", "%zu, the newest of %s", d->lists.n,
		    text_time(when, (int64_t)newest, -1));
	/* "diglim import --rpmdb" leaves its time at the directory. */
	if (rpm > newest && rpm > changed(root, PLACES_LISTS_MADE))
		doctor_note(d, "lists and packages",
			    "packages were installed or removed since the lists were made",
			    "diglim import --rpmdb");
	else if (dpkg > newest)
		doctor_note(d, "lists and packages",
			    "packages were installed or removed since the lists were made",
			    "make the lists of what changed again: diglim sign PATH");
}

/* Programs without which nobody gets in any more. */
static void check_essential(struct doctor *d, struct engine *g)
{
	struct judge_files files = {0};
	struct err e = {0};
	int r = judge_add_process(&files, getpid(), &e);

	if (!r)
		r = judge_add_process(&files, 1, &e);
	if (!r)
		r = judge_ask(&files, g, &e);
	if (r)
		doctor_note(d, "diglim and init", e.text, "run diglim doctor as root");
	for (size_t i = 0; !r && i < files.n; i++) {
		char *word = text_shell_word(files.files[i].path);

		if (files.files[i].reason != DIGLIM_REASON_VOUCHED)
			doctor_note(d, files.files[i].path,
				    "needed by diglim or init, and enforcing would refuse it",
				    "diglim explain %s", word ? word : "");
		free(word);
	}
	judge_files_done(&files);
}

static void check_attached(struct doctor *d)
{
	struct engine *g = NULL;
	struct engine_status s;
	struct err e = {0};

	if (d->c->places.root[0])
		return;
	boot_doctor(d);
	if (d->attached < 0) {
		doctor_note(d, "attached", "cannot be told", "run diglim doctor as root");
		return;
	}
	if (!d->attached) {
		doctor_note(d, "attached", "no: nothing is judged", "diglim attach");
		return;
	}
	if (engine_open(&g, &e) || engine_status_get(g, &s, &e)) {
		doctor_bad(d, "attached", e.text, "diglim detach; diglim attach");
		engine_close(g);
		return;
	}
	doctor_good(d, "attached", "mode %s, %llu lists, %llu digests", names_mode(s.mode),
		    (unsigned long long)s.state.lists, (unsigned long long)s.state.digests);
	if (s.state.lists < d->lists.n)
		doctor_note(d, "loaded lists", "fewer than there are on disk",
			    "diglim load %s %s %s", d->c->places.lists[0], d->c->places.lists[1],
			    d->c->places.lists[2]);
	check_essential(d, g);
	engine_close(g);
}

static void group(struct doctor *d, const char *key, const char *name, void (*fn)(struct doctor *))
{
	out_line(d->c->out, OUT_BOLD, "=>", "%s", name);
	out_array(d->c->out, key, NULL);
	fn(d);
	out_end(d->c->out);
}

static int summarise(const struct doctor *d)
{
	out_bool(d->c->out, "ready", NULL, !d->missing);
	out_blank(d->c->out);
	if (d->missing)
		out_line(d->c->out, OUT_BAD, NULL,
			 "This machine cannot do it: %zu missing [-], %zu worth knowing [?]",
			 d->missing, d->notes);
	else
		out_line(d->c->out, OUT_GOOD, NULL, "This machine can do it: %zu worth knowing [?]",
			 d->notes);
	return d->missing ? EXIT_NO : EXIT_YES;
}

static int doctor_run(struct cli *c, int argc, char **argv)
{
	struct doctor d = {.c = c};
	struct err e = {0};
	int status, r;

	if (cli_option(c, argc, argv) < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin_configured(c))
		return EXIT_TROUBLE;
	r = keys_read(&d.keys, &c->places, &e);
	if (!r)
		r = lists_add_places(&d.lists, &c->places, &e);
	if (r) {
		status = cli_fail(c, &e);
	} else {
		d.attached = engine_is_attached(NULL);
		group(&d, "kernel", "Kernel", doctor_kernel);
		group(&d, "keys", "Keys", check_keys);
		group(&d, "lists", "Lists", check_lists);
		group(&d, "attached", "Attached", check_attached);
		status = summarise(&d);
	}
	lists_done(&d.lists);
	keys_done(&d.keys);
	return status;
}

const struct cli_verb verb_doctor = {
	.name = "doctor",
	.summary = "Tell whether this machine can do it, and how to make it so",
	.usage = usage,
	.text = text,
	.root = true,
	.run = doctor_run,
};
