/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-attest.h"
#include "common-measure.h"
#include "common-undo-block.h"
#include "../../lib/attest/imapredict.h"
#include "../../lib/attest/imarecord.h"
#include "../../lib/base/io.h"

#define POLICY_MAX  (4U << 20)
#define DROPIN_FROM "/usr/lib/diglim/diglimd-gate.conf"

bool measure_lacks_conf(const struct cli *c)
{
	return c->config.seal_register == CONFIG_NO_REGISTER || !c->config.measure_log;
}

int measure_make_conf(const struct cli *c, struct undo *u, struct err *e)
{
	char number[8];
	int r = undo_note_file(u, PLACES_CONF, e);

	snprintf(number, sizeof(number), "%d", ATTEST_PCR_DEFAULT);
	if (!r && c->config.seal_register == CONFIG_NO_REGISTER)
		r = setup_conf(c, "attest", "register", number, e);
	return r ?: setup_conf(c, "attest", "log", "yes", e);
}

/* A missing policy is an empty one. */
static int read_policy(const struct cli *c, struct buf *ret, struct err *e)
{
	char real[PATH_MAX];
	int r;

	snprintf(real, sizeof(real), "%.2000s" MEASURE_POLICY, c->places.root);
	r = io_read_file(real, POLICY_MAX, ret, e);
	r = r == -ENOENT ? 0 : r;
	buf_add_u8(ret, 0);
	return !r && ret->failed ? err_set(e, -ENOMEM, "out of memory") : r;
}

bool measure_lacks_policy(const struct cli *c)
{
	struct buf policy = BUF_INIT;
	bool lacks = !read_policy(c, &policy, NULL) && !block_is_in((char *)policy.data);

	buf_free(&policy);
	return lacks;
}

/* IMA takes the first rule that fits, so ours come before what else the owner has there. */
static int put_rules(struct buf *ret, const char *policy)
{
	char rules[512];

	snprintf(rules, sizeof(rules),
		 "measure func=KEY_CHECK keyrings=%s|%s|%s uid=0\n"
		 "measure func=FILE_CHECK mask=^MAY_READ fgroup=%u fowner=0 template=ima-ng\n",
		 imapredict_keyring(KEYS_VENDOR), imapredict_keyring(KEYS_OWNER),
		 imapredict_keyring(KEYS_RESTRICTED), IMARECORD_GROUP);
	block_put(ret, policy, rules);
	return ret->failed ? -ENOMEM : 0;
}

int measure_make_policy(const struct cli *c, struct undo *u, struct err *e)
{
	struct buf policy = BUF_INIT, wanted = BUF_INIT;
	char real[PATH_MAX];
	struct io_part part;
	struct stat st = {.st_mode = 0644};
	int r = undo_note_dirs(u, MEASURE_POLICY, e);

	r = r ?: undo_note_block(u, MEASURE_POLICY, e);
	r = r ?: read_policy(c, &policy, e);
	if (!r && put_rules(&wanted, (char *)policy.data))
		r = err_set(e, -ENOMEM, "out of memory");
	snprintf(real, sizeof(real), "%.2000s" MEASURE_POLICY, c->places.root);
	(void)stat(real, &st);
	part = (struct io_part){wanted.data, wanted.len};
	r = r ?: io_write_atomic(real, &part, 1, st.st_mode & 07777, e);
	buf_free(&wanted);
	buf_free(&policy);
	return r;
}

bool measure_lacks_dropin(const struct cli *c)
{
	struct stat st;
	char real[PATH_MAX];

	snprintf(real, sizeof(real), "%.2000s" MEASURE_DROPIN, c->places.root);
	return setup_is_there(c, DROPIN_FROM) && lstat(real, &st);
}

int measure_make_dropin(const struct cli *c, struct undo *u, struct err *e)
{
	char real[PATH_MAX];
	int r = undo_note_dirs(u, MEASURE_DROPIN, e);

	r = r ?: undo_note_file(u, MEASURE_DROPIN, e);
	snprintf(real, sizeof(real), "%.2000s" MEASURE_DROPIN, c->places.root);
	if (!r && symlink(DROPIN_FROM, real))
		r = err_set(e, -errno, "%s: %s", MEASURE_DROPIN, strerror(errno));
	return r;
}
