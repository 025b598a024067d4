// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deny, control, limits and floor lists, and versions of packages, through the very text that
 * ingest runs (bpf/take.h), in the host's kernel.
 *
 * usage: rules_model PROGRAM.bpf.o
 */
#include "../../abi/reason.h"
#include "../../core/interpreter.h"
#include "rules_load.h"

#define OWNED_EXEC (DIGLIM_USE_EXEC | DIGLIM_FOUND_OWNER)

#define BOOT "0123456789abcdef"

static struct build rule;

/* Lists ------------------------------------------------------------------------------------ */

static void head(uint32_t type, const char *name, uint32_t count)
{
	o.len = 0;
	build_tlv_int(&o, DIGLIM_TLV_ALGO, 4, 2);
	if (name)
		build_tlv(&o, DIGLIM_TLV_NAME, name, strlen(name));
	if (type)
		build_tlv_int(&o, DIGLIM_TLV_TYPE, type, 4);
	build_tlv_int(&o, DIGLIM_TLV_COUNT, count, 4);
}

static void control_head(const char *boot, uint64_t counter, uint32_t count)
{
	o.len = 0;
	build_tlv_int(&o, DIGLIM_TLV_ALGO, 4, 2);
	build_tlv_int(&o, DIGLIM_TLV_TYPE, DIGLIM_LIST_CONTROL, 4);
	build_tlv(&o, DIGLIM_TLV_BOOT, boot, DIGLIM_BOOT_SIZE);
	build_tlv_int(&o, DIGLIM_TLV_COUNTER, counter, 8);
	build_tlv_int(&o, DIGLIM_TLV_COUNT, count, 4);
}

static void text(uint16_t field, const char *s)
{
	if (s)
		build_tlv(&rule, field, s, strlen(s));
}

static void end_rule(void)
{
	build_tlv(&o, DIGLIM_TLV_ENTRY, rule.b, rule.len);
	rule.len = 0;
}

static void deny_key_rule(const char *signer)
{
	text(DIGLIM_TLV_ENTRY_KEY, signer);
	end_rule();
}

static void mode_rule(uint32_t mode, uint32_t seconds)
{
	build_tlv_int(&rule, DIGLIM_TLV_ENTRY_MODE, (uint64_t)mode << 32 | seconds, 8);
	end_rule();
}

static void unseal_rule(void)
{
	build_tlv(&rule, DIGLIM_TLV_ENTRY_UNSEAL, "", 0);
	end_rule();
}

static void remove_rule(const uint8_t *id)
{
	build_tlv(&rule, DIGLIM_TLV_ENTRY_REMOVE, id, DIGLIM_LIST_ID_SIZE);
	end_rule();
}

static void limit_rule(const char *signer, uint32_t use, const char *name, const char *path)
{
	text(DIGLIM_TLV_ENTRY_KEY, signer);
	if (use)
		build_tlv_int(&rule, DIGLIM_TLV_ENTRY_USE, use, 4);
	text(DIGLIM_TLV_ENTRY_NAME, name);
	if (path)
		build_tlv(&rule, DIGLIM_TLV_ENTRY_PATH, path, strlen(path) + 1);
	end_rule();
}

static void floor_rule(const char *name, const char *arch, const char *version, const char *release,
		       int lower)
{
	text(DIGLIM_TLV_ENTRY_NAME, name);
	text(DIGLIM_TLV_ENTRY_ARCH, arch);
	text(DIGLIM_TLV_ENTRY_VERSION, version);
	text(DIGLIM_TLV_ENTRY_RELEASE, release);
	if (lower)
		build_tlv(&rule, DIGLIM_TLV_ENTRY_LOWER, "", 0);
	end_rule();
}

/* A list of one digest; @n makes it another list, too. */
static int allow(const char *signer, unsigned int n)
{
	char name[32];

	snprintf(name, sizeof(name), "list-%u", n);
	head(DIGLIM_LIST_ALLOW, name, 1);
	build_tlv_entry(&o, n, "/opt/a", 1);
	return add(signer, 0);
}

