/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diglim doctor: what the running kernel can do. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common-doctor.h"
#include "../../lib/engine/engine.h"

bool doctor_read_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	else
		*buf = '\0';
	return ok;
}

static void line(struct doctor *d, const char *state, const char *what, const char *text,
		 const char *fix)
{
	struct out *o = d->c->out;
	bool good = *state == 'o', note = *state == 'n';

	out_object(o, NULL, NULL);
	out_str(o, "what", NULL, what);
	out_str(o, "state", NULL, state);
	out_str(o, "text", NULL, text);
	if (fix)
		out_str(o, "fix", NULL, fix);
	out_end(o);
	out_line(o,
		 good	? OUT_GOOD
		 : note ? OUT_WARN
			: OUT_BAD,
		 good	? "[+]"
		 : note ? "[?]"
			: "[-]",
		 "%s%s%s", what, *text ? ": " : "", text);
	if (fix)
		out_line(o, OUT_PLAIN, NULL, "      fix: %s", fix);
}

void doctor_good(struct doctor *d, const char *what, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	line(d, "ok", what, text ? text : "", NULL);
	free(text);
}

void doctor_bad(struct doctor *d, const char *what, const char *lost, const char *fix, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fix);
	if (vasprintf(&text, fix, ap) < 0)
		text = NULL;
	va_end(ap);
	d->missing++;
	line(d, "missing", what, lost, text);
	free(text);
}

void doctor_note(struct doctor *d, const char *what, const char *lost, const char *fix, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fix);
	if (vasprintf(&text, fix, ap) < 0)
		text = NULL;
	va_end(ap);
	d->notes++;
	line(d, "note", what, lost, text);
	free(text);
}

/* The list that is there and bpf, as the boot loader takes it; capability is always first. */
static void fix_lsm(struct doctor *d, const struct engine_probe *p)
{
	char lsm[256];
	const char *rest = lsm;

	if (!doctor_read_line("/sys/kernel/security/lsm", lsm, sizeof(lsm))) {
		doctor_bad(d, p->what, "securityfs is not mounted, nothing can be told",
			   "mount -t securityfs securityfs /sys/kernel/security");
		return;
	}
	if (strncmp(rest, "capability,", 11) == 0)
		rest += 11;
	doctor_bad(d, p->what, "without it nothing is judged at all",
		   "boot with the kernel argument lsm=%s,bpf (GRUB: add it to "
		   "GRUB_CMDLINE_LINUX in /etc/default/grub, run update-grub, reboot)",
		   rest);
}

static const char *generic_fix(const char *what)
{
	if (strncmp(what, "hook ", 5) == 0)
		return "boot a kernel that has this hook, or go on without: diglim attach "
		       "--accept-reduced";
	if (strncmp(what, "kfunc ", 6) == 0 || strncmp(what, "helper ", 7) == 0)
		return "boot a kernel of 6.1 or newer, for instance the one of Debian 12";
	if (strcmp(what, "kernel BTF") == 0)
		return "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's are";
	if (strcmp(what, "IMA") == 0)
		return "boot a kernel built with CONFIG_IMA=y, as Debian's are";
	if (strcmp(what, "kernel.ftrace_enabled") == 0)
		return "sysctl kernel.ftrace_enabled=1";
	if (strcmp(what, "bpffs") == 0)
		return "mount -t bpf bpf /sys/fs/bpf";
	return "boot a kernel that has it";
}

static bool securityfs_mounted(void)
{
	return !access("/sys/kernel/security/lsm", F_OK);
}

static void show_probe(struct doctor *d, const struct engine_probe *p)
{
	char lost[512];

	if (p->present) {
		doctor_good(d, p->what, "%s", p->guarantee);
		return;
	}
	if (strcmp(p->what, "LSM bpf") == 0) {
		fix_lsm(d, p);
		return;
	}
	if (strcmp(p->what, "IMA") == 0 && !securityfs_mounted()) {
		doctor_note(d, p->what, "cannot be told without securityfs",
			    "mount -t securityfs securityfs /sys/kernel/security");
		return;
	}
	snprintf(lost, sizeof(lost), "%s; without it is lost: %s",
		 *p->detail ? p->detail : "missing", p->guarantee);
	if (p->required)
		doctor_bad(d, p->what, lost, "%s", generic_fix(p->what));
	else
		doctor_note(d, p->what, lost, "%s", generic_fix(p->what));
}

