// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parsers of core/ must do the same in the kernel and on the host: same digests, same uses,
 * same identity, same error at the same place.
 *
 * usage: core_agree PROGRAM.bpf.o samples DIRECTORY   the test data and mutations of it
 *        core_agree PROGRAM.bpf.o packages            $DIGLIM_TESTDATA: each header, and mutations
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <errno.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "core_agree.h"

#define SKIP		   77
#define SAMPLE_MUTATIONS   2000
#define HEADER_MUTATIONS   20
#define HEADER_MUTATED_MAX 65536

static struct agree_input *in;
static struct agree_output *kernel;
static struct agree_output host;
static struct core_list scratch;
static int list_fd, signature_fd;
static uint8_t original[AGREE_INPUT_MAX];
static unsigned long runs, accepted, digests, differences, headers, too_large;

static uint64_t seed;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

/* The same changes to the same file, wherever it lies and whatever came before it. */
static void seed_from(const char *path)
{
	const char *slash = strrchr(path, '/');

	seed = 0xcbf29ce484222325ULL;
	for (const char *c = slash ? slash + 1 : path; *c; c++)
		seed = (seed ^ (uint8_t)*c) * 0x100000001b3ULL;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void *map_memory(struct bpf_object *obj, const char *name, size_t size)
{
	int fd = bpf_object__find_map_fd_by_name(obj, name);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die(name);
	return p;
}

static void fill_interpreters(int fd)
{
	for (size_t i = 0; i < CORE_INTERPRETERS; i++) {
		uint32_t value = CORE_IS_INTERPRETER | core_interpreters[i].kinds;
		char key[CORE_STEM_MAX] = "";

		strncpy(key, core_interpreters[i].stem, sizeof(key) - 1);
		if (bpf_map_update_elem(fd, key, &value, BPF_ANY))
			die("interpreters");
	}
}

static struct bpf_object *obj;

static void unload(void)
{
	bpf_object__close(obj);
}

static void load(const char *path)
{
	obj = bpf_object__open(path);
	if (!obj)
		die(path);
	atexit(unload);
	if (bpf_object__load(obj)) {
		if (errno == EPERM) {
			printf("SKIP: may not load BPF programs here\n");
			exit(SKIP);
		}
		die("load");
	}
	in = map_memory(obj, "input", sizeof(*in));
	kernel = map_memory(obj, "output", sizeof(*kernel));
	fill_interpreters(bpf_object__find_map_fd_by_name(obj, "interpreters"));
	list_fd = bpf_program__fd(bpf_object__find_program_by_name(obj, "run_list"));
	signature_fd = bpf_program__fd(bpf_object__find_program_by_name(obj, "run_signature"));
}

/* Name of the first thing that differs, or NULL. */
static const char *difference(const struct agree_output *a, const struct agree_output *b)
{
	if (a->open != b->open)
		return "result of open";
	if (memcmp(&a->open_err, &b->open_err, sizeof(a->open_err)))
		return "error of open";
	if (a->format != b->format)
		return "format";
	if (memcmp(a->id, b->id, sizeof(a->id)))
		return "identity";
	if (a->open)
		return NULL;
	if (a->steps != b->steps || a->calls != b->calls)
		return "steps";
	if (a->next != b->next || memcmp(&a->next_err, &b->next_err, sizeof(a->next_err)))
		return "result of the last step";
	if (strcmp(a->name, b->name))
		return "name";
	if (a->format == DIGLIM_FORMAT_RPM &&
	    (a->trailer.version != b->trailer.version || a->trailer.hash != b->trailer.hash ||
	     a->trailer.pk != b->trailer.pk || a->trailer.time != b->trailer.time))
		return "trailer";
	if (a->digests != b->digests)
		return "number of digests";
	if (memcmp(a->digest, b->digest, a->digests * sizeof(a->digest[0])))
		return "digests";
	return NULL;
}

static void run(int fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(fd, &opts) || opts.retval)
		die("run in the kernel");
	runs++;
}

static void report_side(const char *side, const struct agree_output *o)
{
	printf("  %s: open %d, error %u at %u; last step %d, error %u at %u\n", side, o->open,
	       o->open_err.code, o->open_err.off, o->next, o->next_err.code, o->next_err.off);
}

