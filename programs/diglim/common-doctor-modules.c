/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diglim doctor: compressed kernel modules. If kmod decompresses them itself it hands the kernel
 * memory instead of a file, and then there is no file to judge.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common-doctor.h"

#define KMOD_MIN 31 /* the first that lets the kernel decompress */

static bool modules_compressed(void)
{
	char path[128], line[512];
	struct utsname u;

	if (uname(&u))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%.64s/modules.dep", u.release);
	if (!doctor_read_line(path, line, sizeof(line)))
		return false;
	line[strcspn(line, ":")] = '\0';
	return strstr(line, ".ko.") != NULL;
}

/* "kmod version 34"; 0 if it cannot be told. */
static int kmod_version(void)
{
	FILE *f = popen("kmod --version 2>/dev/null", "re");
	int version = 0;

	if (!f)
		return 0;
	if (fscanf(f, "kmod version %d", &version) != 1)
		version = 0;
	pclose(f);
	return version;
}

void doctor_modules(struct doctor *d)
{
	int version;

	if (!modules_compressed()) {
		doctor_good(d, "kernel modules", "not compressed");
		return;
	}
	if (access("/sys/module/compression", F_OK)) {
		doctor_note(d, "kernel modules",
			    "compressed, and this kernel cannot decompress them: under enforce "
			    "none can be loaded",
			    "boot a kernel built with CONFIG_MODULE_DECOMPRESS=y, or load what is "
			    "needed before enforcing");
		return;
	}
	version = kmod_version();
	if (version >= KMOD_MIN)
		doctor_good(d, "kernel modules", "decompressed by the kernel");
	else
		doctor_note(d, "kernel modules",
			    "compressed, and kmod decompresses them itself: under enforce none can "
			    "be loaded",
			    "install kmod %d or newer (found: %d)", KMOD_MIN, version);
}
