/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every struct of abi/ has the same layout for the host's compiler and in the BTF of BPF objects:
 * same size, same members, each at the same offset and of the same size.
 *
 * usage: abi-btf ABI-FOLDER OBJECT-WITH-ALL-STRUCTS KERNEL-SIDE-OBJECT
 *
 * The table below is checked for completeness: against the BTF for members, against the text of the
 * headers for structs.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../abi/event.h"
#include "../../abi/listfile.h"
#include "../../abi/query.h"
#include "../../abi/read.h"
#include "../../abi/request.h"
#include "../../abi/state.h"

struct member {
	const char *name;
	size_t off;
	size_t size;
};

#define MEMBERS_MAX 32

struct layout {
	const char *name;
	size_t size;
	bool local; /* the kernel side names it in functions only, which BTF does not describe */
	struct member members[MEMBERS_MAX];
};

#define M(s, m)                                                                                    \
	{                                                                                          \
#m, offsetof(struct s, m), sizeof(((struct s *)NULL)->m)                           \
	}
#define FLEXIBLE(s, m)                                                                             \
	{                                                                                          \
#m, offsetof(struct s, m), 0                                                       \
	}
#define S(s) .name = #s, .size = sizeof(struct s)

static const struct layout layouts[] = {
	{S(diglim_answer), .local = true,
	 .members = {M(diglim_answer, mode), M(diglim_answer, sealed), M(diglim_answer, uses),
		     M(diglim_answer, vendor), M(diglim_answer, owner), M(diglim_answer, denied)}},
	{S(diglim_chunk),
	 .members = {M(diglim_chunk, next), M(diglim_chunk, used), M(diglim_chunk, slot)}},
	{S(diglim_compact_hdr), .local = true,
	 .members = {M(diglim_compact_hdr, version), M(diglim_compact_hdr, reserved),
		     M(diglim_compact_hdr, type), M(diglim_compact_hdr, modifiers),
		     M(diglim_compact_hdr, algo), M(diglim_compact_hdr, count),
		     M(diglim_compact_hdr, datalen)}},
	{S(diglim_control),
	 .members = {M(diglim_control, mode), M(diglim_control, window_mode),
		     M(diglim_control, window_end), M(diglim_control, vendor_keyring),
		     M(diglim_control, owner_keyring), M(diglim_control, flags),
		     M(diglim_control, selftest_tgid), M(diglim_control, selftest_hook),
		     M(diglim_control, scope), M(diglim_control, hash_limit),
		     M(diglim_control, anonymous), M(diglim_control, interpreters),
		     M(diglim_control, restricted_keyring), M(diglim_control, seal_register)}},
	{S(diglim_counters),
	 .members = {M(diglim_counters, count), M(diglim_counters, selftest_refused),
		     M(diglim_counters, events_lost)}},
	{S(diglim_event), .local = true,
	 .members = {M(diglim_event, version),	   M(diglim_event, type),
		     M(diglim_event, seq),	   M(diglim_event, time_ns),
		     M(diglim_event, cgroup_id),   M(diglim_event, inode),
		     M(diglim_event, file_size),   M(diglim_event, fs_magic),
		     M(diglim_event, dev),	   M(diglim_event, hook),
		     M(diglim_event, reason),	   M(diglim_event, use),
		     M(diglim_event, pid),	   M(diglim_event, tgid),
		     M(diglim_event, ppid),	   M(diglim_event, uid),
		     M(diglim_event, gid),	   M(diglim_event, euid),
		     M(diglim_event, offset),	   M(diglim_event, has_digest),
		     M(diglim_event, digest),	   M(diglim_event, comm),
		     M(diglim_event, parent_comm), M(diglim_event, path_len),
		     M(diglim_event, path_kind),   FLEXIBLE(diglim_event, path)}},
	{S(diglim_event_slot),
	 .members = {M(diglim_event_slot, seq), M(diglim_event_slot, busy),
		     M(diglim_event_slot, path), M(diglim_event_slot, event)}},
	{S(diglim_limits), .local = true,
	 .members = {M(diglim_limits, store_slots), M(diglim_limits, store_limit),
		     M(diglim_limits, lists), M(diglim_limits, ingest_buffer),
		     M(diglim_limits, events), M(diglim_limits, paths)}},
	{S(diglim_gate),
	 .members = {M(diglim_gate, uses), M(diglim_gate, deciding), M(diglim_gate, recorded),
		     M(diglim_gate, seen), M(diglim_gate, writes), M(diglim_gate, keeper),
		     M(diglim_gate, armed), M(diglim_gate, in_flight), M(diglim_gate, parked)}},
	{S(diglim_guarded),
	 .members = {M(diglim_guarded, id), M(diglim_guarded, kind), M(diglim_guarded, dev)}},
	{S(diglim_list_record),
	 .members = {M(diglim_list_record, name), M(diglim_list_record, loaded_ns),
		     M(diglim_list_record, loaded_seq), M(diglim_list_record, format),
		     M(diglim_list_record, digests), M(diglim_list_record, chunk),
		     M(diglim_list_record, payload_len), M(diglim_list_record, sig_hash),
		     M(diglim_list_record, loader_uid), M(diglim_list_record, key_id),
		     M(diglim_list_record, key_id_len), M(diglim_list_record, grants),
		     M(diglim_list_record, type), M(diglim_list_record, restricted),
		     M(diglim_list_record, reserved)}},
	{S(diglim_path_slot),
	 .members = {M(diglim_path_slot, seq), M(diglim_path_slot, busy),
		     M(diglim_path_slot, reserved), M(diglim_path_slot, text)}},
	{S(diglim_question), .local = true,
	 .members = {M(diglim_question, what), M(diglim_question, reserved),
		     M(diglim_question, digest)}},
	{S(diglim_read_head), .local = true,
	 .members = {M(diglim_read_head, kind), M(diglim_read_head, version),
		     M(diglim_read_head, size), M(diglim_read_head, reserved),
		     M(diglim_read_head, number)}},
	{S(diglim_read_list), .local = true,
	 .members = {M(diglim_read_list, head), M(diglim_read_list, id),
		     M(diglim_read_list, record)}},
	{S(diglim_read_state), .local = true,
	 .members = {M(diglim_read_state, head), M(diglim_read_state, control),
		     M(diglim_read_state, status), M(diglim_read_state, limits),
		     M(diglim_read_state, gate), M(diglim_read_state, counters)}},
	{S(diglim_read_tail), .local = true,
	 .members = {M(diglim_read_tail, number), M(diglim_read_tail, path_number)}},
	{S(diglim_request), .members = {M(diglim_request, version), M(diglim_request, op),
					M(diglim_request, payload), M(diglim_request, sig),
					M(diglim_request, payload_len), M(diglim_request, sig_len),
					M(diglim_request, list_id), M(diglim_request, mode),
					M(diglim_request, window_s), M(diglim_request, digest)}},
	{S(diglim_sig_trailer), .local = true,
	 .members = {M(diglim_sig_trailer, algo), M(diglim_sig_trailer, hash),
		     M(diglim_sig_trailer, id_type), M(diglim_sig_trailer, signer_len),
		     M(diglim_sig_trailer, key_id_len), M(diglim_sig_trailer, pad),
		     M(diglim_sig_trailer, sig_len)}},
	{S(diglim_status),
	 .members = {M(diglim_status, generation),	M(diglim_status, digests),
		     M(diglim_status, digest_refs),	M(diglim_status, tombstones),
		     M(diglim_status, lists),		M(diglim_status, event_seq),
		     M(diglim_status, attached_ns),	M(diglim_status, last_change_ns),
		     M(diglim_status, longest_probe),	M(diglim_status, reserved),
		     M(diglim_status, memory),		M(diglim_status, store_memory),
		     M(diglim_status, path_seq),	M(diglim_status, boot),
		     M(diglim_status, control_counter), M(diglim_status, denied_keys),
		     M(diglim_status, limits),		M(diglim_status, floors),
		     M(diglim_status, versions),	M(diglim_status, immutable),
		     M(diglim_status, reserved2)}},
	{S(diglim_store_links),
	 .members = {M(diglim_store_links, head), M(diglim_store_links, next)}},
	{S(diglim_store_slot),
	 .members = {M(diglim_store_slot, digest), M(diglim_store_slot, refs),
		     M(diglim_store_slot, use), M(diglim_store_slot, source),
		     M(diglim_store_slot, state), M(diglim_store_slot, kinds)}},
	{S(diglim_task), .members = {M(diglim_task, uses), M(diglim_task, pending)}},
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

static unsigned int passed, failed;

static void result(bool good, const char *what, const char *of)
{
	if (good) {
		passed++;
		return;
	}
	failed++;
	printf("FAIL - %s: %s\n", of, what);
}

static const struct member *member_find(const struct layout *l, const char *name)
{
	for (size_t i = 0; i < MEMBERS_MAX && l->members[i].name; i++)
		if (!strcmp(l->members[i].name, name))
			return &l->members[i];
	return NULL;
}

static unsigned int members_count(const struct layout *l)
{
	unsigned int n = 0;

	while (n < MEMBERS_MAX && l->members[n].name)
		n++;
	return n;
}

/* Says what differs in one member; NULL if nothing does. */
static const char *member_differs(const struct btf *btf, const struct btf_type *t, unsigned int i,
				  const struct layout *l)
{
	const struct btf_member *bm = btf_members(t) + i;
	const struct member *m = member_find(l, btf__name_by_offset(btf, bm->name_off));
	const struct btf_type *mt;
	long long size;
	__u32 id = bm->type;

	if (!m)
		return "in the BTF only";
	if (btf_member_bitfield_size(t, i))
		return "a bit field";
	if (btf_member_bit_offset(t, i) != m->off * 8)
		return "at another offset";
	mt = btf__type_by_id(btf, id);
	if (mt && btf_is_array(mt) && !btf_array(mt)->nelems)
		size = 0;
	else
		size = btf__resolve_size(btf, id);
	return size != (long long)m->size ? "of another size" : NULL;
}

/* Number of differences between what BTF says and the host's layout. */
static unsigned int layout_differs(const struct btf *btf, const struct layout *l, bool say)
{
	__s32 id = btf__find_by_name_kind(btf, l->name, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
	unsigned int bad = 0;

	if (!t) {
		if (say)
			printf("FAIL - struct %s is not in the BTF\n", l->name);
		return 1;
	}
	if (t->size != l->size || btf_vlen(t) != members_count(l)) {
		bad++;
		if (say)
			printf("FAIL - struct %s: %u bytes, %u members in BTF; %zu, %u here\n",
			       l->name, t->size, btf_vlen(t), l->size, members_count(l));
	}
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const char *why = member_differs(btf, t, i, l);

		if (why && say)
			printf("FAIL - struct %s: %s is %s\n", l->name,
			       btf__name_by_offset(btf, btf_members(t)[i].name_off), why);
		bad += why != NULL;
	}
	return bad;
}

static struct btf *object_btf(const char *path)
{
	struct btf *btf = btf__parse_elf(path, NULL);

	result(btf != NULL, "has no BTF", path);
	return btf;
}

static void compare_object(const char *path, bool all)
{
	struct btf *btf = object_btf(path);

	for (size_t i = 0; btf && i < LAYOUTS; i++)
		/* What may be absent is compared all the same if it is there. */
		if (all || !layouts[i].local ||
		    btf__find_by_name_kind(btf, layouts[i].name, BTF_KIND_STRUCT) > 0)
			result(!layout_differs(btf, &layouts[i], true), layouts[i].name, path);
	btf__free(btf);
}

/* The comparison finds what it is for: each of these must be seen. */
static void comparison_can_fail(const char *path)
{
	struct btf *btf = object_btf(path);
	struct layout l;

	if (!btf)
		return;
	l = layouts[0];
	l.members[1].off += 4;
	result(layout_differs(btf, &l, false) == 1, "another offset must be seen", l.name);
	l = layouts[0];
	l.members[1].size += 4;
	result(layout_differs(btf, &l, false) == 1, "another size must be seen", l.name);
	l = layouts[0];
	l.size += 8;
	result(layout_differs(btf, &l, false) == 1, "a longer struct must be seen", l.name);
	l = layouts[0];
	l.members[1].name = "renamed";
	result(layout_differs(btf, &l, false) == 1, "a renamed member must be seen", l.name);
	l = layouts[0];
	l.members[members_count(&l) - 1].name = NULL;
	result(layout_differs(btf, &l, false) == 2, "a forgotten member must be seen", l.name);
	l = layouts[0];
	l.name = "diglim_absent";
	result(layout_differs(btf, &l, false) == 1, "an absent struct must be seen", l.name);
	btf__free(btf);
}

static bool layout_known(const char *name, size_t len)
{
	for (size_t i = 0; i < LAYOUTS; i++)
		if (strlen(layouts[i].name) == len && !strncmp(layouts[i].name, name, len))
			return true;
	return false;
}

/* Every "struct NAME {" of a header must be in the table. Returns how many there are. */
static unsigned int header_structs(const char *dir, const char *file)
{
	char path[4096], line[512];
	unsigned int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		size_t len;

		if (strncmp(line, "struct ", 7) || !strstr(line, "{"))
			continue;
		len = strcspn(line + 7, " \t{");
		line[7 + len] = '\0';
		result(layout_known(line + 7, len), line + 7, "not in the table of abi-btf.c");
		n++;
	}
	if (f)
		fclose(f);
	return n;
}

static void headers_complete(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	unsigned int n = 0;

	while (d && (ent = readdir(d))) {
		size_t len = strlen(ent->d_name);

		if (len > 2 && !strcmp(ent->d_name + len - 2, ".h"))
			n += header_structs(dir, ent->d_name);
	}
	if (d)
		closedir(d);
	result(n == LAYOUTS, "the table and the headers have different numbers of structs", dir);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr,
			"usage: abi-btf ABI-FOLDER OBJECT-WITH-ALL-STRUCTS KERNEL-SIDE-OBJECT\n");
		return 2;
	}
	headers_complete(argv[1]);
	compare_object(argv[2], true);
	compare_object(argv[3], false);
	comparison_can_fail(argv[2]);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed || !passed;
}
