/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A root that tries everything at random: attacker SEED SECONDS COUNT [sealed]. Works in its
 * folder, which holds "vouched" and "unknown" (a program that ends with status 42), until SECONDS
 * or COUNT attempts are over. Before the seal the operations that only the guard refuses are left
 * out. Prints how often each kind was tried; a line "BREACH" if unknown code ever ran.
 *
 * No plain destruction: nothing outside the folder is removed or overwritten, no file system but
 * the pins and those mounted here is taken away, no reboot, no signal to processes that are not its
 * own.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNKNOWN_STATUS 42
#define PINS	       "/sys/fs/bpf/diglim"

static bool sealed;
static uint64_t state;

static uint32_t rnd(uint32_t n)
{
	/* splitmix64: the same seed, the same attempts */
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (uint32_t)((z ^ z >> 31) % n);
}

/* Runs @path or, if that is empty, @fd; the caller is a process of its own. */
static void run(int fd, const char *path)
{
	char *argv[] = {(char *)"attack", NULL}, *envp[] = {NULL};

	syscall(SYS_execveat, fd, path, argv, envp, *path ? 0 : AT_EMPTY_PATH);
}

static int copy_to(const char *from, int out)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int r = -1;

	if (in >= 0 && !fstat(in, &st) && sendfile(out, in, NULL, (size_t)st.st_size) > 0)
		r = 0;
	if (in >= 0)
		close(in);
	return r;
}

static const char *copy_of(const char *from, const char *to)
{
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (out >= 0) {
		copy_to(from, out);
		close(out);
	}
	return to;
}

static void attack_memfd(void)
{
	int fd = memfd_create("attack", rnd(2) ? MFD_CLOEXEC : MFD_ALLOW_SEALING);

	copy_to("unknown", fd);
	if (rnd(2))
		fcntl(fd, F_ADD_SEALS, (int)rnd(32));
	run(fd, "");
}

static void attack_tmpfile(void)
{
	char link[64];
	int fd = open(".", O_TMPFILE | O_RDWR, 0755);

	copy_to("unknown", fd);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	unlink("linked");
	linkat(AT_FDCWD, link, AT_FDCWD, "linked", AT_SYMLINK_FOLLOW);
	if (rnd(2))
		close(fd);
	run(AT_FDCWD, rnd(2) ? "./linked" : link);
}

/* Vouched first, unknown then, by every way there is to change a file. */
static void attack_change(void)
{
	const char *path = copy_of("vouched", "changing");
	int fd, unknown = open("unknown", O_RDONLY);
	void *p;

	if (!fork()) {
		run(AT_FDCWD, path);
		_exit(0);
	}
	wait(NULL);
	fd = open(path, rnd(2) ? O_RDWR : O_RDWR | O_TRUNC);
	switch (rnd(6)) {
	case 0:
		copy_to("unknown", fd);
		break;
	case 1:
		rename(copy_of("unknown", "other"), path);
		break;
	case 2:
		(void)copy_file_range(unknown, NULL, fd, NULL, 1 << 20, 0);
		break;
	case 3:
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p != MAP_FAILED && read(unknown, p, 4096) < 0)
			msync(p, 4096, MS_SYNC);
		break;
	case 4:
		if (!truncate(path, 0) && fd >= 0)
			copy_to("unknown", fd);
		break;
	case 5:
		unshare(CLONE_NEWNS);
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		mount("unknown", path, NULL, MS_BIND, NULL);
	}
	if (fd >= 0 && rnd(2))
		close(fd);
	run(AT_FDCWD, path);
}

static void attack_mapping(void)
{
	static const int prots[] = {PROT_EXEC, PROT_EXEC | PROT_READ,
				    PROT_EXEC | PROT_READ | PROT_WRITE};
	int fd = open("unknown", rnd(2) ? O_RDONLY : O_RDWR);
	void *p = mmap(NULL, 4096, rnd(2) ? PROT_READ : prots[rnd(3)],
		       rnd(2) ? MAP_PRIVATE : MAP_SHARED, fd, 0);

	/* The file begins with an ELF header: an executable page of it is the breach. */
	if (p != MAP_FAILED && (!mprotect(p, 4096, prots[rnd(3)])))
		_exit(UNKNOWN_STATUS);
}

static void attack_overlay(void)
{
	unshare(CLONE_NEWNS);
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mkdir("upper", 0755);
	mkdir("work", 0755);
	mkdir("merged", 0755);
	copy_of("unknown", "upper/vouched");
	mount("overlay", "merged", "overlay", 0, "lowerdir=.,upperdir=upper,workdir=work");
	run(AT_FDCWD, rnd(2) ? "merged/vouched" : "merged/unknown");
}