/* An RPM header of one program; the digest is that of the version's first character. */
static int package(const char *name, const char *version, const char *release, const char *provides)
{
	const struct build_file f = {"/usr/bin/", "tool", 0100755, 0, 2, version[0]};
	static struct build_rpm r;

	r.n = 0;
	build_text_tag(&r, 1000, name);
	build_text_tag(&r, 1001, version);
	build_text_tag(&r, 1002, release);
	build_text_tag(&r, 1022, "x86_64");
	build_files(&r, &f, 1);
	if (provides) {
		build_tag(&r, 1047, 8);
		build_string(&r, "libsomething.so.1");
		build_string(&r, provides);
	}
	build_tag(&r, 5011, 4);
	build_int(&r, 8);
	build_rpm_out(&r, &o);
	build_trailer_v3(&o);
	return add("vendor", 0);
}

/* Claims ----------------------------------------------------------------------------------- */

/* The path's last part says so; what the list is looked up for must say it, too. */
static void interpreters(void)
{
	uint32_t shell = CORE_IS_INTERPRETER | DIGLIM_KIND_SHELL;
	int names = bpf_object__find_map_fd_by_name(object, "interpreters");
	char bash[CORE_STEM_MAX] = "bash";

	GIVES(0, bpf_map_update_elem(names, bash, &shell, BPF_ANY));
	head(DIGLIM_LIST_ALLOW, "interpreters", 2);
	build_tlv_entry(&o, 1, "/usr/bin/bash", 1);
	build_tlv_entry(&o, 2, "/usr/bin/true", 1);
	GIVES(0, add("O", 0));
	CLAIM(look_up(1) == (OWNED_EXEC | DIGLIM_USE_INTERPRETER |
			     DIGLIM_KIND_SHELL << DIGLIM_FOUND_KINDS_SHIFT));
	CLAIM(look_up(2) == OWNED_EXEC);
}

/* A property beside any use, of what is in a list once; counted. */
static void immutable(void)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE];

	GIVES(0, allow("A", 1));
	head(DIGLIM_LIST_ALLOW, "kept", 3);
	build_tlv_entry(&o, 1, NULL, DIGLIM_USE_DATA | DIGLIM_USE_IMMUTABLE);
	build_tlv_entry(&o, 2, NULL, DIGLIM_USE_EXEC | DIGLIM_USE_IMMUTABLE);
	build_tlv_entry(&o, 3, NULL, DIGLIM_USE_EXEC);
	GIVES(0, add("O", 0));
	memcpy(id, work->id, sizeof(id));
	CLAIM(look_up(1) == (OWNED_EXEC | DIGLIM_USE_DATA | DIGLIM_USE_IMMUTABLE));
	CLAIM(look_up(2) == (OWNED_EXEC | DIGLIM_USE_IMMUTABLE));
	CLAIM(look_up(3) == OWNED_EXEC);
	CLAIM(work->status.immutable == 2);
	GIVES(0, list_remove(id));
	CLAIM(look_up(1) == OWNED_EXEC && !look_up(2));
	CLAIM(work->status.immutable == 0);
	/* A compact list says it of a block. */
	o.len = 0;
	build_compact_head(&o, 1, 0, 4, 1, 32);
	build_digest(&o, 4);
	build_compact_head(&o, 1, DIGLIM_COMPACT_MOD_IMMUTABLE, 4, 1, 32);
	build_digest(&o, 5);
	GIVES(0, add("O", 0));
	CLAIM(look_up(4) == OWNED_EXEC);
	CLAIM(look_up(5) == (OWNED_EXEC | DIGLIM_USE_IMMUTABLE));
	CLAIM(work->status.immutable == 1);
	/* No restricted key says it. */
	head(DIGLIM_LIST_LIMITS, "limits", 1);
	limit_rule("R", DIGLIM_USE_ALL, NULL, NULL);
	GIVES(0, add("O", 0));
	head(DIGLIM_LIST_ALLOW, "kept", 1);
	build_tlv_entry(&o, 6, NULL, DIGLIM_USE_EXEC | DIGLIM_USE_IMMUTABLE);
	GIVES(-DIGLIM_E_LIMIT, add("R", 1));
}

