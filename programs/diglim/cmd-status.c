/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common-boot.h"
#include "common-kernel.h"
#include "verbs.h"
#include "../../lib/engine/keyring.h"
#include "../../lib/format/payload.h"
#include "../../lib/output/names.h"
#include "../../lib/output/text.h"

static const char *const usage[] = {"status [--lists] [--require MODE]", NULL};

static const struct cli_option options[] = {
	{'l', "lists", NULL, "Name every loaded list"},
	{'r', "require", "MODE", "Exit status 1 unless the mode in force is MODE or stricter"},
	{0, NULL, NULL, NULL},
};

/* Above these, the health section speaks up. */
#define FILL_WARN  90  /* percent of store or list table */
#define PROBE_WARN 128 /* slots looked at by the worst insertion */

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)(part * 100 / whole) : 0;
}

static void show_gate(struct out *o, const struct engine_status *s)
{
	const struct diglim_gate *g = &s->gate;
	bool on = s->control.flags & DIGLIM_CONTROL_GATE;
	bool open = !g->deciding && g->uses == g->recorded;

	out_object(o, "tpm_gate", NULL);
	out_bool(o, "on", NULL, on);
	if (on) {
		out_bool(o, "open", NULL, open);
		out_bool(o, "kept", NULL, g->armed);
		out_num(o, "uses", NULL, g->uses);
		out_num(o, "recorded", NULL, g->recorded);
		out_num(o, "writes", NULL, g->writes);
		out_num(o, "in_flight", NULL, g->in_flight);
		out_num(o, "parked", NULL, g->parked);
	}
	out_end(o);
	out_label(o, on && !open ? OUT_WARN : OUT_PLAIN, "TPM gate", "%s",
		  !on	 ? "off"
		  : open ? "open"
			 : "shut: the register lacks what was used");
}

static void show_mode(struct out *o, const struct engine_status *s)
{
	static const char *const scope[] = {"all", "root", "system"};
	static const char *const anonymous[] = {"allow", "deny", "per-program"};
	static const char *const interpreters[] = {"off", "on", "strict"};
	char window[KERNEL_WINDOW_MAX], span[TEXT_SPAN_MAX], when[TEXT_TIME_MAX];
	uint64_t attached = kernel_wall_time(s->state.attached_ns);

	kernel_window(s, window);
	out_bool(o, "attached", NULL, true);
	out_str(o, "mode", NULL, names_mode(s->mode));
	out_label(o, s->mode == DIGLIM_MODE_ENFORCE ? OUT_GOOD : OUT_WARN, "Mode", "%s%s%s",
		  names_mode(s->mode), *window ? " " : "", window);
	if (*window) {
		out_str(o, "mode_after_window", NULL, names_mode(s->control.mode));
		out_num(o, "window_seconds_left", NULL,
			(s->control.window_end - s->now_ns) / 1000000000);
	}
	out_time(o, "attached_since", NULL, attached);
	out_label(o, OUT_PLAIN, "Attached", "%s, %s ago", text_time(when, (int64_t)attached, -1),
		  text_span(span, (s->now_ns - s->state.attached_ns) / 1000000000));
	out_str(o, "scope", "Scope", scope[s->control.scope % DIGLIM_SCOPE_MAX]);
	out_str(o, "anonymous_exec", "Anonymous",
		anonymous[s->control.anonymous % DIGLIM_ANONYMOUS_MAX]);
	out_str(o, "interpreters", "Interpreters",
		interpreters[s->control.interpreters % DIGLIM_INTERPRETERS_MAX]);
	out_bool(o, "immutable", "Immutable files", s->control.flags & DIGLIM_CONTROL_IMMUTABLE);
	out_bool(o, "sealed", "Sealed", s->control.flags & DIGLIM_CONTROL_SEALED);
	out_bool(o, "allow_ptrace", "Debuggers", s->control.flags & DIGLIM_CONTROL_ALLOW_PTRACE);
	out_bool(o, "allow_bpf", "BPF programs", s->control.flags & DIGLIM_CONTROL_ALLOW_BPF);
	out_bool(o, "allow_device_mapper", "Device mapper",
		 s->control.flags & DIGLIM_CONTROL_ALLOW_MAPPER);
	out_bool(o, "strict_filesystems", "Strict fs", s->control.flags & DIGLIM_CONTROL_STRICT_FS);
	show_gate(o, s);
	out_bool(o, "fsverity", NULL, engine_knows_verity());
	out_str(o, NULL, "fs-verity",
		engine_knows_verity() ? "known by its digest"
				      : "judged by content: this kernel tells no digests");
	out_num_as(o, "hash_limit", "Hash limit", s->control.hash_limit, "%s",
		   text_size(span, s->control.hash_limit));
}

