/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Verdicts while the set of lists changes.
 *
 *   load make PATH NUMBER        writes a program of its own digest that does nothing
 *   load make DIR NUMBER COUNT   writes COUNT of them
 *   load run CHANGES             in a folder with programs and lists, see below
 *   load first COUNT             there, too: COUNT times two map a new file at the same moment
 *
 * stay/N     in list stay, which is never taken away, and in every over-N as well
 * relay/N    in lists relay-0 and relay-1, of which one is always loaded
 * own/N      in list over-N alone
 * unknown/N  in no list
 *
 * Ten workers execute and map what is in stay/ and relay/, from the digest cache and as new files;
 * two more try what is in unknown/. Meanwhile CHANGES lists are added or removed; after each change
 * of over-N the program own/N must be judged by it at once.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../abi/listfile.h"
#include "../../../abi/request.h"
#include "../../../core/listid.h"

#define WORKERS 10
#define OTHERS	2
#define OVERS	4
#define FILES	64
/* A worker that did less was not there. */
#define ROUNDS_MIN 20

struct tally {
	uint64_t exec, map, fresh; /* vouched: allowed */
	uint64_t refused;	   /* unknown: refused */
	uint64_t wrong;		   /* false or missed refusals */
	uint64_t trouble;	   /* neither: the test could not be made */
};

struct shared {
	volatile int stop;
	struct tally of[WORKERS + OTHERS + 1];
};

struct names {
	char path[FILES][64];
	unsigned n;
};

static struct shared *shared;
static struct names stay, relay, unknown;

/* EPERM is a refusal, 0 is none; anything else is trouble. */
static void judge(struct tally *t, uint64_t *good, int got, int want, const char *what,
		  const char *path)
{
	if (got == want) {
		++*good;
		return;
	}
	if (got == 0 || got == EPERM)
		t->wrong++;
	else
		t->trouble++;
	if (t->wrong + t->trouble < 5)
		printf("%s of %s: %s\n", what, path, got ? strerror(got) : "allowed");
	fflush(stdout);
}

static int try_exec(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *envp[] = {NULL};
	volatile int err = 0;
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execve(path, argv, envp);
		err = errno;
		_exit(1);
	}
	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!err && status)
		return ENOEXEC;
	return err;
}

static int try_map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;
	void *p;

	if (fd < 0)
		return errno == EPERM ? EIO : errno;
	p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		r = errno;
	else
		munmap(p, 4096);
	close(fd);
	return r;
}

/* A new inode with the same content: it has to be hashed. */
static int copy_file(const char *from, const char *to)
{
	static char buf[16384];
	int in = open(from, O_RDONLY | O_CLOEXEC), out, r = 0;
	ssize_t n;

	unlink(to);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (in < 0 || out < 0)
		return EIO;
	n = read(in, buf, sizeof(buf));
	if (n <= 0 || write(out, buf, (size_t)n) != n)
		r = EIO;
	close(in);
	close(out);
	return r;
}

static void one_round(struct tally *t, unsigned k, const struct names *of, const char *fresh,
		      int want)
{
	const char *path = of->path[k % of->n];
	bool vouched = want == 0;
	int r;

	judge(t, vouched ? &t->exec : &t->refused, try_exec(path), want, "exec", path);
	judge(t, vouched ? &t->map : &t->refused, try_map(path), want, "mapping", path);
	if (k % 4)
		return;
	r = copy_file(path, fresh);
	judge(t, vouched ? &t->fresh : &t->refused, r ? r : try_exec(fresh), want,
	      "exec of a new copy", path);
}

static void worker(unsigned number)
{
	struct tally *t = &shared->of[number];
	char fresh[64];
	unsigned k = 0;

	snprintf(fresh, sizeof(fresh), "fresh-%u", number);
	while (!shared->stop || k < ROUNDS_MIN) {
		if (number >= WORKERS)
			one_round(t, k, &unknown, fresh, EPERM);
		else
			one_round(t, k, (k + number) % 2 ? &stay : &relay, fresh, 0);
		k++;
	}
	_exit(0);
}

/* A list file: payload, PKCS#7, trailer, marker (abi/listfile.h). */
struct list {
	uint8_t *data;
	uint32_t payload_len, sig_len;
	uint8_t id[DIGLIM_LIST_ID_SIZE];
};

