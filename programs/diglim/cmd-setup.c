/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-measure.h"
#include "common-setup.h"
#include "verbs.h"
#include "../../lib/engine/engine.h"

static const char *const usage[] = {"setup [--measure] [--dry-run] [--create-key] [--yes]",
				    "setup --undo [--dry-run]", NULL};

static const struct cli_option options[] = {
	{'u', "undo", NULL, "Undo what setup has changed, and nothing else"},
	{'n', "dry-run", NULL, "Say what would be changed, change nothing"},
	{'m', "measure", NULL, "Have lists and keys measured into the TPM, too"},
	{'k', "create-key", NULL, "Make an owner's key on this machine if nobody could sign lists"},
	{'y', "yes", NULL, "Do not ask"},
	{0, NULL, NULL, NULL},
};

static const char *const text[] = {
	"Afterwards, and after a reboot, this machine is judged in audit mode from its first "
	"program",
	"on: nothing is refused.",
	NULL,
};

#define OWNER_KEY   "/etc/diglim/owner.pem"
#define OWNER_CERT  "/etc/diglim/owner.crt"
#define BOOTARG	    "/usr/lib/diglim/bootarg"
#define UNITS	    "diglimd.service diglim-sync.service"
#define COMMAND_MAX SETUP_COMMAND_MAX

struct setup {
	struct cli *c;
	struct undo undo;
	bool dry, create_key, yes, undoing, measure;
	bool rpm; /* else dpkg */
	bool trouble;
};

/* One change: what it is, whether it is needed, and making it. */
struct step {
	const char *(*what)(struct setup *s, char buf[COMMAND_MAX]); /* NULL: not needed */
	int (*make)(struct setup *s, const char *what, struct err *e);
};

/* Debian's packages, and IMA's policy, which the kernel reads as it does a module. */
static bool needs_owner(const struct setup *s)
{
	return !s->rpm || (s->measure && measure_lacks_policy(s->c));
}

/* Noted first, so that it is undone last. */
static const char *what_again(struct setup *s, char buf[COMMAND_MAX])
{
	return setup_initramfs(s->c) ? "" : NULL;
}

static int make_again(struct setup *s, const char *what, struct err *e)
{
	return undo_note_command(&s->undo, setup_initramfs(s->c), e);
}

static const char *what_conf(struct setup *s, char buf[COMMAND_MAX])
{
	return s->c->config.start == CONFIG_START_NO ? PLACES_CONF
		       ": [boot] start = late (mode audit)"
						     : NULL;
}

static int make_conf(struct setup *s, const char *what, struct err *e)
{
	int r = undo_note_file(&s->undo, PLACES_CONF, e);

	return r ? r : setup_conf(s->c, "boot", "start", "late", e);
}

static const char *what_key(struct setup *s, char buf[COMMAND_MAX])
{
	if (!s->create_key || *s->c->config.sign_key || !needs_owner(s))
		return NULL;
	return OWNER_KEY ": an owner's key, whose lists vouch for what carries no signature that "
			 "the kernel could check";
}

static int make_key(struct setup *s, const char *what, struct err *e)
{
	const char *root = s->c->places.root;
	char command[2 * PATH_MAX];
	int r = 0;

	/* This verb knows no other system: its files are named in full. */
	snprintf(command, sizeof(command),
		 "exec /proc/%d/exe key create --name Owner --key '%s" OWNER_KEY
		 "' --cert '%s" OWNER_CERT "'",
		 getpid(), root, root);
	if (!setup_is_there(s->c, OWNER_KEY))
		r = undo_run("", command, e);
	if (r > 0)
		r = err_set(e, -EIO, "diglim key create: exit status %d", r);
	if (!r)
		r = undo_note_file(&s->undo, PLACES_CONF, e);
	if (!r)
		r = setup_conf(s->c, "sign", "cert", OWNER_CERT, e);
	if (!r)
		r = setup_conf(s->c, "sign", "key", OWNER_KEY, e);
	snprintf(command, sizeof(command), "key add --owner --yes '%s" OWNER_CERT "'", root);
	return r ? r : setup_run_verb(s->c, command, e);
}

static const char *what_trust(struct setup *s, char buf[COMMAND_MAX])
{
	return s->rpm ? "key sync --yes" : NULL;
}

/* A key made below another root is not where the configuration says. */
static const char *with_key(struct setup *s, const char *words, char buf[COMMAND_MAX])
{
	const char *root = s->c->places.root;

	if (!s->create_key || !*root)
		return words;
	snprintf(buf, COMMAND_MAX, "%s --key '%.150s" OWNER_KEY "' --cert '%.150s" OWNER_CERT "'",
		 words, root, root);
	return buf;
}

/* On Debian the owner's key vouches. */
static const char *what_lists(struct setup *s, char buf[COMMAND_MAX])
{
	if (s->rpm)
		return "import --rpmdb";
	return with_key(s, "import --dpkg", buf);
}

/* 1: a package that nobody vouches for, as it has said. */
static int make_verb(struct setup *s, const char *what, struct err *e)
{
	int r = setup_run_verb(s->c, what, e);

	s->trouble |= r == EXIT_NO;
	return r < 0 ? r : 0;
}

