/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <unistd.h>

#include "common-vouch.h"
#include "../../abi/use.h"
#include "../../lib/base/root.h"
#include "../../lib/crypto/verity.h"
#include "../../lib/format/digestname.h"
#include "../../lib/output/progress.h"

struct reading {
	struct vouch *v;
	struct progress progress;
};

static void refused(const char *path, const struct err *why, void *arg)
{
	struct reading *r = arg;

	r->v->refused++;
	progress_clear(&r->progress);
	cli_say("%s vouches for nothing: %s", path, why->text[0] ? why->text : err_name(why->code));
}

static void step(size_t done, const char *path, void *arg)
{
	struct reading *r = arg;

	progress_step(&r->progress, done, path);
}

static int read_lists(struct vouch *v, struct cli *c, struct err *e)
{
	struct reading reading = {.v = v};
	struct cover_options opt = {refused, step, &reading};
	struct lists lists = {0};
	struct keys keys = {0};
	int r = keys_read(&keys, &c->places, e);

	if (!r)
		r = lists_add_places(&lists, &c->places, e);
	progress_start(&reading.progress, "Reading lists", lists.n);
	if (!r)
		r = cover_read(&lists, &keys, &opt, &v->cover, e);
	progress_clear(&reading.progress);
	lists_done(&lists);
	keys_done(&keys);
	return r;
}

static int open_kernel(struct vouch *v, struct err *e)
{
	struct engine_status s;
	struct err why = {0};
	int r = engine_is_attached(&why);

	if (r == -EPERM || r == -EACCES)
		cli_say("not allowed to ask the kernel: judging by the lists on disk");
	if (r <= 0)
		return 0;
	r = engine_open(&v->engine, e);
	if (!r)
		r = engine_status_get(v->engine, &s, e);
	if (!r)
		v->mode = s.mode;
	return r;
}

int vouch_open(struct vouch *v, struct cli *c, bool ask, struct err *e)
{
	int r;

	*v = (struct vouch){0};
	r = read_lists(v, c, e);
	return r || !ask || c->places.root[0] ? r : open_kernel(v, e);
}

void vouch_done(struct vouch *v)
{
	cover_free(v->cover);
	engine_close(v->engine);
	*v = (struct vouch){0};
}

int vouch_ask(struct vouch *v, const uint8_t digest[DIGLIM_DIGEST_SIZE], struct vouch_answer *ret,
	      struct err *e)
{
	int r = 0;

	*ret = (struct vouch_answer){.installed = cover_uses(v->cover, digest)};
	if (v->engine)
		r = engine_digest_lookup(v->engine, digest, e);
	if (r < 0)
		return r;
	ret->loaded = (uint32_t)r;
	return 0;
}

/* Of a file that has fs-verity on, where the kernel looks at it. */
static bool verity_key(const struct cli *c, const char *path, uint8_t key[DIGLIM_DIGEST_SIZE])
{
	struct digestname d = {.verity = true};
	struct stat st;
	int fd;

	if (!c->places.root[0] && !engine_knows_verity())
		return false;
	fd = root_open_regular(c->places.root, path, &st, NULL);
	if (fd < 0)
		return false;
	d.verity = verity_measured(fd, d.value);
	close(fd);
	digestname_key(&d, key);
	return d.verity;
}

int vouch_ask_file(struct vouch *v, const struct cli *c, const char *path,
		   const uint8_t digest[DIGLIM_DIGEST_SIZE], struct vouch_answer *ret,
		   struct err *e)
{
	uint8_t key[DIGLIM_DIGEST_SIZE];
	struct vouch_answer by_verity;
	int r = vouch_ask(v, digest, ret, e);

	if (r || ret->loaded || (ret->installed && !v->engine) || !verity_key(c, path, key))
		return r;
	r = vouch_ask(v, key, &by_verity, e);
	ret->installed |= by_verity.installed;
	ret->loaded |= by_verity.loaded;
	return r;
}

enum diglim_reason vouch_reason(uint32_t uses, uint32_t use)
{
	if (uses & DIGLIM_FOUND_DENIED)
		return DIGLIM_REASON_DENIED;
	if (uses & use)
		return DIGLIM_REASON_VOUCHED;
	return uses & DIGLIM_USE_ALL ? DIGLIM_REASON_WRONG_USE : DIGLIM_REASON_UNKNOWN;
}

uint32_t vouch_use_of(enum file_kind kind)
{
	switch (kind) {
	case FILE_KIND_MODULE:
		return DIGLIM_USE_MODULE;
	case FILE_KIND_FIRMWARE:
		return DIGLIM_USE_FIRMWARE;
	case FILE_KIND_KERNEL:
		return DIGLIM_USE_KEXEC;
	default:
		return DIGLIM_USE_EXEC;
	}
}