static void denied_digests(void)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE];

	GIVES(0, allow("A", 1));
	CLAIM(look_up(1) == OWNED_EXEC);
	head(DIGLIM_LIST_DENY, "deny", 2);
	build_tlv_entry(&o, 1, "/opt/a", 0);
	build_tlv_entry(&o, 2, NULL, 0);
	GIVES(0, add("O", 0));
	memcpy(id, work->id, sizeof(id));
	CLAIM(look_up(1) == (OWNED_EXEC | DIGLIM_FOUND_DENIED));
	CLAIM(look_up(2) == DIGLIM_FOUND_DENIED);
	GIVES(-DIGLIM_E_EXISTS, add("O", 0));
	GIVES(0, allow("A", 2));
	CLAIM(look_up(2) & DIGLIM_FOUND_DENIED);
	CLAIM(work->status.lists == 3);
	GIVES(0, list_remove(id));
	CLAIM(look_up(1) == OWNED_EXEC && look_up(2) == OWNED_EXEC);
}

static void denied_keys(void)
{
	uint8_t deny[DIGLIM_LIST_ID_SIZE];

	/* More than one round of the sweep takes, and others between them. */
	for (unsigned int i = 0; i < 100; i++) {
		GIVES(0, allow("A", i));
		GIVES(0, allow("B", 100 + i));
	}
	head(DIGLIM_LIST_DENY, "own deny list", 1);
	build_tlv_entry(&o, 230, NULL, 0);
	GIVES(0, add("A", 0));
	CLAIM(work->status.lists == 201);
	head(DIGLIM_LIST_DENY, "deny", 1);
	deny_key_rule("A");
	GIVES(0, add("O", 0));
	memcpy(deny, work->id, sizeof(deny));
	CLAIM(work->status.denied_keys == 1);
	/* What A's deny list takes away stays away. */
	CLAIM(work->status.lists == 102);
	CLAIM(look_up(230) == DIGLIM_FOUND_DENIED);
	for (unsigned int i = 0; i < 100; i++) {
		CLAIM(look_up(i) == 0);
		CLAIM(look_up(100 + i) == OWNED_EXEC);
	}
	CLAIM(look_up_signer("A") == DIGLIM_FOUND_KEY);
	CLAIM(look_up_signer("B") == 0 && look_up_signer("AA") == 0);
	GIVES(0, list_remove(deny));
	CLAIM(work->status.denied_keys == 0 && look_up_signer("A") == 0);
	GIVES(0, allow("A", 1));
	CLAIM(look_up(1) == OWNED_EXEC);
}

static void control(void)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE], absent[DIGLIM_LIST_ID_SIZE] = {1};

	GIVES(0, allow("A", 1));
	memcpy(id, work->id, sizeof(id));
	control_head("fedcba9876543210", 1, 1);
	unseal_rule();
	GIVES(-DIGLIM_E_REPLAY, add("O", 0));
	CLAIM(work->control.flags & DIGLIM_CONTROL_SEALED);
	control_head(BOOT, 5, 2);
	mode_rule(DIGLIM_MODE_AUDIT, 60);
	remove_rule(absent);
	GIVES(-DIGLIM_E_ABSENT, add("O", 0));
	CLAIM(!work->control.window_end && !work->status.control_counter);
	control_head(BOOT, 5, 0);
	GIVES(-DIGLIM_E_EMPTY, add("O", 0));
	control_head(BOOT, 5, 2);
	mode_rule(DIGLIM_MODE_AUDIT, 60);
	remove_rule(id);
	GIVES(0, add("O", 0));
	CLAIM(work->control.window_mode == DIGLIM_MODE_AUDIT && work->control.window_end);
	CLAIM(work->control.mode == DIGLIM_MODE_ENFORCE);
	CLAIM(work->control.flags & DIGLIM_CONTROL_SEALED);
	CLAIM(!look_up(1) && !work->status.lists && work->status.control_counter == 5);
	GIVES(-DIGLIM_E_REPLAY, add("O", 0));
	control_head(BOOT, 4, 1);
	unseal_rule();
	GIVES(-DIGLIM_E_REPLAY, add("O", 0));
	control_head(BOOT, 6, 2);
	unseal_rule();
	mode_rule(DIGLIM_MODE_OFF, 0);
	GIVES(0, add("O", 0));
	CLAIM(!(work->control.flags & DIGLIM_CONTROL_SEALED));
	CLAIM(work->control.mode == DIGLIM_MODE_OFF && !work->control.window_end);
	CLAIM(!work->status.lists);
}

