/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DIGLIM_TESTS_KERNEL_EVENT_LOG_H
#define DIGLIM_TESTS_KERNEL_EVENT_LOG_H

#define EVENT_LOG_NAME	100
#define EVENT_LOG_BYTES 120
#define EVENT_LOG_BATCH 100 /* events that one run of the program writes */

struct event_log_number {
	unsigned long long next;
};

#endif
