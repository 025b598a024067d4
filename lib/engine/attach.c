/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loading, sizing, attaching, testing and pinning the kernel side; and taking it away again. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diglim.skel.h"
#include "hooks.h"
#include "internal.h"
#include "interpreters.h"
#include "readers.h"
#include "sizing.h"

#define DEFAULT_HASH_LIMIT (1ULL << 30)

/* libbpf's own words, kept for the message of a failed load. */
static char libbpf_said[ERR_TEXT_MAX / 2];

/* A verifier's log says what is wrong at its end. */
static const char *tail_of(const char *text, size_t max)
{
	size_t len = strlen(text);

	return len > max ? text + len - max : text;
}

static int libbpf_keep(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *line = NULL;

	if (level != LIBBPF_WARN || vasprintf(&line, fmt, ap) < 0)
		return 0;
	if (getenv("DIGLIM_DEBUG"))
		fputs(line, stderr);
	else if (!libbpf_said[0] || strstr(line, "PROG LOAD LOG"))
		snprintf(libbpf_said, sizeof(libbpf_said), "%s",
			 tail_of(line, sizeof(libbpf_said) - 1));
	free(line);
	return 0;
}

/* Fixed at load: the verifier takes the sizes as constants. */
static int size_maps(struct diglim_bpf *s, const struct engine_config *cfg, struct err *e)
{
	struct engine_sizes n;
	int r;

	r = engine_sizes_of(cfg, &n, e);
	if (r)
		return r;
	s->rodata->core_buffer_size = n.buffer;
	s->rodata->store_slots = n.slots;
	s->rodata->store_limit = n.slots;
	s->rodata->list_limit = n.lists;
	s->rodata->event_slots = n.events;
	s->rodata->path_slots = n.paths;
	s->rodata->cpus = (uint32_t)libbpf_num_possible_cpus();
	s->rodata->arguments_judged =
		cfg->flags & (DIGLIM_CONTROL_DENY_COMMAND | DIGLIM_CONTROL_DENY_STDIN);
	s->rodata->truncate_unopened = engine_lsm_exists("file_truncate");
	s->rodata->gate_on = !!(cfg->flags & DIGLIM_CONTROL_GATE);
	s->rodata->gate_region = engine_tpm_region();
	s->rodata->gate_device = engine_tpm_number();
	r |= bpf_map__set_max_entries(s->maps.store, n.slots);
	r |= bpf_map__set_max_entries(s->maps.links, n.links);
	r |= bpf_map__set_max_entries(s->maps.chunks, n.chunks);
	r |= bpf_map__set_max_entries(s->maps.lists, n.lists);
	r |= bpf_map__set_max_entries(s->maps.versions, n.versions);
	r |= bpf_map__set_value_size(s->maps.ingest_buffers, n.buffer);
	r |= bpf_map__set_max_entries(s->maps.events, n.events);
	r |= bpf_map__set_max_entries(s->maps.paths, n.paths);
	return r ? err_set(e, -EINVAL, "sizes of the maps were not accepted") : 0;
}

/* Kernel memory of a map as the kernel accounts it, bytes; 0 if it does not say. */
static uint64_t memory_of(const struct bpf_map *m)
{
	char path[64], line[128];
	unsigned long long n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(m));
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &n) == 1)
			break;
	fclose(f);
	return n;
}

static uint64_t memory_of_all(struct diglim_bpf *s)
{
	const struct bpf_map *m;
	uint64_t sum = 0;

	bpf_object__for_each_map(m, s->obj)
		sum += memory_of(m);
	return sum;
}

static int control_init(struct diglim_bpf *s, const struct engine_config *cfg, int32_t vendor,
			int32_t owner, struct err *e)
{
	struct diglim_control c = {
		.mode = DIGLIM_MODE_OFF,
		.vendor_keyring = vendor,
		.owner_keyring = owner,
		.flags = cfg->flags & ~DIGLIM_CONTROL_SEALED,
		.scope = cfg->scope,
		.anonymous = cfg->anonymous,
		.interpreters = cfg->interpreters,
		.hash_limit = cfg->hash_limit ? cfg->hash_limit : DEFAULT_HASH_LIMIT,
		.restricted_keyring = cfg->restricted_keyring,
		.seal_register = cfg->seal_register,
	};
	struct diglim_status st = {
		.generation = 1,
		.attached_ns = engine_boottime_ns(),
		.memory = memory_of_all(s),
		.store_memory = memory_of(s->maps.store) + memory_of(s->maps.links) +
				memory_of(s->maps.chunks) + memory_of(s->maps.lists),
	};
	uint32_t zero = 0;

	/* What control lists name, so that none of another boot, or attachment, is obeyed. */
	if (getrandom(st.boot, sizeof(st.boot), 0) != (ssize_t)sizeof(st.boot))
		return err_set(e, -EIO, "no random numbers: %s", strerror(errno));
	if (bpf_map_update_elem(bpf_map__fd(s->maps.control), &zero, &c, BPF_ANY) ||
	    bpf_map_update_elem(bpf_map__fd(s->maps.status), &zero, &st, BPF_ANY))
		return err_set(e, -errno, "control: %s", strerror(errno));
	return 0;
}