/* The list of security modules that the kernel would have with bpf among them; NULL: it has. */
static const char *what_lsm(struct setup *s, char buf[COMMAND_MAX])
{
	char lsm[200] = "";
	const char *rest = lsm;
	FILE *f;

	if (*s->c->places.root || !setup_is_there(s->c, BOOTARG))
		return NULL;
	f = fopen("/sys/kernel/security/lsm", "re");
	if (f && fgets(lsm, sizeof(lsm), f))
		lsm[strcspn(lsm, "\n")] = '\0';
	if (f)
		fclose(f);
	if (!*lsm || strstr(lsm, "bpf"))
		return NULL;
	if (!strncmp(rest, "capability,", 11))
		rest += 11;
	snprintf(buf, COMMAND_MAX, BOOTARG " add lsm=%s,bpf", rest);
	return buf;
}

static int make_lsm(struct setup *s, const char *what, struct err *e)
{
	char back[COMMAND_MAX];
	int r;

	snprintf(back, sizeof(back), BOOTARG " remove %s", strstr(what, "lsm="));
	r = undo_note_command(&s->undo, back, e);
	if (!r)
		r = undo_run("", what, e);
	return r > 0 ? err_set(e, -EIO, "%s: exit status %d", what, r) : r;
}

/* Without systemd events stay in the kernel's log, and lists follow the packages by its hooks
 * alone. */
static const char *what_units(struct setup *s, char buf[COMMAND_MAX])
{
	return setup_is_there(s->c, "/usr/bin/systemctl") &&
			       (setup_is_there(s->c, "/usr/lib/systemd/system/diglimd.service") ||
				setup_is_there(s->c, "/lib/systemd/system/diglimd.service"))
		       ? "systemctl enable " UNITS
		       : NULL;
}

static const char *what_initramfs(struct setup *s, char buf[COMMAND_MAX])
{
	return setup_initramfs(s->c);
}

static int make_initramfs(struct setup *s, const char *what, struct err *e)
{
	return setup_make_initramfs(s->c, what, e);
}

static int run_command(struct setup *s, const char *what, struct err *e)
{
	int r = undo_run(s->c->places.root, what, e);

	return r > 0 ? err_set(e, -EIO, "%s: exit status %d", what, r) : r;
}

static int make_units(struct setup *s, const char *what, struct err *e)
{
	int r = undo_note_command(&s->undo, "systemctl disable " UNITS, e);

	return r ? r : run_command(s, what, e);
}

static const char *what_measure(struct setup *s, char buf[COMMAND_MAX])
{
	return s->measure && measure_lacks_conf(s->c) ? PLACES_CONF
		       ": [attest] register and log: what is in force is measured"
						      : NULL;
}

static int make_measure(struct setup *s, const char *what, struct err *e)
{
	return measure_make_conf(s->c, &s->undo, e);
}

static const char *what_policy(struct setup *s, char buf[COMMAND_MAX])
{
	return s->measure && measure_lacks_policy(s->c) ? MEASURE_POLICY
		       ": rules to measure keys and records, before any others"
							: NULL;
}

static int make_policy(struct setup *s, const char *what, struct err *e)
{
	return measure_make_policy(s->c, &s->undo, e);
}

/* Behind the lists of packages, whose making takes away what belongs to none. */
static const char *what_policy_list(struct setup *s, char buf[COMMAND_MAX])
{
	return s->measure && (!s->dry || measure_lacks_policy(s->c))
		       ? with_key(s, "sign --use data --name ima-policy " MEASURE_POLICY, buf)
		       : NULL;
}

static const char *what_dropin(struct setup *s, char buf[COMMAND_MAX])
{
	return s->measure && measure_lacks_dropin(s->c) ? MEASURE_DROPIN ": diglimd may use the TPM"
							: NULL;
}

static int make_dropin(struct setup *s, const char *what, struct err *e)
{
	return measure_make_dropin(s->c, &s->undo, e);
}

static const struct step steps[] = {
	{what_again, make_again},     {what_conf, make_conf},	  {what_key, make_key},
	{what_measure, make_measure}, {what_policy, make_policy}, {what_dropin, make_dropin},
	{what_trust, make_verb},      {what_lists, make_verb},	  {what_policy_list, make_verb},
	{what_lsm, make_lsm},	      {what_units, make_units},	  {what_initramfs, make_initramfs},
};

/*
 * Where verbs write: noted before the first change, and when all of it is there. Only /etc/diglim,
 * since that is for people: what comes below /var/lib/diglim later is generated, and goes, too.
 */
static const char *const trees[] = {"/etc/diglim", "/var/lib/diglim"};

#define TREES	   (sizeof(trees) / sizeof(*trees))
#define TREES_DONE 1