static void check_unprivileged(struct doctor *d)
{
	char v[16];

	if (doctor_read_line("/proc/sys/kernel/unprivileged_bpf_disabled", v, sizeof(v)) &&
	    *v == '0')
		doctor_note(d, "unprivileged BPF", "any user may load BPF programs",
			    "sysctl kernel.unprivileged_bpf_disabled=2");
	else
		doctor_good(d, "unprivileged BPF", "switched off");
}

static void check_lockdown(struct doctor *d)
{
	char v[128];

	if (!securityfs_mounted())
		doctor_note(d, "lockdown", "cannot be told without securityfs",
			    "mount -t securityfs securityfs /sys/kernel/security");
	else if (!doctor_read_line("/sys/kernel/security/lockdown", v, sizeof(v)))
		doctor_note(
			d, "lockdown",
			"this kernel has none: root can change kernel memory, and DIGLIM with it",
			"boot a kernel built with CONFIG_SECURITY_LOCKDOWN_LSM=y");
	else if (strstr(v, "[integrity]"))
		doctor_good(d, "lockdown", "integrity");
	else if (strstr(v, "[confidentiality]"))
		doctor_note(d, "lockdown",
			    "confidentiality: BPF programs may not read kernel memory, so events "
			    "lack what they say about the parent process",
			    "boot with lockdown=integrity");
	else
		doctor_note(
			d, "lockdown",
			"none: root can change kernel memory, load unsigned kernels by kexec, "
			"and so take DIGLIM away",
			"boot with the kernel argument lockdown=integrity, or with Secure Boot");
}

static bool has_hash(const char *name)
{
	char text[160], entry[64];
	FILE *f = fopen("/proc/crypto", "re");
	bool found = false;

	if (!f)
		return false;
	snprintf(entry, sizeof(entry), ": %s\n", name);
	while (!found && fgets(text, sizeof(text), f))
		found = strncmp(text, "name ", 5) == 0 && strstr(text, entry);
	fclose(f);
	return found;
}

static void check_hashes(struct doctor *d)
{
	if (has_hash("sha512") && has_hash("sha384"))
		doctor_good(d, "hash algorithms", "SHA-256, SHA-384 and SHA-512");
	else
		doctor_note(d, "hash algorithms",
			    "SHA-512 is not loaded: packages signed with it (Amazon Linux, newer "
			    "Fedora) are refused",
			    "modprobe sha512_generic; for every boot: echo sha512_generic > "
			    "/etc/modules-load.d/diglim.conf");
}

static void check_ima_hash(struct doctor *d)
{
	char cmdline[4096];
	const char *at;

	if (!doctor_read_line("/proc/cmdline", cmdline, sizeof(cmdline)))
		return;
	at = strstr(cmdline, "ima_hash=");
	if (at && strncmp(at, "ima_hash=sha256", 15) != 0)
		doctor_note(d, "IMA hash",
			    "the kernel argument ima_hash asks for something else "
			    "than SHA-256, files that IMA measures are then refused",
			    "boot without ima_hash=, or with ima_hash=sha256");
}

void doctor_kernel(struct doctor *d)
{
	struct engine_probe probes[ENGINE_PROBES_MAX];
	struct err e = {0};
	struct utsname u;
	int n;

	if (!uname(&u))
		doctor_good(d, "kernel", "%s %s", u.release, u.machine);
	if (geteuid())
		doctor_note(d, "privilege", "not root: some checks cannot tell",
			    "run diglim doctor as root");
	n = engine_probe(probes, ENGINE_PROBES_MAX, &e);
	if (n < 0)
		doctor_bad(d, "probes", e.text, "run diglim doctor as root");
	for (int i = 0; i < n; i++)
		show_probe(d, &probes[i]);
	check_unprivileged(d);
	check_lockdown(d);
	check_hashes(d);
	check_ima_hash(d);
	doctor_modules(d);
}