/* What the restricted key R signs. */
static int restricted(const char *name, const char *path, uint32_t use)
{
	head(DIGLIM_LIST_ALLOW, name, 2);
	build_tlv_entry(&o, 1, "/opt/kmod/a", 2);
	build_tlv_entry(&o, 2, path, use);
	return add("R", 1);
}

static int restricted_rpm(void)
{
	build_sample_header(&o);
	build_trailer_v3(&o);
	return add("R", 1);
}

static void limits(void)
{
	uint8_t limit[DIGLIM_LIST_ID_SIZE];

	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", "/opt/kmod/b", 2));
	head(DIGLIM_LIST_LIMITS, "limits", 1);
	limit_rule("R", DIGLIM_USE_MODULE, "kmod-*", "/opt/kmod/");
	GIVES(0, add("O", 0));
	memcpy(limit, work->id, sizeof(limit));
	CLAIM(work->status.limits == 1 && !work->status.digests);
	GIVES(-DIGLIM_E_LIMIT, restricted("tools", "/opt/kmod/b", 2));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmo", "/opt/kmod/b", 2));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", "/opt/kmod/b", 3));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", "/opt/other/b", 2));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", "/opt/kmod", 2));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", "/opt/kmod/../b", 2));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", "/opt/kmod/..", 2));
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-a", NULL, 2));
	CLAIM(!work->status.digests && work->status.lists == 1);
	head(DIGLIM_LIST_DENY, "deny", 1);
	deny_key_rule("O");
	GIVES(-DIGLIM_E_LIMIT, add("R", 1));
	control_head(BOOT, 1, 1);
	unseal_rule();
	GIVES(-DIGLIM_E_LIMIT, add("R", 1));
	head(DIGLIM_LIST_LIMITS, "more", 1);
	limit_rule("S", DIGLIM_USE_ALL, NULL, NULL);
	GIVES(-DIGLIM_E_LIMIT, add("R", 1));
	GIVES(-DIGLIM_E_LIMIT, restricted_rpm());
	/* One limit a key; a list that fails half-way leaves nothing. */
	head(DIGLIM_LIST_LIMITS, "two", 2);
	limit_rule("S", DIGLIM_USE_ALL, NULL, NULL);
	limit_rule("R", DIGLIM_USE_ALL, NULL, NULL);
	GIVES(-DIGLIM_E_DUPLICATE, add("O", 0));
	CLAIM(work->status.limits == 1 && work->status.lists == 1);
	GIVES(0, restricted("kmod-a", "/opt/kmod/..b/.c/...", 2));
	CLAIM(look_up(2) == (DIGLIM_USE_MODULE | DIGLIM_FOUND_OWNER));
	GIVES(0, list_remove(limit));
	CLAIM(work->status.limits == 0);
	GIVES(-DIGLIM_E_LIMIT, restricted("kmod-b", "/opt/kmod/b", 2));
	/* What it signed before stays, until its key is denied. */
	CLAIM(look_up(2) == (DIGLIM_USE_MODULE | DIGLIM_FOUND_OWNER));
}

/* The files of the sample lie in many places. */
static void limits_of_headers(void)
{
	head(DIGLIM_LIST_LIMITS, "limits", 4);
	limit_rule("R", DIGLIM_USE_ALL, "sample", NULL);
	limit_rule("N", DIGLIM_USE_ALL, "sampl", NULL);
	limit_rule("P", DIGLIM_USE_ALL, NULL, "/usr/");
	limit_rule("Q", DIGLIM_USE_ALL, NULL, "/");
	GIVES(0, add("O", 0));
	build_sample_header(&o);
	build_trailer_v3(&o);
	GIVES(-DIGLIM_E_LIMIT, add("N", 1));
	GIVES(-DIGLIM_E_LIMIT, add("P", 1));
	GIVES(0, add("Q", 1));
	GIVES(0, list_remove(work->id));
	GIVES(0, restricted_rpm());
}

