/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DIGLIM_TESTS_KERNEL_DEVICE_MODEL_H
#define DIGLIM_TESTS_KERNEL_DEVICE_MODEL_H

struct device_answer {
	unsigned long long dev; /* 0: the file system has no block device */
	unsigned long long used_before;
	unsigned long long steady;
	unsigned long long used;
	unsigned long long fd; /* for run_open: of the device, open for writing */
};

#endif