/* Programs whose hook this kernel lacks are left out; probe.c has said what that costs. */
static void select_programs(struct diglim_bpf *s, const struct engine_config *cfg)
{
	for (size_t i = 0; i < engine_hooks_count; i++) {
		const struct engine_hook *h = &engine_hooks[i];
		struct bpf_program *p;

		if (engine_hook_wanted(h, cfg) && engine_hook_exists(h))
			continue;
		p = bpf_object__find_program_by_name(s->obj, h->program);
		if (p)
			bpf_program__set_autoload(p, false);
	}
}

static bool modules_disabled(void)
{
	FILE *f = fopen("/proc/sys/kernel/modules_disabled", "re");
	bool off = f && fgetc(f) == '1';

	if (f)
		fclose(f);
	return off;
}

static bool lockdown_active(void)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "";
	bool on = f && fgets(line, sizeof(line), f) && strchr(line, '[') && !strstr(line, "[none]");

	if (f)
		fclose(f);
	return on;
}

static int not_seen(const struct engine_hook *h, const struct selftest_seen *seen, struct err *e)
{
	if (seen->forestall & 1U << h->hook)
		return err_set(e, -ENOTSUP,
			       "self-test: another security module refused before hook %s was "
			       "asked, so it is not known that %s: attach before its policy is "
			       "loaded, or from a domain that it does not confine "
			       "(--accept-reduced goes on without knowing)",
			       h->name, h->guarantee);
	return err_set(e, -ENOTSUP,
		       "self-test: hook %s loads but was not seen to refuse; lost: %s "
		       "(--accept-reduced goes on without it)",
		       h->name, h->guarantee);
}

static bool has_tpm(void)
{
	int fd = engine_tpm_device();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int engine_selftest_all(const struct selftest_maps *maps, uint32_t first,
			const struct engine_config *cfg, struct err *e)
{
	struct selftest_seen seen;
	uint32_t want = 0;
	int r;

	for (size_t i = 0; i < engine_hooks_count; i++)
		if (engine_hooks[i].selftest && engine_hooks[i].hook >= first &&
		    engine_hook_wanted(&engine_hooks[i], cfg))
			want |= 1U << engine_hooks[i].hook;
	for (size_t i = 0; i < engine_hooks_count; i++)
		if ((!engine_hooks[i].optional || engine_hooks[i].when) &&
		    !engine_hooks[i].unless && !engine_hook_exists(&engine_hooks[i]))
			want &= ~(1U << engine_hooks[i].hook);
	/* Lockdown says no before it asks anybody, and does the same. */
	if (lockdown_active())
		want &= ~(1U << DIGLIM_HOOK_GUARD_KERNEL);
	/* With modules switched off the kernel says no before it asks anybody. */
	if (modules_disabled())
		want &= ~(1U << DIGLIM_HOOK_READ_FILE | 1U << DIGLIM_HOOK_LOAD_DATA);
	if (!has_tpm())
		want &= ~(1U << DIGLIM_HOOK_TPM);
	r = engine_selftest(maps, want, &seen, e);
	if (r || cfg->accept_reduced)
		return r;
	for (size_t i = 0; i < engine_hooks_count; i++)
		if (want & ~seen.refused & 1U << engine_hooks[i].hook)
			return not_seen(&engine_hooks[i], &seen, e);
	return 0;
}

static int make_dir(const char *path, struct err *e)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return err_set(e, -errno, "%s: %s%s", path, strerror(errno),
			       errno == ENOENT ? " (is bpffs mounted on /sys/fs/bpf?)" : "");
	return 0;
}

static int pin_all(struct diglim_bpf *s, struct err *e)
{
	char path[ENGINE_PATH_MAX];
	struct bpf_program *p;
	int r;

	r = make_dir(ENGINE_PIN_DIR, e);
	if (!r)
		r = make_dir(engine_pin_path(path, "read", ""), e);
	if (!r)
		r = make_dir(engine_pin_path(path, "links", ""), e);
	if (!r)
		r = engine_readers_pin(s, e);
	for (size_t i = 0; !r && i < engine_hooks_count; i++) {
		struct bpf_link **link;

		p = bpf_object__find_program_by_name(s->obj, engine_hooks[i].program);
		link = engine_hook_link(s, &engine_hooks[i]);
		if (!p || !link || !*link)
			continue;
		r = bpf_link__pin(*link, engine_pin_path(path, "links", engine_hooks[i].program));
		if (r)
			return err_set(e, r, "%s: cannot pin: %s", path, strerror(-r));
	}
	return r;
}

/* Every required part must be there; the first missing one is named with what is lost. */
int engine_refuse_partial(bool accept_reduced, struct err *e)
{
	struct engine_probe probes[ENGINE_PROBES_MAX];
	int n = engine_probe(probes, ENGINE_PROBES_MAX, e);

	for (int i = 0; i < n; i++)
		if (probes[i].required && !probes[i].present &&
		    !(probes[i].waivable && accept_reduced))
			return err_set(e, -ENOTSUP, "%s is missing (%s); lost: %s", probes[i].what,
				       probes[i].detail, probes[i].guarantee);
	return n < 0 ? n : 0;
}

