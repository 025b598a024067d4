// SPDX-License-Identifier: GPL-2.0-only
/* One variable of every struct of abi/, so that the BTF of this object describes them all. */
#include "../../bpf/vmlinux.h"
#include "../../abi/error.h"
#include "../../abi/event.h"
#include "../../abi/limits.h"
#include "../../abi/listfile.h"
#include "../../abi/query.h"
#include "../../abi/read.h"
#include "../../abi/reason.h"
#include "../../abi/request.h"
#include "../../abi/state.h"
#include "../../abi/types.h"
#include "../../abi/use.h"

struct diglim_answer abi_answer;
struct diglim_chunk abi_chunk;
struct diglim_compact_hdr abi_compact_hdr;
struct diglim_control abi_control;
struct diglim_counters abi_counters;
struct diglim_event abi_event;
struct diglim_event_slot abi_event_slot;
struct diglim_limits abi_limits;
struct diglim_guarded abi_guarded;
struct diglim_list_record abi_list_record;
struct diglim_question abi_question;
struct diglim_path_slot abi_path_slot;
struct diglim_read_head abi_read_head;
struct diglim_read_list abi_read_list;
struct diglim_read_state abi_read_state;
struct diglim_read_tail abi_read_tail;
struct diglim_request abi_request;
struct diglim_sig_trailer abi_sig_trailer;
struct diglim_status abi_status;
struct diglim_store_links abi_store_links;
struct diglim_store_slot abi_store_slot;
struct diglim_task abi_task;