static void report(const char *name, const char *what)
{
	if (!what)
		return;
	differences++;
	printf("%s (%u bytes): %s differs\n", name, in->len, what);
	report_side("kernel", kernel);
	report_side("host", &host);
}

/* Takes what is in `in` as a list. */
static void compare_list(const char *name)
{
	run(list_fd);
	agree_list(in, &scratch, &host);
	if (host.digests > AGREE_DIGESTS_MAX) {
		fprintf(stderr, "%s: raise AGREE_DIGESTS_MAX\n", name);
		exit(2);
	}
	report(name, difference(kernel, &host));
	accepted += !host.open && !host.next;
	digests += host.digests;
}

static void compare_signature(const char *name)
{
	run(signature_fd);
	agree_signature(in, &host);
	if (kernel->open != host.open || kernel->open_err.code != host.open_err.code ||
	    kernel->open_err.off != host.open_err.off)
		report(name, "signature");
	else if (!host.open && memcmp(&kernel->pkcs7, &host.pkcs7, sizeof(host.pkcs7)))
		report(name, "content of the signature");
	accepted += !host.open;
}

/* A view in the middle of the buffer, so that a forgotten start shows. */
static void put(const uint8_t *p, uint32_t n, uint32_t start)
{
	in->start = start;
	in->len = n;
	memcpy(in->data + start, p, n);
}

/* One change to the @n bytes in `in`, more often where the structure is than in the rest. */
static void mutate(uint32_t n)
{
	static const uint32_t odd[] = {0,	   1,	       8,	  0x7f,	   0x80,
				       0xff,	   0x100,      0xffff,	  0x10000, 0x7fffffff,
				       0x80000000, 0xfffffff0, 0xffffffff};
	uint8_t *b = in->data + in->start;
	uint32_t at, x;

	if (!n)
		return;
	at = rnd() % (rnd() % 2 && n > 512 ? 512 : n);
	switch (rnd() % 5) {
	case 0:
		b[at] ^= (uint8_t)(1 << rnd() % 8);
		break;
	case 1:
		b[at] = (uint8_t)rnd();
		break;
	case 2:
		in->len = rnd() % 2 ? at : n - rnd() % 40 % n;
		break;
	default:
		x = odd[rnd() % (sizeof(odd) / sizeof(odd[0]))];
		for (int i = 0; i < 4 && (at & ~3U) + 3 < n; i++)
			b[(at & ~3U) + (uint32_t)i] = (uint8_t)(x >> (24 - 8 * i));
	}
}

static void compare_mutations(const char *name, uint32_t n, unsigned int count, int sig)
{
	seed_from(name);
	for (unsigned int i = 0; i < count; i++) {
		put(original, n, rnd() % 64);
		for (uint32_t k = 1 + rnd() % 3; k; k--)
			mutate(n);
		if (sig)
			compare_signature(name);
		else
			compare_list(name);
	}
}

/* A comparison that cannot see a difference would agree with anything. */
static int blind(const char *name)
{
#define AT(member) offsetof(struct agree_output, member)
	static const size_t at[] = {
		AT(open),	   AT(open_err.off),  AT(format),	   AT(id),
		AT(steps),	   AT(next),	      AT(next_err.off),	   AT(name),
		AT(digests),	   AT(trailer.time),  AT(calls),	   AT(digest[0]),
		AT(digest[0].use), AT(digest[1].off), AT(digest[0].kinds),
	};
#undef AT
	int bad = 0;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		((char *)&host)[at[i]] ^= 1;
		if (!difference(kernel, &host)) {
			printf("%s: the comparison overlooks a change at %zu\n", name, at[i]);
			bad = 1;
		}
		((char *)&host)[at[i]] ^= 1;
	}
	return bad;
}

static uint32_t read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		die(path);
	n = fread(original, 1, sizeof(original) - 4096, f);
	if (!feof(f) && fgetc(f) != EOF)
		n = 0;
	fclose(f);
	return (uint32_t)n;
}