/* Required only under a policy that asks for it. */
static int refuse_without_policy(const struct engine_config *cfg, struct err *e)
{
	static const char *const off[] = {
		[ENGINE_INTERPRETERS] = "interpreters = off in [policy]",
		[ENGINE_IMMUTABLE] = "immutable = no in [policy]",
		[ENGINE_GATE] = "gate = off in [attest]",
	};

	for (size_t i = 0; i < engine_hooks_count && !cfg->accept_reduced; i++) {
		const struct engine_hook *h = &engine_hooks[i];

		if (h->when && !h->unless && !h->spare && engine_hook_wanted(h, cfg) &&
		    !engine_hook_exists(h))
			return err_set(e, -ENOTSUP,
				       "hook %s is missing; lost: %s (--accept-reduced goes on "
				       "without it, or %s)",
				       h->name, h->guarantee, off[h->when]);
	}
	return 0;
}

/* The one program that hangs on a control group: on the root, whose link is pinned like the others.
 */
static int attach_sysctl(struct diglim_bpf *s, struct err *e)
{
	int fd = engine_cgroup_root(e), r = 0;

	if (fd < 0)
		return fd;
	s->links.diglim_guard_sysctl = bpf_program__attach_cgroup(s->progs.diglim_guard_sysctl, fd);
	if (!s->links.diglim_guard_sysctl)
		r = err_set(e, -errno, "guard of the sysctl: %s (%s)", strerror(errno),
			    libbpf_said);
	close(fd);
	return r;
}

static int load_and_attach(struct diglim_bpf *s, struct err *e)
{
	int r = diglim_bpf__load(s);

	if (r)
		return err_set(e, r, "the kernel does not take the programs: %s (%s)", strerror(-r),
			       libbpf_said);
	r = diglim_bpf__attach(s);
	return r ? err_set(e, r, "attaching: %s (%s)", strerror(-r), libbpf_said)
		 : attach_sysctl(s, e);
}

static int attached_selftest(struct diglim_bpf *s, const struct engine_config *cfg, struct err *e)
{
	const struct selftest_maps maps = {
		.control = bpf_map__fd(s->maps.control),
		.counters = bpf_map__fd(s->maps.counters),
		.tasks = bpf_map__fd(s->maps.tasks),
	};

	return engine_selftest_all(&maps, 0, cfg, e);
}

static int attach_opened(struct diglim_bpf *s, const struct engine_config *cfg, int32_t vendor,
			 int32_t owner, struct err *e)
{
	int r;

	select_programs(s, cfg);
	engine_readers_prepare(s);
	r = size_maps(s, cfg, e);
	if (!r)
		r = load_and_attach(s, e);
	if (!r)
		r = engine_interpreters_fill(bpf_map__fd(s->maps.interpreters),
					     cfg->interpreter_names, e);
	if (!r)
		r = control_init(s, cfg, vendor, owner, e);
	if (!r)
		r = attached_selftest(s, cfg, e);
	if (!r)
		r = pin_all(s, e);
	return r;
}

/* Numbers of devices that a driver is to have later nobody knows. */
static int refuse_without_tpm(const struct engine_config *cfg, struct err *e)
{
	if (!(cfg->flags & DIGLIM_CONTROL_GATE) || cfg->accept_reduced || engine_tpm_region())
		return 0;
	return err_set(e, -ENODEV,
		       "no driver for TPMs in this kernel, so [attest] gate = on guards nothing: "
		       "load it before (--accept-reduced goes on without it)");
}

static int attach_locked(const struct engine_config *cfg, int32_t vendor, int32_t owner,
			 struct err *e)
{
	struct diglim_bpf *s;
	int r;

	r = engine_is_attached(e);
	if (r)
		return r < 0 ? r : err_set(e, -EEXIST, "attached already");
	r = engine_refuse_partial(cfg->accept_reduced, e);
	if (!r)
		r = refuse_without_policy(cfg, e);
	if (!r)
		r = refuse_without_tpm(cfg, e);
	if (r)
		return r;
	/* What an attach that was killed half-way has left. */
	engine_pins_remove(NULL);
	libbpf_said[0] = '\0';
	libbpf_set_print(libbpf_keep);
	s = diglim_bpf__open();
	if (!s)
		return err_set(e, -errno, "cannot open the programs: %s", strerror(errno));
	r = attach_opened(s, cfg, vendor, owner, e);
	/* Pinned links outlive this; without pins closing the skeleton detaches. */
	diglim_bpf__destroy(s);
	if (r)
		engine_pins_remove(NULL);
	return r;
}

int engine_attach(const struct engine_config *cfg, int32_t vendor_keyring, int32_t owner_keyring,
		  struct err *e)
{
	int lock = engine_lock(e), r;

	if (lock < 0)
		return lock;
	r = attach_locked(cfg, vendor_keyring, owner_keyring, e);
	close(lock);
	return r;
}