/* What owner's lists lay down besides digests. */
static void show_rules(struct out *o, const struct diglim_status *s)
{
	out_num(o, "keys_denied", "Keys denied", s->denied_keys);
	out_num(o, "keys_limited", "Keys limited", s->limits);
	out_num(o, "floors", NULL, s->floors);
	out_num(o, "versions", NULL, s->versions);
	if (s->floors)
		out_label(o, OUT_PLAIN, "Rollback floor",
			  "%u packages from signed floor lists; %u seen, this boot only", s->floors,
			  s->versions);
	else
		out_label(o, OUT_PLAIN, "Rollback floor", "this boot only (%u packages seen)",
			  s->versions);
	out_hex(o, "boot", NULL, s->boot, sizeof(s->boot));
	out_num(o, "control_counter", NULL, s->control_counter);
}

static void show_store(struct out *o, const struct engine_status *s)
{
	char size[TEXT_SIZE_MAX], part[TEXT_SIZE_MAX], when[TEXT_TIME_MAX];
	uint64_t per = s->store_limit ? s->store_memory / s->store_limit : 0;

	out_num_as(o, "lists", "Lists", s->state.lists, "%llu of %u",
		   (unsigned long long)s->state.lists, s->max_lists);
	out_num(o, "lists_limit", NULL, s->max_lists);
	out_num_as(o, "digests", "Digests", s->state.digests, "%llu of %u (%u %%)",
		   (unsigned long long)s->state.digests, s->store_limit,
		   percent(s->state.digests, s->store_limit));
	out_num(o, "digests_limit", NULL, s->store_limit);
	out_num(o, "digests_immutable", s->state.immutable ? "Immutable" : NULL,
		s->state.immutable);
	out_num(o, "digest_references", NULL, s->state.digest_refs);
	out_num_as(o, "memory", "Memory", s->memory, "%s, of it for digests and lists %s",
		   text_size(size, s->memory), text_size(part, s->store_memory));
	out_num(o, "store_memory", NULL, s->store_memory);
	out_num(o, "memory_per_digest", NULL, per);
	out_num_as(o, "ingest_buffer", "Ingest buffer", s->ingest_buffer, "%s",
		   text_size(size, s->ingest_buffer));
	out_num(o, "generation", "Generation", s->state.generation);
	if (s->state.last_change_ns)
		out_str(o, "last_change", "Last change",
			text_time(when, (int64_t)kernel_wall_time(s->state.last_change_ns), -1));
	out_object(o, "keyrings", NULL);
	out_num(o, "vendor", NULL, (uint32_t)s->control.vendor_keyring);
	out_num(o, "owner", NULL, (uint32_t)s->control.owner_keyring);
	out_num(o, "restricted", NULL, (uint32_t)s->control.restricted_keyring);
	out_end(o);
	out_label(o, OUT_PLAIN, "Keyrings", "vendor %d, owner %d, restricted %d",
		  s->control.vendor_keyring, s->control.owner_keyring,
		  s->control.restricted_keyring);
	show_rules(o, &s->state);
	out_num(o, "events", NULL, s->state.event_seq);
	out_num(o, "events_kept", NULL, s->event_slots);
	out_label(o, OUT_PLAIN, "Events", "%llu, of which the newest %u are kept",
		  (unsigned long long)s->state.event_seq, s->event_slots);
}

static uint64_t events_lost(const struct engine_status *s)
{
	uint64_t lost = 0;

	for (int h = 0; h < DIGLIM_HOOK_MAX; h++)
		lost += s->counters[h].events_lost;
	return lost;
}

