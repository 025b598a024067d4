/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TPM gate: where TPMs are, and the requests of the one process that opens it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

uint32_t engine_tpm_region(void)
{
	FILE *f = fopen("/proc/devices", "re");
	char line[128], name[64] = "";
	unsigned major = 0;

	while (f && fgets(line, sizeof(line), f)) {
		/* Character devices come first. */
		if (!strncmp(line, "Block", 5))
			break;
		if (sscanf(line, "%u %63s", &major, name) == 2 && !strcmp(name, "tpm"))
			break;
		name[0] = '\0';
	}
	if (f)
		fclose(f);
	return strcmp(name, "tpm") ? 0 : major;
}

uint32_t engine_tpm_number(void)
{
	FILE *f = fopen("/sys/class/tpmrm/tpmrm0/dev", "re");
	unsigned major = 0, minor = 0;

	if (f && fscanf(f, "%u:%u", &major, &minor) != 2)
		major = minor = 0;
	if (f)
		fclose(f);
	return major << 20 | minor;
}

int engine_tpm_device(void)
{
	int fd = open("/dev/tpmrm0", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		fd = open("/dev/tpm0", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int gate_request(enum diglim_gate_request what, uint64_t number, uint64_t seen,
			struct err *e)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = DIGLIM_OP_GATE,
		.mode = what,
		.payload = number,
		.sig = seen,
	};
	int r = engine_request(&rq);

	return r ? err_set(e, r, "TPM gate: %s", err_name(r)) : 0;
}

int engine_gate_keep(struct err *e)
{
	return gate_request(DIGLIM_GATE_KEEP, 0, 0, e);
}

int engine_gate_recorded(uint64_t uses, uint64_t seen, struct err *e)
{
	return gate_request(DIGLIM_GATE_RECORDED, uses, seen, e);
}

int engine_gate_forgive(struct err *e)
{
	return gate_request(DIGLIM_GATE_FORGIVE, 0, 0, e);
}
