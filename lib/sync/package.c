/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "package.h"
#include "../../abi/error.h"
#include "../base/io.h"
#include "../format/payload.h"

#define LOCK_NAP_NS 100000000

int sync_lock(const struct places *places, unsigned int seconds, struct err *e)
{
	const struct timespec nap = {.tv_nsec = LOCK_NAP_NS};
	const char *dir = places->lists[PLACES_MADE];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", dir, strerror(errno));
	for (unsigned int i = 0; i <= 10 * seconds; i++) {
		if (i)
			nanosleep(&nap, NULL);
		r = flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
		if (r != -EWOULDBLOCK && r != -EINTR)
			break;
	}
	if (!r)
		return fd;
	close(fd);
	if (r == -EWOULDBLOCK)
		return err_set(e, -EBUSY,
			       "%s: packages are being installed, or another sync is at work", dir);
	return err_set(e, r, "%s: %s", dir, strerror(-r));
}

static int id_of(const void *payload, size_t len, const char *path, uint8_t id[DIGLIM_LIST_ID_SIZE],
		 enum diglim_list_type *type, struct err *e)
{
	struct payload_info info = {0};
	int r = payload_walk(payload, len, path, &info, NULL, NULL, e);

	if (r)
		return r;
	memcpy(id, info.list_id, DIGLIM_LIST_ID_SIZE);
	if (type)
		*type = info.type;
	return 0;
}

int sync_list_id(const char *path, uint8_t id[DIGLIM_LIST_ID_SIZE], enum diglim_list_type *type,
		 struct err *e)
{
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, e);

	if (!r)
		r = id_of(lf.payload, lf.payload_len, path, id, type, e);
	listfile_done(&lf);
	return r;
}

/* What stands where the new list goes; a damaged one is not worth keeping. */
static int keep_old(struct sync_added *a, struct err *e)
{
	struct listfile lf = {0};
	int r = listfile_read(a->path, &lf, NULL);

	if (r == -ENOMEM)
		return err_set(e, r, "out of memory");
	if (r)
		return 0;
	if (!id_of(lf.payload, lf.payload_len, a->path, a->old_id, NULL, NULL)) {
		a->old = lf.data;
		lf.data = (struct buf)BUF_INIT;
	}
	listfile_done(&lf);
	return 0;
}

static int write_list(const struct import_result *r, struct sync_added *a, struct err *e)
{
	int ret;

	if (import_is_written(r, a->path))
		return 0;
	ret = keep_old(a, e);
	if (!ret)
		ret = listfile_write_later(a->path, r->payload.data, r->payload.len, r->sig.data,
					   r->sig.len, e);
	a->written = !ret;
	if (ret)
		buf_free(&a->old);
	return ret;
}

/* From memory: a full disk must not keep vouched software from running. */
static int load_list(const struct sync *s, const struct import_result *r, struct sync_added *a,
		     struct err *e)
{
	const struct listfile lf = {
		.payload = r->payload.data,
		.payload_len = r->payload.len,
		.sig = r->sig.data,
		.sig_len = r->sig.len,
	};
	int ret;

	if (!s->g)
		return 0;
	ret = sync_load(s->g, r->name, &lf, NULL, e);
	a->loaded = !ret;
	return ret == -DIGLIM_E_EXISTS ? 0 : ret;
}

/* What the kernel said of a list before it was written. */
struct answer {
	bool given;
	int code;
	struct err e;
};

/* What the kernel is asked about a package; 0 if that settles it. */
static int ask_kernel(const struct sync *s, const struct rpmpkg *p, struct import_result *why,
		      struct sync_added *a, struct answer *answer)
{
	if (!s->g)
		return -ENOTCONN;
	if (import_for_kernel(p, &s->import, why, NULL) || why->outcome != IMPORT_OK)
		return -ENOKEY;
	answer->given = true;
	answer->code = load_list(s, why, a, &answer->e);
	return answer->code;
}

/*
 * The list of a package. The kernel verifies the signature in any case, and takes longer for that
 * than for all the rest: so it is asked at once. Only what it does not take, or is not asked about,
 * is verified here, which finds another signature, or the reason.
 */
static int import_asking(const struct sync *s, const struct rpmpkg *p, struct import_result *why,
			 struct sync_added *a, struct answer *answer, struct err *e)
{
	struct buf asked;
	int r;

	*why = (struct import_result){0};
	if (!ask_kernel(s, p, why, a, answer))
		return 0;
	asked = why->sig;
	why->sig = (struct buf)BUF_INIT;
	import_result_done(why);
	r = s->judge(s, p, why, e);
	answer->given = answer->given && !r && asked.len == why->sig.len &&
			!memcmp(asked.data, why->sig.data, asked.len);
	buf_free(&asked);
	if (r)
		why->outcome = IMPORT_OUTCOME_MAX; /* nobody verified anything */
	return r;
}