static void attack_mounts(void)
{
	static const char *const places[] = {PINS, "/sys/fs/bpf", "/sys/fs/bpf/diglim/links"};
	const char *at = places[rnd(3)];

	/* In a copy of the mounts, unless only the guard protects them. */
	if (!sealed || rnd(2)) {
		unshare(CLONE_NEWNS);
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	}
	switch (rnd(5)) {
	case 0:
		umount2(at, rnd(2) ? MNT_DETACH : MNT_FORCE);
		break;
	case 1:
		mount("none", at, "tmpfs", 0, NULL);
		break;
	case 2:
		mount(at, "merged", NULL, MS_BIND | (rnd(2) ? MS_REC : 0), NULL);
		break;
	case 3:
		mount(NULL, at, NULL, MS_REMOUNT | MS_RDONLY, NULL);
		break;
	case 4:
		mount(at, "merged", NULL, MS_MOVE, NULL);
	}
	run(AT_FDCWD, "./unknown");
}

static void random_pin(char path[512])
{
	static const char *const dirs[] = {PINS, PINS "/maps", PINS "/links"};
	const char *dir = dirs[rnd(3)];
	struct dirent *e;
	uint32_t skip = rnd(24);
	DIR *d = opendir(dir);

	snprintf(path, 512, "%s", dir);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && !skip--)
			snprintf(path, 512, "%s/%s", dir, e->d_name);
	if (d)
		closedir(d);
}

static void attack_pins(void)
{
	char path[512];

	random_pin(path);
	switch (sealed ? rnd(7) : 6) {
	case 0:
		unlink(path);
		break;
	case 1:
		rmdir(path);
		break;
	case 2:
		rename(path, "/sys/fs/bpf/away");
		break;
	case 3:
		link(path, "/sys/fs/bpf/link");
		break;
	case 4:
		chmod(path, 0);
		break;
	case 5:
		chown(path, rnd(1000), rnd(1000));
		break;
	case 6:
		close(open(path, (int)rnd(4) | O_CREAT, 0700));
	}
	run(AT_FDCWD, "./unknown");
}

/* A descriptor of any program, map or link; 0 if there is none. */
static int any_bpf(void)
{
	static const int cmds[] = {BPF_MAP_GET_FD_BY_ID, BPF_PROG_GET_FD_BY_ID,
				   BPF_LINK_GET_FD_BY_ID, BPF_OBJ_GET};
	union bpf_attr a = {0};
	char path[512];
	uint32_t i = rnd(4);

	random_pin(path);
	if (i == 3)
		a.pathname = (uintptr_t)path;
	else
		a.map_id = rnd(120);
	return (int)syscall(SYS_bpf, cmds[i], &a, sizeof(a));
}

static void attack_bpf(void)
{
	uint8_t value[4096], key[64];
	union bpf_attr a;
	uint32_t cmd;

	for (int i = 0; i < 64; i++) {
		for (size_t b = 0; b < sizeof(a); b++)
			((uint8_t *)&a)[b] = rnd(4) ? 0 : (uint8_t)rnd(256);
		memset(key, rnd(3) ? 0 : 255, sizeof(key));
		memset(value, rnd(3) ? 0 : 255, sizeof(value));
		cmd = rnd(40);
		if (!sealed) {
			/* Root may change these as long as nothing is sealed. */
			a.map_fd = UINT32_MAX;
		} else if (cmd >= BPF_MAP_LOOKUP_ELEM && cmd <= BPF_MAP_GET_NEXT_KEY) {
			memset(&a, 0, sizeof(a));
			a.map_fd = (uint32_t)any_bpf();
			a.key = (uintptr_t)key;
			a.value = (uintptr_t)value;
		} else if (rnd(2)) {
			a.map_fd = (uint32_t)any_bpf();
		}
		syscall(SYS_bpf, cmd, &a, rnd(2) ? sizeof(a) : rnd(sizeof(a)));
	}
	run(AT_FDCWD, "./unknown");
}

/* Requests of DIGLIM's own: what is signed by nobody changes nothing. */
static void attack_requests(void)
{
	uint8_t request[64], payload[4096];

	for (int i = 0; i < 32; i++) {
		for (size_t b = 0; b < sizeof(request); b++)
			request[b] = rnd(3) ? 0 : (uint8_t)rnd(256);
		for (size_t b = 0; b < sizeof(payload); b++)
			payload[b] = (uint8_t)rnd(256);
		*(uint32_t *)(void *)request = 1;
		*(uint32_t *)(void *)(request + 4) = sealed ? rnd(12) : 2;
		*(uint64_t *)(void *)(request + 8) = (uintptr_t)payload;
		*(uint64_t *)(void *)(request + 16) = (uintptr_t)payload;
		*(uint32_t *)(void *)(request + 24) = rnd(4096);
		*(uint32_t *)(void *)(request + 28) = rnd(4096);
		syscall(SYS_bpf, 0x4447, request, sizeof(request));
	}
	run(AT_FDCWD, "./unknown");
}