static void show_hooks(struct out *o, const struct engine_status *s)
{
	static const char *const key[DIGLIM_COUNT_MAX] = {"allowed", "refused", "would_refuse",
							  "hashed",  "cached",	"verity"};

	out_blank(o);
	out_line(o, OUT_BOLD, NULL, "%-12s %10s %10s %12s %10s %10s %10s %6s", "Hook", "allowed",
		 "refused", "would refuse", "hashed", "cached", "fs-verity", "lost");
	out_object(o, "hooks", NULL);
	for (uint32_t h = 0; h < DIGLIM_HOOK_MAX; h++) {
		const struct diglim_counters *n = &s->counters[h];

		out_object(o, names_hook(h), NULL);
		for (int i = 0; i < DIGLIM_COUNT_MAX; i++)
			out_num(o, key[i], NULL, n->count[i]);
		out_num(o, "events_lost", NULL, n->events_lost);
		out_end(o);
		out_line(o, OUT_PLAIN, NULL,
			 "%-12s %10llu %10llu %12llu %10llu %10llu %10llu %6llu", names_hook(h),
			 (unsigned long long)n->count[0], (unsigned long long)n->count[1],
			 (unsigned long long)n->count[2], (unsigned long long)n->count[3],
			 (unsigned long long)n->count[4], (unsigned long long)n->count[5],
			 (unsigned long long)n->events_lost);
	}
	out_end(o);
}

static void complain(struct out *o, size_t *n, const char *key, const char *text)
{
	out_object(o, NULL, NULL);
	out_str(o, "what", NULL, key);
	out_str(o, "text", NULL, text);
	out_end(o);
	out_line(o, OUT_BAD, "[-]", "%s", text);
	++*n;
}

static bool hooks_are_off(void)
{
	FILE *f = fopen("/proc/sys/kernel/ftrace_enabled", "re");
	bool off = f && fgetc(f) == '0';

	if (f)
		fclose(f);
	return off;
}

/* Without keys everything that is loaded goes on, and nothing new can come. */
static void complain_of_keys(struct out *o, size_t *n, const struct engine_status *s)
{
	const int32_t serial[] = {s->control.vendor_keyring, s->control.owner_keyring};
	static const char *const name[] = {"vendor", "owner"};
	char text[256];
	int keys = 0;

	for (int i = 0; i < 2; i++) {
		int r = keyring_count(serial[i], NULL);

		/* Somebody who may not look cannot tell. */
		keys += r < 0 ? 1 : r;
		if (r != -ENOKEY && r != -EKEYREVOKED && r != -EKEYEXPIRED)
			continue;
		snprintf(text, sizeof(text),
			 "the %s keyring %d is gone, so no list of a%s can be loaded: detach and "
			 "attach again",
			 name[i], serial[i], i ? "n owner" : " vendor");
		complain(o, n, "keys", text);
	}
	if (!keys)
		complain(o, n, "keys",
			 "the keyrings are empty, so no list can be loaded: 'diglim key add'");
}

static void show_health(struct out *o, const struct engine_status *s)
{
	char text[256];
	size_t n = 0;

	out_blank(o);
	out_line(o, OUT_BOLD, NULL, "Health");
	out_array(o, "health", NULL);
	if (hooks_are_off())
		complain(o, &n, "ftrace",
			 "kernel.ftrace_enabled is 0, which switches the hooks "
			 "off: sysctl kernel.ftrace_enabled=1");
	if (events_lost(s)) {
		snprintf(text, sizeof(text),
			 "%llu events lost, since more came at once than the log holds: raise "
			 "ring in [events]",
			 (unsigned long long)events_lost(s));
		complain(o, &n, "events-lost", text);
	}
	if (percent(s->state.digests, s->store_limit) >= FILL_WARN)
		complain(
			o, &n, "store-fill",
			"the digest store is nearly full: raise headroom in [store], attach again");
	if (percent(s->state.lists, s->max_lists) >= FILL_WARN)
		complain(o, &n, "lists-fill",
			 "the table of lists is nearly full: raise max-lists in [store], attach "
			 "again");
	if (s->state.longest_probe > PROBE_WARN)
		complain(o, &n, "store-probes",
			 "the digest store has become slow to search: attach again");
	if (!s->state.lists && s->mode != DIGLIM_MODE_OFF)
		complain(o, &n, "no-lists", "no list is loaded: nothing is vouched for");
	complain_of_keys(o, &n, s);
	if (!n)
		out_line(o, OUT_GOOD, "[+]", "nothing that needs attention");
	out_end(o);
}

