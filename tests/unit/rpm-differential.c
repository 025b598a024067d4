// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header parser against librpm, over every package and header in $DIGLIM_TESTDATA: same files,
 * same digests, same name, and the uses that librpm's view of mode, flags, colour and directory
 * gives. Then with changed headers: where both accept, they must see the same.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmts.h>

#include "../../core/name.h"
#include "../../core/rpmhdr.h"

#define SKIP	    77
#define HEADER_MAX  (16U << 20)
#define MUTATIONS   60
#define MUTATED_MAX 32768

static __u8 bytes[HEADER_MAX + 4096], saved[MUTATED_MAX];
static struct core_rpm r;
static rpmts ts;
static unsigned long headers, files, digests, md5, no_region, empty, broken, differences;
static unsigned long mutations, both, only_ours, only_rpm;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void differ(const char *path, const char *what, unsigned int i)
{
	printf("%s: %s differs (file %u)\n", path, what, i);
	differences++;
}

static int begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* A file name with one of the suffixes of core/interpreter.h, in another way. */
static int is_text(const char *name)
{
	static const char *const suffixes[] = {
		"R",   "r",    "sh",   "py",   "pl",   "pm",   "rb",	"js",  "ksh",
		"zsh", "csh",  "pyc",  "pyo",  "pyw",  "pyz",  "pth",	"egg", "whl",
		"mjs", "cjs",  "lua",  "php",  "awk",  "jar",  "war",	"tcl", "exp",
		"scm", "bash", "dash", "fish", "phar", "wasm", "class",
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (!strcmp(dot + 1, suffixes[i]))
			return 1;
	return 0;
}

/* What stands before the first digit, without what joins the two. */
static int is_interpreter(const char *name)
{
	char stem[CORE_STEM_MAX + 1];
	size_t n = strcspn(name, "0123456789");

	if (n > CORE_STEM_MAX)
		return 0;
	if (name[n] && n && strchr("-.", name[n - 1]))
		n--;
	else if (!name[n] && n > 7 && !strcmp(name + n - 7, "-static"))
		n -= 7;
	memcpy(stem, name, n);
	stem[n] = 0;
	for (size_t i = 0; i < CORE_INTERPRETERS; i++)
		if (!strcmp(core_interpreters[i].stem, stem))
			return 1;
	return 0;
}

/* From the rules in words: docs, directories, execute bits, colours, names. */
static __u32 expected_use(rpmfiles fi, int i)
{
	const char *dir = rpmfilesDN(fi, rpmfilesDI(fi, i));
	__u32 use = 0;

	if (rpmfilesFFlags(fi, i) & RPMFILE_DOC)
		return DIGLIM_USE_DATA;
	if (begins(dir, "/lib/modules/") || begins(dir, "/usr/lib/modules/"))
		use |= DIGLIM_USE_MODULE | DIGLIM_USE_KEXEC;
	if (begins(dir, "/lib/firmware/") || begins(dir, "/usr/lib/firmware/"))
		use |= DIGLIM_USE_FIRMWARE;
	if (begins(dir, "/boot/"))
		use |= DIGLIM_USE_KEXEC;
	if (rpmfilesFMode(fi, i) & 0111 || rpmfilesFColor(fi, i) || is_text(rpmfilesBN(fi, i)))
		use |= DIGLIM_USE_EXEC;
	if (rpmfilesFMode(fi, i) & 0111 && is_interpreter(rpmfilesBN(fi, i)))
		use |= DIGLIM_USE_INTERPRETER;
	return use ? use : DIGLIM_USE_DATA;
}

/* The digest that librpm has for a file we must list, or NULL. */
static const unsigned char *expected_digest(rpmfiles fi, int i)
{
	static const unsigned char none[DIGLIM_DIGEST_SIZE];
	const unsigned char *want;
	size_t len = 0;
	int algo = 0;

	if (!S_ISREG(rpmfilesFMode(fi, i)) || rpmfilesFFlags(fi, i) & RPMFILE_GHOST)
		return NULL;
	want = rpmfilesFDigest(fi, i, &algo, &len);
	if (!want || len != DIGLIM_DIGEST_SIZE || !memcmp(want, none, len))
		return NULL;
	return want;
}

/* One step of ours against file @i of librpm. */
static void compare_file(const char *path, const struct core_view *v, rpmfiles fi, int i)
{
	const unsigned char *want = expected_digest(fi, i);
	struct core_digest d;
	struct core_err e;
	int ret = core_rpm_next(v, &r, &d, &e);

	files++;
	if (ret != (want ? 1 : 2)) {
		printf("%s: step returned %d\n", path, ret);
		differ(path, "presence of a digest", (unsigned int)i);
	} else if (want) {
		digests++;
		if (memcmp(want, d.value, sizeof(d.value)) || d.index != (__u32)i)
			differ(path, "digest", (unsigned int)i);
		if (d.use != expected_use(fi, i))
			differ(path, "use", (unsigned int)i);
	}
}

static void compare_files(const char *path, const struct core_view *v, rpmfiles fi)
{
	int n = rpmfilesFC(fi);
	struct core_digest d;
	struct core_err e;

	if ((__u32)n != r.files) {
		differ(path, "number of files", 0);
		return;
	}
	for (int i = 0; i < n; i++)
		compare_file(path, v, fi, i);
	if (core_rpm_next(v, &r, &d, &e))
		differ(path, "end", (unsigned int)n);
	empty += !n;
}

static void compare_name(const char *path, const struct core_view *v, Header h)
{
	char name[DIGLIM_NAME_MAX], *nevra = headerGetAsString(h, RPMTAG_NEVRA);

	core_rpm_name(v, &r, name);
	if (!nevra || strcmp(nevra, name)) {
		printf("%s: librpm says %s, we say %s\n", path, nevra ? nevra : "nothing", name);
		differences++;
	}
	free(nevra);
}

/* Whether librpm agrees that this header is none of ours. */
static void compare_refusal(const char *path, Header h, const struct core_err *e)
{
	struct rpmtd_s td;
	int algo = PGPHASHALGO_MD5;

	if (headerGet(h, RPMTAG_FILEDIGESTALGO, &td, HEADERGET_MINMEM)) {
		algo = (int)rpmtdGetNumber(&td);
		rpmtdFreeData(&td);
	}
	if (e->code == DIGLIM_E_ALGO && algo != PGPHASHALGO_SHA256) {
		md5++;
	} else if (e->code == DIGLIM_E_RPM_REGION && !headerIsEntry(h, RPMTAG_HEADERIMMUTABLE)) {
		no_region++;
	} else {
		printf("%s: error %u at %u\n", path, e->code, e->off);
		differ(path, "acceptance", 0);
	}
}

/* @n bytes of header in `bytes`, and what librpm read. */
static void compare(const char *path, __u32 n, Header h)
{
	struct core_view v = {bytes, 0, n};
	struct core_err e = {0, 0};
	rpmfiles fi;

	headers++;
	if (core_rpm_open(&v, &r, &e)) {
		compare_refusal(path, h, &e);
		return;
	}
	if (r.size != n)
		differ(path, "size", 0);
	fi = rpmfilesNew(NULL, h, RPMTAG_BASENAMES, RPMFI_KEEPHEADER);
	compare_files(path, &v, fi);
	rpmfilesFree(fi);
	compare_name(path, &v, h);
}

static uint32_t rnd(void)
{
	static uint64_t x = 0x72706d;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 16);
}