static struct list list_read(const char *path)
{
	struct list l = {0};
	struct core_view v;
	struct stat st;
	const uint8_t *len;
	size_t tail = sizeof(struct diglim_sig_trailer) + DIGLIM_SIG_MARKER_LEN;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st) || (size_t)st.st_size < tail) {
		perror(path);
		exit(2);
	}
	l.data = malloc((size_t)st.st_size);
	if (!l.data || read(fd, l.data, (size_t)st.st_size) != st.st_size)
		exit(2);
	close(fd);
	len = l.data + st.st_size - DIGLIM_SIG_MARKER_LEN - 4;
	l.sig_len =
		(uint32_t)len[0] << 24 | (uint32_t)len[1] << 16 | (uint32_t)len[2] << 8 | len[3];
	l.payload_len = (uint32_t)((size_t)st.st_size - tail - l.sig_len);
	v = (struct core_view){l.data, 0, l.payload_len};
	core_listid(&v, l.id);
	return l;
}

static unsigned changes;

static void list_change(const struct list *l, bool add)
{
	struct diglim_request rq = {
		.version = DIGLIM_REQUEST_VERSION,
		.op = add ? DIGLIM_OP_ADD : DIGLIM_OP_REMOVE,
		.payload = (uintptr_t)l->data,
		.sig = (uintptr_t)(l->data + l->payload_len),
		.payload_len = l->payload_len,
		.sig_len = l->sig_len,
	};

	memcpy(rq.list_id, l->id, sizeof(rq.list_id));
	for (int i = 0; i < 2000; i++) {
		syscall(SYS_bpf, DIGLIM_BPF_CMD, &rq, sizeof(rq));
		if (errno != DIGLIM_E_BUSY)
			break;
		usleep(1000);
	}
	changes++;
	if (errno == DIGLIM_DONE)
		return;
	printf("change %u: answer %d\n", changes, errno);
	shared->of[WORKERS + OTHERS].trouble++;
}

/* Adds and removes; the sets before and after are the same: stay, relay-0. */
static void change_lists(unsigned want)
{
	struct tally *t = &shared->of[WORKERS + OTHERS];
	struct list over[OVERS], relays[2];
	char path[64], own[64];

	for (unsigned i = 0; i < OVERS; i++) {
		snprintf(path, sizeof(path), "lists/over-%u", i);
		over[i] = list_read(path);
	}
	relays[0] = list_read("lists/relay-0");
	relays[1] = list_read("lists/relay-1");
	for (unsigned r = 0; changes < want; r++) {
		unsigned i = r % OVERS;

		snprintf(own, sizeof(own), "own/%u", i);
		list_change(&over[i], true);
		judge(t, &t->exec, try_exec(own), 0, "exec after adding", own);
		list_change(&relays[!(r % 2)], true);
		list_change(&relays[r % 2], false);
		/* Two of the four overlap at any time. */
		if (!r)
			continue;
		i = (r - 1) % OVERS;
		snprintf(own, sizeof(own), "own/%u", i);
		list_change(&over[i], false);
		judge(t, &t->refused, try_exec(own), EPERM, "exec after removing", own);
		/* Ends as it began: the last list gone, relay-0 loaded. */
		if (changes + 1 >= want && r % 2) {
			list_change(&over[r % OVERS], false);
			break;
		}
	}
}

static void names_read(struct names *n, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && n->n < FILES)
			snprintf(n->path[n->n++], sizeof(n->path[0]), "%s/%.40s", dir, e->d_name);
	if (!n->n) {
		fprintf(stderr, "%s: no program\n", dir);
		exit(2);
	}
	closedir(d);
}

static int report(void)
{
	struct tally sum = {0};
	int idle = 0;

	for (int i = 0; i < WORKERS + OTHERS + 1; i++) {
		const struct tally *t = &shared->of[i];

		sum.exec += t->exec;
		sum.map += t->map;
		sum.fresh += t->fresh;
		sum.refused += t->refused;
		sum.wrong += t->wrong;
		sum.trouble += t->trouble;
		idle += t->exec + t->map + t->fresh + t->refused < ROUNDS_MIN;
	}
	printf("%u changes; vouched: %llu executed, %llu mapped, %llu new copies; unknown: %llu "
	       "refused; %llu wrong verdicts, %llu troubles, %d idle workers\n",
	       changes, (unsigned long long)sum.exec, (unsigned long long)sum.map,
	       (unsigned long long)sum.fresh, (unsigned long long)sum.refused,
	       (unsigned long long)sum.wrong, (unsigned long long)sum.trouble, idle);
	return sum.wrong || sum.trouble || idle;
}