static int place_list(const struct sync *s, const struct import_result *r, struct sync_added *a,
		      const struct answer *answer, struct err *e)
{
	struct err loading = answer->e;
	int ret = import_path(r, s->places->lists[PLACES_MADE], &a->path, e);
	int loaded = answer->code;

	if (ret)
		return ret;
	payload_id(r->payload.data, r->payload.len, a->id);
	ret = write_list(r, a, e);
	if (!answer->given)
		loaded = load_list(s, r, a, &loading);
	if (ret || !loaded)
		return ret;
	if (e)
		*e = loading;
	return loaded;
}

int sync_add(const struct sync *s, const struct rpmpkg *p, struct import_result *why,
	     struct sync_added *ret, struct err *e)
{
	struct answer answer = {0};
	int r;

	*ret = (struct sync_added){.old = BUF_INIT};
	r = import_asking(s, p, why, ret, &answer, e);
	if (r)
		return r;
	if (why->outcome == IMPORT_OK) {
		r = place_list(s, why, ret, &answer, e);
		if (!r)
			r = 1;
	} else {
		r = why->outcome == IMPORT_NO_FILES;
	}
	import_result_done(why);
	why->payload = why->sig = (struct buf)BUF_INIT;
	return r;
}

/* What is not loaded need not be unloaded. */
static int unload(const struct sync *s, const uint8_t id[DIGLIM_LIST_ID_SIZE], struct err *e)
{
	int r = s->g ? engine_list_remove(s->g, id, e) : 0;

	return r == -DIGLIM_E_ABSENT ? 0 : r;
}

void sync_settle(const struct sync *s, struct sync_added *a)
{
	if (a->old.len && memcmp(a->id, a->old_id, DIGLIM_LIST_ID_SIZE))
		(void)unload(s, a->old_id, NULL);
}

int sync_take_back(const struct sync *s, struct sync_added *a, struct err *e)
{
	const struct io_part old = {a->old.data, a->old.len};
	int r = 0, unloaded = 0;

	if (a->written && a->old.len)
		r = io_write_later(a->path, &old, 1, 0644, e);
	else if (a->written && unlink(a->path) && errno != ENOENT)
		r = err_set(e, -errno, "%s: %s", a->path, strerror(errno));
	if (a->loaded)
		unloaded = unload(s, a->id, r ? NULL : e);
	a->written = a->loaded = false;
	return r ? r : unloaded;
}

void sync_added_done(struct sync_added *a)
{
	free(a->path);
	buf_free(&a->old);
	*a = (struct sync_added){.old = BUF_INIT};
}

/* Does the owner, or a package of lists, hold the same list somewhere else? */
static bool is_kept_elsewhere(const struct sync *s, const char *path,
			      const uint8_t id[DIGLIM_LIST_ID_SIZE])
{
	for (int i = 0; i < PLACES_LIST_DIRS; i++) {
		uint8_t other[DIGLIM_LIST_ID_SIZE];
		char *file;
		bool same;

		if (i == PLACES_MADE)
			continue;
		if (asprintf(&file, "%s%s", s->places->lists[i], strrchr(path, '/')) < 0)
			return true;
		same = !sync_list_id(file, other, NULL, NULL) &&
		       !memcmp(id, other, DIGLIM_LIST_ID_SIZE);
		free(file);
		if (same)
			return true;
	}
	return false;
}

/* 1 and @id set if the list at @path was made of this header, 0 if it was not, or is not there. */
static int list_of(const char *path, const struct rpmpkg *p, uint8_t id[DIGLIM_LIST_ID_SIZE],
		   struct err *e)
{
	struct listfile lf = {0};
	int r = listfile_read(path, &lf, e);

	if (!r)
		r = lf.payload_len >= p->header.len &&
		    !memcmp(lf.payload, p->header.data, p->header.len) &&
		    !id_of(lf.payload, lf.payload_len, path, id, NULL, NULL);
	listfile_done(&lf);
	return r == -ENOENT ? 0 : r;
}

/* The list is not on disk: what it would be, from header and keys. */
static int unload_by_header(const struct sync *s, const struct rpmpkg *p, struct err *e)
{
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	struct import_result res = {0};
	int r;

	if (!s->g)
		return 0;
	r = s->judge(s, p, &res, e);
	if (!r && res.outcome == IMPORT_OK)
		r = id_of(res.payload.data, res.payload.len, p->name, id, NULL, e);
	if (!r && res.outcome == IMPORT_OK)
		r = unload(s, id, e);
	import_result_done(&res);
	return r;
}

int sync_remove(const struct sync *s, const struct rpmpkg *p, struct err *e)
{
	char name[DIGLIM_NAME_MAX + 32], *path;
	uint8_t id[DIGLIM_LIST_ID_SIZE];
	int r;

	import_file_name(IMPORT_PREFIX, p->name, name, sizeof(name));
	if (asprintf(&path, "%s/%s", s->places->lists[PLACES_MADE], name) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	r = list_of(path, p, id, e);
	if (r > 0) {
		int gone = is_kept_elsewhere(s, path, id) ? 0 : unload(s, id, e);

		if (unlink(path) && errno != ENOENT)
			gone = err_set(e, -errno, "%s: %s", path, strerror(errno));
		r = gone ? gone : 1;
	} else if (!r) {
		r = unload_by_header(s, p, e);
	}
	free(path);
	return r;
}
