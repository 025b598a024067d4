/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Example: only programs that a package or the owner vouches for may open network connections.
 * It asks DIGLIM about the program that runs (abi/query.h) and knows nothing of its insides.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "../abi/query.h"

char LICENSE[] SEC("license") = "GPL";

#define EPERM 1

DIGLIM_QUERY_STUB

SEC("lsm/socket_connect")
int BPF_PROG(sandbox_connect, struct socket *sock, struct sockaddr *address, int len, int ret)
{
	struct diglim_question q = {.what = DIGLIM_QUERY_PROGRAM};
	struct diglim_answer a = {};

	if (ret)
		return ret < 0 && ret >= -4095 ? ret : -EPERM;
	/* Nobody to ask: nothing is vouched for. */
	if (diglim_query(&q, &a) || !(a.uses & DIGLIM_USE_EXEC))
		return -EPERM;
	return 0;
}