/* A digest of ours must be the text that librpm has for that file. */
static void compare_digest(const char *path, const struct core_digest *d, struct rpmtd_s *td)
{
	const char *text = NULL;
	char hex[2 * DIGLIM_DIGEST_SIZE + 1];

	for (int i = 0; i < DIGLIM_DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", d->value[i]);
	if (rpmtdSetIndex(td, (int)d->index) >= 0)
		text = rpmtdGetString(td);
	if (!text || strcmp(text, hex))
		differ(path, "digest of a changed header", d->index);
}

/*
 * Changed headers. librpm measures every string, we only those we read, so it may refuse more. Only
 * its reading of the tag is used: rpmfiles does not withstand tags of the wrong type.
 */
static void compare_mutation(const char *path, __u32 n)
{
	struct core_view v = {bytes, 0, n};
	__u32 index = core_get_be32(bytes + 8) * 16 + 16;
	struct core_digest d;
	struct core_err e;
	struct rpmtd_s td;
	int ours, ret;
	Header h = NULL;

	for (__u32 k = 1 + rnd() % 2; k; k--)
		bytes[rnd() % (rnd() % 4 ? index : n)] ^= (__u8)(1 << rnd() % 8);
	ours = !core_rpm_open(&v, &r, &e);
	if (core_get_be32(bytes) == 0x8eade801 && !core_get_be32(bytes + 4))
		h = headerImport(bytes + 8, n - 8, HEADERIMPORT_COPY);
	mutations++;
	only_ours += ours && !h;
	only_rpm += h && !ours;
	if (ours && h && r.files) {
		both++;
		if (!headerGet(h, RPMTAG_FILEDIGESTS, &td, HEADERGET_MINMEM)) {
			differ(path, "digests of a changed header", 0);
		} else {
			while ((ret = core_rpm_next(&v, &r, &d, &e)) > 0)
				if (ret == 1)
					compare_digest(path, &d, &td);
			rpmtdFreeData(&td);
		}
	}
	headerFree(h);
}

static void compare_mutations(const char *path, __u32 n)
{
	if (n > MUTATED_MAX)
		return;
	memcpy(saved, bytes, n);
	for (int i = 0; i < MUTATIONS; i++) {
		compare_mutation(path, n);
		memcpy(bytes, saved, n);
	}
}

static __u32 size_of_header(const __u8 *p)
{
	return 16 + 16 * core_get_be32(p + 8) + core_get_be32(p + 12);
}

static void on_hdr(const char *path)
{
	FILE *f = fopen(path, "rb");
	__u32 n;
	Header h;

	if (!f)
		die(path);
	n = (__u32)fread(bytes, 1, HEADER_MAX, f);
	fclose(f);
	h = headerImport(bytes + 8, n - 8, HEADERIMPORT_COPY);
	if (!h) {
		differ(path, "librpm refuses the header; acceptance", 0);
		return;
	}
	compare(path, n, h);
	headerFree(h);
	compare_mutations(path, n);
}

static void on_rpm(const char *path)
{
	FD_t fd = Fopen(path, "r.ufdio");
	Header h = NULL;
	rpmRC rc;
	__u32 n, off;
	FILE *f = fopen(path, "rb");

	if (!f || !fd)
		die(path);
	n = (__u32)fread(bytes, 1, HEADER_MAX, f);
	fclose(f);
	rc = rpmReadPackageFile(ts, fd, path, &h);
	Fclose(fd);
	if (rc == RPMRC_FAIL || rc == RPMRC_NOTFOUND || !h) {
		broken++;
		return;
	}
	/* Behind the lead and the signature header, which is filled up to 8 bytes. */
	off = (96 + size_of_header(bytes + 96) + 7) & ~7U;
	memmove(bytes, bytes + off, n - off);
	compare(path, size_of_header(bytes), h);
	headerFree(h);
}

static int on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t n = strlen(path);

	(void)st;
	(void)ftw;
	if (type == FTW_F && n > 4 && !strcmp(path + n - 4, ".hdr"))
		on_hdr(path);
	if (type == FTW_F && n > 4 && !strcmp(path + n - 4, ".rpm"))
		on_rpm(path);
	return 0;
}