/* Serials as /proc/keys lists them: ours are among them. */
static uint32_t random_serial(void)
{
	FILE *f = fopen("/proc/keys", "re");
	uint32_t serial = 0, skip = rnd(40), s;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%x", &s) == 1 && (sealed || !strstr(line, "diglim")) && !skip--)
			serial = s;
	if (f)
		fclose(f);
	return serial;
}

static void attack_keys(void)
{
	if (!sealed)
		unshare(CLONE_NEWUSER);
	for (int i = 0; i < 16; i++)
		syscall(SYS_keyctl, rnd(33), random_serial(),
			rnd(2) ? random_serial() : rnd(1 << 30), random_serial(), rnd(4));
	run(AT_FDCWD, "./unknown");
}

static void attack_memory(void)
{
	pid_t pid = fork();
	char path[64];
	int fd;

	if (!pid) {
		run(AT_FDCWD, "./vouched");
		_exit(0);
	}
	ptrace(PTRACE_ATTACH, pid, NULL, NULL);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	if (fd >= 0)
		(void)pwrite(fd, "\xcc", 1, 0x400000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	run(AT_FDCWD, "./unknown");
}

static void attack_sysctl(void)
{
	static const char *const names[] = {"kernel/kptr_restrict",	 "vm/memfd_noexec",
					    "kernel/randomize_va_space", "kernel/core_pattern",
					    "kernel/modprobe",		 "kernel/ftrace_enabled"};
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s", names[rnd(sealed ? 6 : 3)]);
	fd = open(path, O_WRONLY);
	if (fd >= 0)
		(void)write(fd, rnd(2) ? "0" : "1", 1);
	run(AT_FDCWD, "./unknown");
}

static void attack_cgroup(void)
{
	char path[128], pid[16];
	int fd, n;

	snprintf(path, sizeof(path), "/sys/fs/cgroup/a%u", rnd(8));
	mkdir(path, 0755);
	strcat(path, "/cgroup.procs");
	fd = open(path, O_WRONLY);
	n = snprintf(pid, sizeof(pid), "%d", getpid());
	if (fd >= 0)
		(void)write(fd, pid, (size_t)n);
	unshare(rnd(2) ? CLONE_NEWCGROUP : CLONE_NEWUSER);
	run(AT_FDCWD, "./unknown");
}

static void attack_module(void)
{
	int fd = open(rnd(2) ? "unknown" : "vouched", O_RDONLY);
	static char image[8192];

	(void)pread(fd, image, sizeof(image), 0);
	syscall(SYS_init_module, image, sizeof(image), "");
	syscall(SYS_finit_module, fd, "", rnd(8));
	syscall(SYS_kexec_file_load, fd, -1, 0UL, NULL, 4UL);
	run(AT_FDCWD, "./unknown");
}

static const struct {
	const char *name;
	void (*fn)(void);
} repertoire[] = {
	{"memfd", attack_memfd},     {"tmpfile", attack_tmpfile}, {"change", attack_change},
	{"mapping", attack_mapping}, {"overlay", attack_overlay}, {"mounts", attack_mounts},
	{"pins", attack_pins},	     {"bpf", attack_bpf},	  {"requests", attack_requests},
	{"keys", attack_keys},	     {"memory", attack_memory},	  {"sysctl", attack_sysctl},
	{"cgroup", attack_cgroup},   {"module", attack_module},
};
#define KINDS (sizeof(repertoire) / sizeof(repertoire[0]))

/* One attempt, in a process of its own. Returns whether unknown code ran. */
static bool attempt(uint32_t kind, uint64_t seed)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		alarm(10);
		state = seed;
		repertoire[kind].fn();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	kill(-pid, SIGKILL);
	return WIFEXITED(status) && WEXITSTATUS(status) == UNKNOWN_STATUS;
}

int main(int argc, char **argv)
{
	unsigned tried[KINDS] = {0}, breaches = 0, n = 0, most;
	time_t end;

	if (argc < 4) {
		fputs("usage: attacker SEED SECONDS COUNT [sealed]\n", stderr);
		return 2;
	}
	state = strtoull(argv[1], NULL, 10);
	end = time(NULL) + atol(argv[2]);
	most = (unsigned)atol(argv[3]);
	sealed = argc > 4 && !strcmp(argv[4], "sealed");
	setlinebuf(stdout);
	for (; n < most && time(NULL) < end; n++) {
		uint32_t kind = rnd(KINDS), seed = rnd(UINT32_MAX);

		tried[kind]++;
		if (attempt(kind, seed)) {
			breaches++;
			printf("BREACH: %s, attempt %u, seed %u\n", repertoire[kind].name, n, seed);
		}
	}
	printf("%u attempts, %u breaches:", n, breaches);
	for (uint32_t i = 0; i < KINDS; i++)
		printf(" %s %u", repertoire[i].name, tried[i]);
	putchar('\n');
	return breaches ? 1 : 0;
}
