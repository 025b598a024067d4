/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What checking evidence cannot do without, on all processors: reading each machine's files, the
 * signature of its quote, and one SHA-256 over its event log. Prints the number of machines whose
 * signature is good.
 *
 * usage: bench-fleet DIR AK     DIR as for 'diglim attest verify --fleet', AK: one key for all
 */
#include <dirent.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/base/io.h"
#include "../lib/base/work.h"
#include "../lib/crypto/digest.h"
#include "../lib/crypto/tpmpub.h"

#define FILE_MAX (64U << 20)

struct machine {
	struct work_item link;
	char dir[PATH_MAX];
};

static struct tpmpub ak;
static atomic_size_t good;

static int read_part(const struct machine *m, const char *name, struct buf *ret)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/evidence/%s", m->dir, name);
	return io_read_file(path, FILE_MAX, ret, NULL);
}

static void check(struct work *w, struct work_item *item, unsigned int worker, void *arg)
{
	const struct machine *m = (struct machine *)item;
	struct buf quote = BUF_INIT, sig = BUF_INIT, log = BUF_INIT;
	uint8_t digest[DIGEST_SIZE_MAX];
	int r = read_part(m, "quote", &quote);

	(void)w;
	(void)worker;
	(void)arg;
	r = r ?: read_part(m, "signature", &sig);
	r = r ?: read_part(m, "measure.log", &log);
	r = r ?: tpmpub_check(&ak, quote.data, quote.len, sig.data, sig.len, NULL);
	r = r ?: digest_buffer(DIGEST_SHA256, log.data, log.len, digest, NULL);
	atomic_fetch_add(&good, !r);
	buf_free(&quote);
	buf_free(&sig);
	buf_free(&log);
}

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **names = NULL;
	struct machine *machines;
	struct buf key = BUF_INIT;
	struct err e = {0};
	int n = argc == 3 ? scandir(argv[1], &names, is_visible, alphasort) : -1;

	if (n <= 0) {
		fputs("usage: bench-fleet DIR AK\n", stderr);
		return 2;
	}
	machines = calloc((size_t)n, sizeof(*machines));
	if (!machines || io_read_file(argv[2], FILE_MAX, &key, &e) ||
	    tpmpub_parse(key.data, key.len, &ak, &e)) {
		fprintf(stderr, "bench-fleet: %s\n", e.text);
		return 2;
	}
	for (int i = 0; i < n; i++) {
		snprintf(machines[i].dir, PATH_MAX, "%s/%s", argv[1], names[i]->d_name);
		machines[i].link.next = i + 1 < n ? &machines[i + 1].link : NULL;
	}
	if (work_run(work_threads(), &machines[0].link, check, NULL, NULL, &e))
		return 2;
	printf("%zu\n", (size_t)good);
	return 0;
}
