/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "common-attest-ca.h"
#include "../../lib/base/io.h"

int attest_ca_add_root(struct attest_ca *ca, const char *path, struct err *e)
{
	if (ca->n_roots == ATTEST_CA_ROOTS_MAX)
		return err_set(e, -E2BIG, "more than %d files of makers", ATTEST_CA_ROOTS_MAX);
	ca->roots[ca->n_roots++] = path;
	return 0;
}

static int make_secret(struct attest_ca *ca, struct err *e)
{
	uint8_t secret[ENROL_SECRET_LEN];

	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return err_set(e, -EIO, "no random numbers");
	return io_write_new(ca->secret_path, secret, sizeof(secret), 0600, e);
}

static int read_secret(struct attest_ca *ca, bool make, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = io_read_file(ca->secret_path, ENROL_SECRET_LEN, &b, e);

	if (r == -ENOENT && make)
		r = make_secret(ca, e) ?: io_read_file(ca->secret_path, ENROL_SECRET_LEN, &b, e);
	if (!r && b.len != sizeof(ca->secret))
		r = err_set(e, -EINVAL, "%s: %zu bytes, not %zu", ca->secret_path, b.len,
			    sizeof(ca->secret));
	if (!r)
		memcpy(ca->secret, b.data, sizeof(ca->secret));
	buf_free(&b);
	return r;
}

int attest_ca_begin(struct attest_ca *ca, bool make, struct err *e)
{
	int r = enrol_read(ca->dir, &ca->request, e);

	/* Who sent what cannot be read is refused, as who sent what is false. */
	if (r == -EBADMSG || r == -EOPNOTSUPP)
		r = e->code = -EKEYREJECTED;
	r = r ?: enrol_check_request(&ca->request, ca->roots, ca->n_roots, e);
	return r ?: read_secret(ca, make, e);
}

void attest_ca_done(struct attest_ca *ca)
{
	enrol_done(&ca->request);
	explicit_bzero(ca->secret, sizeof(ca->secret));
}

int attest_ca_answer(struct cli *c, const struct attest_ca *ca, int r, const struct err *e)
{
	if (r && r != -EKEYREJECTED)
		return cli_fail(c, e);
	out_str(c->out, "request", NULL, ca->dir);
	out_str(c->out, "state", NULL, r ? "refused" : "good");
	if (r)
		out_str(c->out, "reason", NULL, e->text);
	out_line(c->out, r ? OUT_BAD : OUT_GOOD, r ? "[-]" : "[+]", "%s: %s%s%s", ca->dir,
		 r ? "refused" : "good", r ? ": " : "", r ? e->text : "");
	return r ? EXIT_NO : EXIT_YES;
}