static void versions(void)
{
	uint8_t list[DIGLIM_LIST_ID_SIZE];

	GIVES(0, package("tool", "2.0", "1", NULL));
	GIVES(0, package("tool", "3.0", "1", NULL));
	CLAIM(work->status.versions == 1);
	GIVES(-DIGLIM_E_ROLLBACK, package("tool", "1.0", "1", NULL));
	GIVES(-DIGLIM_E_ROLLBACK, package("tool", "3.0~rc1", "1", NULL));
	GIVES(-DIGLIM_E_EXISTS, package("tool", "3.0", "1", NULL));
	GIVES(0, package("tool-devel", "1.0", "1", NULL));
	GIVES(0, package("tool", "3.0", "2", NULL));
	GIVES(0, package("kernel-core", "6.12", "1", NULL));
	GIVES(0, package("kernel-core", "6.1", "1", NULL));
	GIVES(0, package("other", "6.12", "1", "installonlypkg(kernel)"));
	GIVES(0, package("other", "6.1", "1", "installonlypkg(kernel)"));
	GIVES(-DIGLIM_E_ROLLBACK, package("other", "6.0", "1", "no-installonlypkg(kernel)"));

	head(DIGLIM_LIST_FLOOR, "floor", 3);
	floor_rule("kernel-core", NULL, "6.5", NULL, 0);
	floor_rule("tool", "x86_64", "1.5", NULL, 1);
	floor_rule("tool", NULL, "9", NULL, 0);
	GIVES(0, add("O", 0));
	memcpy(list, work->id, sizeof(list));
	CLAIM(work->status.floors == 3);
	GIVES(-DIGLIM_E_ROLLBACK, package("kernel-core", "6.4", "1", NULL));
	GIVES(0, package("kernel-core", "6.5", "1", NULL));
	GIVES(0, package("tool", "1.6", "1", NULL));
	GIVES(-DIGLIM_E_ROLLBACK, package("tool", "1.4", "1", NULL));
	head(DIGLIM_LIST_FLOOR, "again", 2);
	floor_rule("new", NULL, "1", NULL, 0);
	floor_rule("tool", NULL, "1", NULL, 0);
	GIVES(-DIGLIM_E_DUPLICATE, add("O", 0));
	CLAIM(work->status.floors == 3);
	GIVES(0, list_remove(list));
	CLAIM(work->status.floors == 0);
	GIVES(-DIGLIM_E_ROLLBACK, package("tool", "1.7", "1", NULL));
	GIVES(0, package("kernel-core", "5.0", "1", NULL));
}

static void tables_full(void)
{
	char name[32], signer[32];

	for (int i = 0; i < RULES_VERSIONS; i++) {
		snprintf(name, sizeof(name), "package-%d", i);
		GIVES(0, package(name, "1", "1", NULL));
	}
	GIVES(-DIGLIM_E_RULES_FULL, package("one-more", "1", "1", NULL));
	CLAIM(work->status.lists == RULES_VERSIONS);
	GIVES(0, package("package-1", "2", "1", NULL));
	for (int i = 0; i <= DIGLIM_LIMITS_MAX; i++) {
		snprintf(name, sizeof(name), "limits %d", i);
		snprintf(signer, sizeof(signer), "signer-%d", i);
		head(DIGLIM_LIST_LIMITS, name, 1);
		limit_rule(signer, DIGLIM_USE_EXEC, NULL, NULL);
		GIVES(i < DIGLIM_LIMITS_MAX ? 0 : -DIGLIM_E_RULES_FULL, add("O", 0));
	}
	CLAIM(work->status.limits == DIGLIM_LIMITS_MAX);
}

int main(int argc, char **argv)
{
	static void (*const tests[])(void) = {interpreters,	 immutable, denied_digests,
					      denied_keys,	 control,   limits,
					      limits_of_headers, versions,  tables_full};

	if (argc != 2) {
		fprintf(stderr, "usage: rules_model PROGRAM\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		load(argv[1], BOOT);
		tests[i]();
		unload();
	}
	printf("%u claims, %u wrong\n", claims, wrong);
	return wrong || !claims;
}
