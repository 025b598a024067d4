/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes events with the text of bpf/event.h, as many as asked for. */
#include "event.h"
#include "event_log.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event_log_number);
} numbers SEC(".maps");

/* All parts of an event say the same byte: one that is put together from two is seen. */
static long write_one(__u32 i, void *ctx)
{
	struct event_facts f = {.type = DIGLIM_EVENT_LIST_ADDED, .hook = DIGLIM_HOOK_INGEST};
	char name[EVENT_LOG_NAME] = "";
	__u8 digest[DIGLIM_DIGEST_SIZE];
	struct event_log_number *n;
	__u32 zero = 0;
	__u8 byte;

	n = bpf_map_lookup_elem(&numbers, &zero);
	if (!n)
		return 1;
	byte = __sync_fetch_and_add(&n->next, 1) % EVENT_LOG_BYTES + 1;
	for (__u32 k = 0; k < sizeof(name) - 1; k++)
		name[k] = byte;
	for (__u32 k = 0; k < sizeof(digest); k++)
		digest[k] = byte;
	f.digest = digest;
	f.has_digest = 1;
	f.reason = byte;
	f.offset = byte;
	event_list(&f, name);
	return 0;
}

SEC("syscall")
int run_write(void *ctx)
{
	bpf_loop(EVENT_LOG_BATCH, write_one, NULL, 0);
	return 0;
}