/* What setup cannot mend is said before anything is changed. */
static int refuse_impossible(struct setup *s, struct err *e)
{
	struct engine_probe probes[ENGINE_PROBES_MAX];
	int n;

	if (!setup_initramfs(s->c))
		return err_set(e, -ENOTSUP,
			       "neither update-initramfs nor dracut is here: diglim-init(8) tells "
			       "how to start without an initramfs");
	if (needs_owner(s) && !*s->c->config.sign_key && !s->create_key)
		return err_set(
			e, -ENOKEY,
			"%s, so an owner's key has to vouch for %s: name one as key and cert "
			"in [sign] of diglim.conf, or --create-key makes one on this machine",
			s->rpm ? "the kernel judges IMA's policy, too"
			       : "these packages carry no signature that the kernel could "
				 "check",
			s->rpm ? "it" : "them");
	if (*s->c->places.root)
		return 0;
	n = engine_probe(probes, ENGINE_PROBES_MAX, e);
	for (int i = 0; i < n; i++)
		if (probes[i].required && !probes[i].present &&
		    strcmp(probes[i].what, "LSM bpf") != 0)
			return err_set(e, -ENOTSUP,
				       "%s is missing (%s): 'diglim doctor' tells more",
				       probes[i].what, probes[i].detail);
	return n < 0 ? n : 0;
}

static int note_trees(struct setup *s, bool done, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < (done ? TREES_DONE : TREES); i++)
		r = done ? undo_note_tree_done(&s->undo, trees[i], e)
			 : undo_note_tree(&s->undo, trees[i], e);
	return r;
}

static int take_steps(struct setup *s, bool make, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(steps) / sizeof(*steps); i++) {
		char buf[COMMAND_MAX] = "";
		const char *what = steps[i].what(s, buf);

		if (!what)
			continue;
		if (*what) {
			out_object(s->c->out, NULL, NULL);
			out_str(s->c->out, "change", NULL, what);
			out_end(s->c->out);
			out_line(s->c->out, OUT_BOLD, make ? "[+]" : "[ ]", "%s", what);
			fflush(stdout);
		}
		if (make)
			r = steps[i].make(s, what, e);
	}
	return r;
}

static int set_up(struct setup *s, struct err *e)
{
	int r = refuse_impossible(s, e);

	if (r)
		return r;
	out_array(s->c->out, "changes", NULL);
	if (s->dry) {
		r = take_steps(s, false, e);
		out_end(s->c->out);
		return r;
	}
	r = undo_open(&s->undo, s->c->places.root, e);
	if (r > 0)
		r = err_set(e, -EEXIST,
			    "set up already, or interrupted: 'diglim setup --undo' first");
	if (!r)
		r = note_trees(s, false, e);
	if (!r)
		r = take_steps(s, true, e);
	if (!r)
		r = note_trees(s, true, e);
	out_end(s->c->out);
	if (!r)
		out_line(s->c->out, OUT_GOOD, NULL,
			 "Done: reboot, then 'diglim status' and 'diglim check'");
	return r;
}

static void say_undone(const char *line, void *arg)
{
	struct cli *c = arg;

	out_object(c->out, NULL, NULL);
	out_str(c->out, "change", NULL, line);
	out_end(c->out);
	out_line(c->out, OUT_BOLD, "[-]", "%s", line);
	fflush(stdout);
}

static int undo(struct setup *s, struct err *e)
{
	int r = undo_open(&s->undo, s->c->places.root, e);

	if (r < 0)
		return r;
	if (!r)
		return err_set(e, -ENOENT, "there is nothing to undo: no 'diglim setup' was here");
	out_array(s->c->out, "changes", NULL);
	r = undo_all(&s->undo, s->dry, say_undone, s->c, e);
	out_end(s->c->out);
	s->trouble = r > 0;
	return r < 0 ? r : 0;
}

static int parse(struct cli *c, int argc, char **argv, struct setup *s)
{
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		s->undoing |= id == 'u';
		s->dry |= id == 'n';
		s->create_key |= id == 'k';
		s->measure |= id == 'm';
		s->yes |= id == 'y';
	}
	if (id < 0)
		return id;
	return optind < argc ? cli_usage(c, "too many arguments") : 0;
}

static int setup_run(struct cli *c, int argc, char **argv)
{
	struct setup s = {.c = c};
	struct err e = {0};
	int answer = 1, r;

	if (parse(c, argc, argv, &s) || cli_begin_configured(c))
		return EXIT_TROUBLE;
	if (strchr(c->places.root, '\''))
		return cli_usage(c, "--root: a name with a quotation mark");
	s.rpm = !setup_is_there(s.c, "/var/lib/dpkg/status");
	if (!s.dry && !s.undoing && !s.yes) {
		s.dry = true;
		r = set_up(&s, &e);
		if (r)
			return cli_fail(c, &e);
		s.dry = false;
		answer = cli_confirm(c, false, "Make these changes?");
	}
	if (answer <= 0)
		return answer ? EXIT_TROUBLE : EXIT_NO;
	if (s.undoing ? undo(&s, &e) : set_up(&s, &e))
		return cli_fail(c, &e);
	return s.trouble ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_setup = {
	.name = "setup",
	.summary = "Make this machine start judged, in audit mode; or undo that",
	.usage = usage,
	.text = text,
	.options = options,
	.root = true,
	.run = setup_run,
};
