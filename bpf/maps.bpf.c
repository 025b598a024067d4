/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps and constants that all programs share. */
#define DIGLIM_DEFINE_MAPS
#include "gate.h"
#include "tickets.h"
#include "../core/interpreter.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 core_buffer_size = DIGLIM_SIG_MAX;
const volatile __u32 store_slots = 1;
const volatile __u32 store_limit = 1;
const volatile __u32 list_limit = 1;
const volatile __u32 event_slots = 1;
const volatile __u32 path_slots = 1;
const volatile __u32 cpus = 1;
const volatile __u32 arguments_judged = 0;
const volatile __u32 truncate_unopened = 0;
const volatile __u32 gate_on = 0;
const volatile __u32 gate_region = 0;
const volatile __u32 gate_device = 0;

__u64 device_opens = 0;
__u64 device_blind = 0;
__u32 device_forgot = 0;
__u32 device_mapped = 0;
__u32 content_moves = 0;
