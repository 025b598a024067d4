/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "init.h"
#include "../../lib/policy/trial.h"

#define CONF "diglim.conf" /* below ->files */

/* What the early stage records, out of reach of what the initramfs mounts on its /run. */
#define EARLY_RECORD "/.diglim-boot"

static const char *const mode_names[] = {"off", "audit", "enforce"};

int open_device(const struct boot *b, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "%s/dev/%s", b->root, name);
	return open(path, flags | O_CLOEXEC | O_NOCTTY);
}

/* A machine may have neither console nor log yet: then nobody can be told. */
static void tell(const struct boot *b, const char *text, int level)
{
	int fd = open_device(b, "kmsg", O_WRONLY), n;
	char line[ERR_TEXT_MAX + 128];

	/* dprintf(3) would ask where the file ends, which this one does not tell. */
	n = snprintf(line, sizeof(line), "<%d>diglim-init: %s\n", level, text);
	if (fd >= 0 && write(fd, line, (size_t)n) != n)
		dprintf(STDERR_FILENO, "diglim-init: the kernel's log: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
	dprintf(STDERR_FILENO, "diglim-init: %s\n", text);
}

void say(const struct boot *b, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX + 64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(b, text, 5);
}

void trouble(struct boot *b, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(b, text, 3);
	if (!*b->record.trouble)
		snprintf(b->record.trouble, sizeof(b->record.trouble), "%s", text);
}

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void read_cmdline(struct boot *b)
{
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, b->cmdline, sizeof(b->cmdline) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		trouble(b, "the kernel's command line cannot be read: %s", strerror(errno));
	b->cmdline[n > 0 ? n : 0] = '\0';
}

/* On the root, which the early stage does not see. Nothing but stricter comes of it. */
static void ask_trial(struct boot *b, struct boot_ask *ask)
{
	struct trial t = {0};
	struct err e = {0};

	if (b->stage == STAGE_EARLY)
		return;
	if (places_set(&b->places, b->root, &e) || trial_read(b->places.trial, &t, &e))
		say(b, "%s: no trial of enforce", e.text);
	ask->trial_s = trial_left(&t, (int64_t)time(NULL));
	ask->trial_over = t.seconds && !ask->trial_s;
}

/* Configuration and kernel argument: what is to be done. */
static void decide(struct boot *b)
{
	char path[PATH_MAX], argument[BOOT_ARGUMENT_MAX];
	struct boot_ask ask = {0};
	struct err e = {0};

	read_cmdline(b);
	snprintf(path, sizeof(path), "%s/" CONF, b->files);
	if (config_read(path, &b->config, &e)) {
		trouble(b, "%s", e.text);
		config_defaults(&b->config);
		ask.config_broken = true;
	}
	ask.argument = boot_argument(b->cmdline, "diglim", argument);
	ask.configured = b->config.mode;
	ask.seal = b->config.seal;
	ask_trial(b, &ask);
	boot_choose(&ask, &b->choice);
	if (b->choice.argument_wrong)
		trouble(b, "diglim=%s: must be off, audit or enforce", ask.argument);
	say(b, "mode %s: %s", mode_names[b->choice.mode], b->choice.why);
}

static int set_mode(struct boot *b, enum diglim_mode mode, struct err *e)
{
	struct engine *g = NULL;
	int r = engine_open(&g, e);

	/* The window ends in the mode before it. */
	if (!r && mode == DIGLIM_MODE_ENFORCE && b->choice.window_s)
		r = engine_mode_set(g, DIGLIM_MODE_AUDIT, 0, e);
	if (!r)
		r = engine_mode_set(g, mode, mode == DIGLIM_MODE_ENFORCE ? b->choice.window_s : 0,
				    e);
	engine_close(g);
	if (!r)
		b->record.mode = mode;
	return r;
}

/*
 * Enforce would refuse what the machine needs to start. With every list in the kernel that is the
 * answer: somebody has put an unknown program there. Without some of them it is our failure, and
 * what the owner has configured for it comes next. A trial was made to find that out.
 */
static void keep_startable(struct boot *b)
{
	bool whole = !b->record.lists_refused && !b->record.keys_refused && b->record.lists;
	struct err e = {0};

	while (b->record.mode == DIGLIM_MODE_ENFORCE && !next_would_run(b, &e)) {
		trouble(b, "enforcing refuses what the machine starts with: %s", e.text);
		if (b->choice.window_s || (!whole && !b->config.stop_on_failure)) {
			say(b, "going on in audit mode, since %s",
			    b->choice.window_s ? "this was a trial"
					       : "not all lists could be loaded");
			if (set_mode(b, DIGLIM_MODE_AUDIT, &e))
				trouble(b, "%s", e.text);
			return;
		}
		/* The shell is nobody's program either. */
		(void)set_mode(b, DIGLIM_MODE_AUDIT, NULL);
		stop_here(b);
		if (set_mode(b, DIGLIM_MODE_ENFORCE, &e)) {
			trouble(b, "%s", e.text);
			return;
		}
	}
}

static void seal(struct boot *b)
{
	enum diglim_seal how = b->stage == STAGE_LATE ? DIGLIM_SEAL_BOOT : DIGLIM_SEAL_SET;
	struct err e = {0};

	/* The last step of the initramfs does it. */
	if (!b->choice.seal || b->stage == STAGE_EARLY || b->record.mode != DIGLIM_MODE_ENFORCE)
		return;
	if (engine_seal(b->rings, RINGS, how, &e))
		trouble(b, "not sealed: %s", e.text);
	else
		b->record.sealed = true;
}

static void conclude(struct boot *b, int failed)
{
	struct boot_record *r = &b->record;

	if (failed)
		r->outcome = BOOT_FAILED;
	else if (b->choice.mode == DIGLIM_MODE_OFF)
		r->outcome = BOOT_OFF;
	else if (r->mode != b->choice.mode ||
		 r->sealed != (b->choice.seal && b->stage != STAGE_EARLY))
		r->outcome = BOOT_WEAKER;
	else
		r->outcome = *r->trouble ? BOOT_INCOMPLETE : BOOT_AS_ASKED;
}

/* What went wrong there is still wrong. */
static void take_early_record(struct boot *b)
{
	struct boot_record early;

	if (boot_record_read(EARLY_RECORD, &early, NULL) || early.outcome == BOOT_NONE)
		return;
	snprintf(b->record.trouble, sizeof(b->record.trouble), "%s", early.trouble);
	b->record.keys = early.keys;
	b->record.keys_refused = early.keys_refused;
}

static int protect(struct boot *b, struct err *e)
{
	uint64_t start = now_us();
	int r = engine_is_attached(e);

	b->attached = r == 1;
	if (b->attached)
		take_early_record(b);
	if (r >= 0)
		r = feed_attach(b, e);
	b->record.attach_us = now_us() - start - b->record.read_us;
	if (r)
		return r;
	start = now_us();
	r = feed_lists(b, e);
	b->record.feed_us = now_us() - start;
	if (!r)
		r = set_mode(b, b->choice.mode, e);
	if (r)
		return r;
	keep_startable(b);
	seal(b);
	return 0;
}

static void write_record(struct boot *b)
{
	const char *path = b->stage == STAGE_EARLY ? EARLY_RECORD : PLACES_RUN "/" BOOT_RECORD;
	struct err e = {0};

	if (places_make_dir(PLACES_RUN, &e) || boot_record_write(path, &b->record, &e))
		trouble(b, "how this boot went cannot be recorded: %s", e.text);
}

static void summarise(struct boot *b)
{
	const struct boot_record *r = &b->record;

	if (r->outcome == BOOT_OFF || r->outcome == BOOT_FAILED)
		tell(b, "THIS MACHINE IS NOT PROTECTED: nothing is judged", 2);
	else
		say(b, "mode %s%s: %llu keys, %llu lists (%llu refused), %llu digests, %llu ms",
		    mode_names[r->mode], r->sealed ? ", sealed" : "", (unsigned long long)r->keys,
		    (unsigned long long)r->lists, (unsigned long long)r->lists_refused,
		    (unsigned long long)r->digests, (unsigned long long)r->total_us / 1000);
	if (r->outcome == BOOT_WEAKER)
		tell(b, "THIS MACHINE IS LESS PROTECTED THAN ASKED FOR: diglim doctor says why", 2);
}

/* Everything but giving way. */
static void run(struct boot *b)
{
	static const char *const stages[] = {"late", "early", "init"};
	uint64_t start = now_us();
	struct err e = {0};
	int r = 0;

	mounts_prepare(b);
	snprintf(b->record.stage, sizeof(b->record.stage), "%s", stages[b->stage]);
	decide(b);
	snprintf(b->record.why, sizeof(b->record.why), "%s", b->choice.why);
	if (b->choice.mode != DIGLIM_MODE_OFF) {
		r = places_set(&b->places, b->root, &e);
		if (!r)
			r = protect(b, &e);
		if (r)
			trouble(b, "%s", e.text);
	}
	b->record.total_us = now_us() - start;
	conclude(b, r);
	summarise(b);
	write_record(b);
	if (r && b->config.stop_on_failure)
		stop_here(b);
	lists_done(&b->lists);
}

/* The initramfs is all in memory. */
static bool in_initramfs(void)
{
	struct statfs s;

	return !statfs("/", &s) && (s.f_type == RAMFS_MAGIC || s.f_type == TMPFS_MAGIC);
}

/* As process 1: the kernel gives arguments that are the next program's. */
static void __attribute__((noreturn)) as_init(struct boot *b, char **argv)
{
	struct err e = {0};

	b->stage = in_initramfs() ? STAGE_EARLY : STAGE_INIT;
	b->next = b->stage == STAGE_EARLY ? "/init" : "/sbin/init";
	run(b);
	if (b->stage == STAGE_EARLY && mounts_put_aside(&e))
		tell(b, e.text, 3);
	argv[0] = (char *)b->next;
	for (;;) {
		execv(b->next, argv);
		say(b, "%s: %s", b->next, strerror(errno));
		stop_here(b);
	}
}

static int parse(struct boot *b, int argc, char **argv)
{
	static const struct option options[] = {
		{"root", required_argument, NULL, 'r'},
		{"init", required_argument, NULL, 'i'},
		{"check", required_argument, NULL, 'c'},
		{"files", required_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (id == 'r')
			b->root = optarg;
		else if (id == 'i')
			b->next = optarg;
		else if (id == 'f')
			b->files = optarg;
		else if (id == 'c' && b->checks < CHECKS_MAX)
			b->check[b->checks++] = optarg;
		else
			return -EINVAL;
	}
	return optind < argc ? -EINVAL : 0;
}

int main(int argc, char **argv)
{
	struct boot *b = calloc(1, sizeof(*b));

	if (!b)
		return 2;
	b->root = "/";
	b->files = PLACES_BOOT;
	b->next = "/sbin/init";
	if (getpid() == 1)
		as_init(b, argv);
	if (parse(b, argc, argv)) {
		fprintf(stderr,
			"Usage: diglim-init --root DIR [--init PATH] [--check PROGRAM]... "
			"[--files DIR]\nCalled by the initramfs, or by the kernel as rdinit= or "
			"init=: see diglim-init(8).\n");
		return 2;
	}
	run(b);
	return boot_is_good(b->record.outcome) ? 0 : 1;
}