static void unpack(const char *testdata, const char *to)
{
	char cmd[8192];

	snprintf(cmd, sizeof(cmd),
		 "for f in '%s'/headers/*.tar.xz; do mkdir '%s'/$(basename $f .tar.xz) && "
		 "tar -xJf $f -C '%s'/$(basename $f .tar.xz) || exit 1; done",
		 testdata, to, to);
	if (system(cmd))
		die(cmd);
}

int main(void)
{
	const char *testdata = getenv("DIGLIM_TESTDATA");
	char tmp[] = "/tmp/rpm-differential-XXXXXX", cmd[64];

	if (!testdata || access(testdata, R_OK)) {
		printf("SKIP: no packages: DIGLIM_TESTDATA is unset or names no directory\n");
		return SKIP;
	}
	if (rpmReadConfigFiles(NULL, NULL) || !mkdtemp(tmp))
		die(tmp);
	rpmSetVerbosity(RPMLOG_EMERG);
	ts = rpmtsCreate();
	rpmtsSetVSFlags(ts, ~(rpmVSFlags)0);
	unpack(testdata, tmp);
	if (nftw(testdata, on_file, 16, FTW_PHYS) || nftw(tmp, on_file, 16, FTW_PHYS))
		die("walk");
	snprintf(cmd, sizeof(cmd), "rm -r %s", tmp);
	if (system(cmd))
		die(cmd);
	rpmtsFree(ts);
	printf("%lu headers (%lu refused: other hash, %lu refused: no region, %lu without files, "
	       "%lu that librpm cannot read), %lu files, %lu digests, %lu differences\n",
	       headers, md5, no_region, empty, broken, files, digests, differences);
	printf("%lu changed headers: both accept %lu, only we %lu, only librpm %lu\n", mutations,
	       both, only_ours, only_rpm);
	return differences || digests < 1000 || !md5 || !both ? 1 : 0;
}