static int is_suffix(const char *path, const char *suffix)
{
	size_t n = strlen(path), m = strlen(suffix);

	return n > m && !strcmp(path + n - m, suffix);
}

/* Test data: headers and trailers get what a payload has besides. */
static int on_sample(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static const uint8_t v3[5] = {0, 1, 2, 3, 4};
	uint32_t n;
	int sig = is_suffix(path, ".p7");

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	n = read_file(path);
	if (is_suffix(path, ".hdr")) {
		memcpy(original + n, v3, sizeof(v3));
		n += sizeof(v3);
	}
	put(original, n, 0);
	if (sig)
		compare_signature(path);
	else
		compare_list(path);
	if (is_suffix(path, "good-rpm-v4.payload") && blind(path))
		differences++;
	compare_mutations(path, n, SAMPLE_MUTATIONS, sig);
	headers++;
	return 0;
}

/* Each header with a trailer of version 3, since which one follows does not depend on it. */
static void compare_header(const char *name, uint32_t off, uint32_t n)
{
	memmove(original, original + off, n);
	memcpy(original + n, "\0\1\2\3\4", 5);
	put(original, n + 5, 0);
	compare_list(name);
	headers++;
	if (n < HEADER_MUTATED_MAX)
		compare_mutations(name, n + 5, HEADER_MUTATIONS, 0);
}

static uint32_t header_size(uint32_t off)
{
	return 16 + 16 * core_get_be32(original + off + 8) + core_get_be32(original + off + 12);
}

static int on_package(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	uint32_t n, off;

	(void)ftw;
	if (type != FTW_F)
		return 0;
	if (is_suffix(path, ".hdr")) {
		if ((size_t)st->st_size > sizeof(original) - 4096)
			too_large++;
		else
			compare_header(path, 0, read_file(path));
	} else if (is_suffix(path, ".rpm")) {
		/* The header comes behind the lead and the signature header. */
		FILE *f = fopen(path, "rb");

		if (!f)
			die(path);
		n = (uint32_t)fread(original, 1, sizeof(original) - 4096, f);
		fclose(f);
		if (n < 112)
			return 0;
		off = (96 + header_size(96) + 7) & ~7U;
		if (off < n - 16 && header_size(off) <= n - off)
			compare_header(path, off, header_size(off));
		else
			compare_header(path, 0, n < 65536 ? n : 65536);
	}
	return 0;
}

static void unpack(const char *testdata, const char *to)
{
	static const char *const sets[] = {"amzn2", "el6", "el8"};
	char cmd[8192];

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		snprintf(cmd, sizeof(cmd), "tar -xJf '%s/headers/%s.tar.xz' -C '%s'", testdata,
			 sets[i], to);
		if (system(cmd))
			die(cmd);
	}
}

static void packages(void)
{
	const char *testdata = getenv("DIGLIM_TESTDATA");
	char tmp[] = "/tmp/core-agree-XXXXXX", cmd[64];

	if (!testdata || access(testdata, R_OK)) {
		printf("SKIP: no packages: DIGLIM_TESTDATA is unset or names no directory\n");
		exit(SKIP);
	}
	if (!mkdtemp(tmp))
		die(tmp);
	unpack(testdata, tmp);
	if (nftw(testdata, on_package, 16, FTW_PHYS) || nftw(tmp, on_package, 16, FTW_PHYS))
		die("walk");
	snprintf(cmd, sizeof(cmd), "rm -r %s", tmp);
	if (system(cmd))
		die(cmd);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[2], "samples")) {
		load(argv[1]);
		if (nftw(argv[3], on_sample, 16, FTW_PHYS))
			die(argv[3]);
	} else if (argc == 3 && !strcmp(argv[2], "packages")) {
		load(argv[1]);
		packages();
	} else {
		fprintf(stderr, "usage: core_agree PROGRAM samples DIRECTORY | packages\n");
		return 2;
	}
	printf("%lu inputs, %lu larger than the buffer, %lu runs, %lu accepted, %lu digests, "
	       "%lu differences\n",
	       headers, too_large, runs, accepted, digests, differences);
	return differences || !accepted || accepted == runs ? 1 : 0;
}