static int show_list(const uint8_t id[DIGLIM_LIST_ID_SIZE], const struct diglim_list_record *rec,
		     void *arg)
{
	struct out *o = arg;
	char when[TEXT_TIME_MAX], grants[NAMES_USE_MAX] = "";
	size_t key_len =
		rec->key_id_len < sizeof(rec->key_id) ? rec->key_id_len : sizeof(rec->key_id);

	text_time(when, (int64_t)kernel_wall_time(rec->loaded_ns), -1);
	out_object(o, NULL, NULL);
	out_str(o, "name", NULL, rec->name);
	out_hex(o, "id", NULL, id, DIGLIM_LIST_ID_SIZE);
	out_str(o, "format", NULL, payload_format_name((enum diglim_format)rec->format));
	out_str(o, "type", NULL, payload_type_name((enum diglim_list_type)rec->type));
	out_bool(o, "restricted", NULL, rec->restricted);
	out_num(o, "digests", NULL, rec->digests);
	out_hex(o, "key_id", NULL, rec->key_id, key_len);
	out_str(o, "loaded", NULL, when);
	out_num(o, "loader_uid", NULL, rec->loader_uid);
	if (rec->grants)
		out_str(o, "grants", NULL, names_use(grants, rec->grants));
	out_end(o);
	out_line(o, rec->grants ? OUT_WARN : OUT_PLAIN, NULL, "%s %-7s %7u  %s%s%s", when,
		 rec->type ? payload_type_name((enum diglim_list_type)rec->type)
			   : payload_format_name((enum diglim_format)rec->format),
		 rec->digests, rec->name, rec->grants ? "  grants " : "", grants);
	return 0;
}

static int show_lists(struct out *o, struct engine *g, struct err *e)
{
	int r;

	out_blank(o);
	out_line(o, OUT_BOLD, NULL, "%-20s %-7s %7s  %s", "Loaded", "format", "digests", "name");
	out_array(o, "loaded_lists", NULL);
	r = engine_lists(g, show_list, o, e);
	out_end(o);
	return r;
}

struct args {
	bool lists;
	enum diglim_mode required;
};

/* 1: less than what is required. */
static int show_all(struct cli *c, const struct args *a, struct err *e)
{
	struct engine *g = NULL;
	struct engine_status s;
	int r = engine_open(&g, e);

	if (!r)
		r = engine_status_get(g, &s, e);
	if (!r) {
		show_mode(c->out, &s);
		boot_show(c);
		show_store(c->out, &s);
		out_num(c->out, "events_lost", NULL, events_lost(&s));
		show_hooks(c->out, &s);
		show_health(c->out, &s);
	}
	if (!r && a->lists)
		r = show_lists(c->out, g, e);
	engine_close(g);
	return r ? r : s.mode < a->required;
}

static int parse(struct cli *c, int argc, char **argv, struct args *a)
{
	int id;

	while ((id = cli_option(c, argc, argv)) > 0) {
		if (id == 'l') {
			a->lists = true;
		} else if (config_mode_parse(optarg, &a->required)) {
			cli_usage(c, "--require %s: must be off, audit or enforce", optarg);
			return -EINVAL;
		}
	}
	return id;
}

static int status_run(struct cli *c, int argc, char **argv)
{
	struct args a = {.required = DIGLIM_MODE_OFF};
	struct err e = {0};
	int r;

	if (parse(c, argc, argv, &a) < 0)
		return EXIT_TROUBLE;
	if (optind < argc)
		return cli_usage(c, "too many arguments");
	if (cli_begin(c))
		return EXIT_TROUBLE;
	/* Only whether the boot was to be judged; what is wrong with the file, doctor says. */
	(void)config_read(c->places.conf, &c->config, NULL);
	r = engine_is_attached(&e);
	if (!r) {
		out_bool(c->out, "attached", NULL, false);
		boot_show(c);
		out_line(c->out, OUT_WARN, NULL,
			 "DIGLIM is not attached: 'diglim doctor' tells whether it can be");
		return EXIT_NO;
	}
	if (r > 0)
		r = show_all(c, &a, &e);
	if (r < 0)
		return cli_fail(c, &e);
	return r ? EXIT_NO : EXIT_YES;
}

const struct cli_verb verb_status = {
	.name = "status",
	.summary = "Show mode, lists, counters and health",
	.usage = usage,
	.options = options,
	.run = status_run,
};