static int run(unsigned want)
{
	pid_t pid[WORKERS + OTHERS];
	int status, lost = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 2;
	names_read(&stay, "stay");
	names_read(&relay, "relay");
	names_read(&unknown, "unknown");
	for (unsigned i = 0; i < WORKERS + OTHERS; i++) {
		fflush(stdout);
		pid[i] = fork();
		if (pid[i] == 0)
			worker(i);
		if (pid[i] < 0)
			return 2;
	}
	/* One against twelve on two processors would take its time. */
	setpriority(PRIO_PROCESS, 0, -15);
	change_lists(want);
	shared->stop = 1;
	for (unsigned i = 0; i < WORKERS + OTHERS; i++)
		lost += waitpid(pid[i], &status, 0) != pid[i] || status;
	if (lost)
		printf("%d workers died\n", lost);
	return report() || lost;
}

/* The two meet here before each of their steps. */
static void meet(volatile uint32_t *at, uint32_t step)
{
	__sync_fetch_and_add(at, 1);
	while (*at < 2 * step)
		sched_yield();
}

/* Both are the first to use the file: one of them makes the kernel's record of it. */
static int first(uint32_t count)
{
	struct tally *t;
	volatile uint32_t *at;
	bool child;
	int status;
	pid_t pid;

	shared = mmap(NULL, sizeof(*shared) + 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	at = (uint32_t *)(shared + 1);
	names_read(&stay, "stay");
	pid = fork();
	child = pid == 0;
	t = &shared->of[child];
	for (uint32_t i = 0; i < count; i++) {
		if (!child && copy_file(stay.path[0], "fresh"))
			t->trouble++;
		meet(at, 2 * i + 1);
		judge(t, &t->map, try_map("fresh"), 0, "first mapping", "fresh");
		meet(at, 2 * i + 2);
	}
	if (child)
		_exit(0);
	waitpid(pid, &status, 0);
	printf("%u files: %llu wrong verdicts, %llu troubles\n", count,
	       (unsigned long long)(t[0].wrong + t[1].wrong),
	       (unsigned long long)(t[0].trouble + t[1].trouble));
	return t[0].wrong || t[1].wrong || t[0].trouble || t[1].trouble;
}

/* The smallest program: exit(0). Its number makes its digest its own. */
static int make(const char *path, uint32_t number)
{
	/* mov edi, 0; mov eax, 60; syscall */
	static const uint8_t code[] = {0xbf, 0, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph;
		uint8_t code[16];
		uint32_t number;
	} f = {.number = number};
	uint64_t base = 0x400000;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	memcpy(f.eh.e_ident, ELFMAG, SELFMAG);
	f.eh.e_ident[EI_CLASS] = ELFCLASS64;
	f.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	f.eh.e_ident[EI_VERSION] = EV_CURRENT;
	f.eh.e_type = ET_EXEC;
	f.eh.e_machine = EM_X86_64;
	f.eh.e_version = EV_CURRENT;
	f.eh.e_entry = base + offsetof(typeof(f), code);
	f.eh.e_phoff = sizeof(f.eh);
	f.eh.e_ehsize = sizeof(f.eh);
	f.eh.e_phentsize = sizeof(f.ph);
	f.eh.e_phnum = 1;
	f.ph = (Elf64_Phdr){.p_type = PT_LOAD,
			    .p_flags = PF_R | PF_X,
			    .p_vaddr = base,
			    .p_filesz = sizeof(f),
			    .p_memsz = sizeof(f),
			    .p_align = 4096};
	memcpy(f.code, code, sizeof(code));
	if (fd < 0 || write(fd, &f, sizeof(f)) != sizeof(f)) {
		perror(path);
		return 2;
	}
	return close(fd) ? 2 : 0;
}

static int make_many(const char *dir, uint32_t first, uint32_t count)
{
	char path[256];
	int r = 0;

	for (uint32_t i = 0; !r && i < count; i++) {
		snprintf(path, sizeof(path), "%s/%u", dir, first + i);
		r = make(path, first + i);
	}
	return r;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "make"))
		return make_many(argv[2], (uint32_t)atoi(argv[3]), (uint32_t)atoi(argv[4]));
	if (argc == 4 && !strcmp(argv[1], "make"))
		return make(argv[2], (uint32_t)atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "run"))
		return run((unsigned)atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "first"))
		return first((uint32_t)atoi(argv[2]));
	fputs("usage: load make PATH NUMBER [COUNT] | load run CHANGES | load first COUNT\n",
	      stderr);
	return 2;
}
