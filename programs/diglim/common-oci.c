/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Container images in OCI layout: what a container of the image would see, and each layer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common-sources.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/base/root.h"
#include "../../lib/base/snapshot.h"
#include "../../lib/crypto/digest.h"
#include "../../lib/output/json.h"
#include "../../lib/pkgdb/unpack.h"

#define JSON_MAX   (4U << 20)
#define LAYERS_MAX 512
#define DEPTH_MAX  4 /* an index may name indexes */

#define WHITEOUT ".wh."
#define OPAQUE	 ".wh..wh..opq"

/* What becomes a list once all of the layout was read. */
struct pending {
	struct pending *next;
	char name[DIGLIM_NAME_MAX];
	struct contents contents;
};

struct image {
	struct maker *m;
	const char *dir;
	bool layers;
	const char *ref; /* its name in the index; NULL: none */
	struct pending *first, **last;
	size_t images;
};

/* Takes over @c. */
static int keep(struct image *im, const char *name, struct contents *c, struct err *e)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(e, -ENOMEM, "out of memory");
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->contents = *c;
	*c = (struct contents){0};
	*im->last = p;
	im->last = &p->next;
	return 0;
}

/* A damaged layout makes no list at all: they are made when everything was read. */
static int make_lists(struct image *im, struct err *e)
{
	int r = 0;

	for (struct pending *p = im->first; !r && p; p = p->next)
		r = maker_contents(im->m, p->name, NULL, PROVENANCE_IMAGE, &p->contents, e);
	return r;
}

static void image_done(struct image *im)
{
	while (im->first) {
		struct pending *p = im->first;

		im->first = p->next;
		contents_done(&p->contents);
		free(p);
	}
}

/* blobs/sha256/HEX of "sha256:HEX". */
static int blob_path(const struct image *im, const char *digest, char ret[PATH_MAX],
		     uint8_t want[DIGLIM_DIGEST_SIZE], struct err *e)
{
	if (!digest || strncmp(digest, "sha256:", 7) ||
	    hex_decode(digest + 7, strlen(digest + 7), want, DIGLIM_DIGEST_SIZE))
		return err_set(e, -EBADMSG, "%s: '%.100s' is no SHA-256 digest of a blob", im->dir,
			       digest ? digest : "");
	if (snprintf(ret, PATH_MAX, "blobs/sha256/%s", digest + 7) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "%s: name too long", im->dir);
	return 0;
}

/* A copy of a blob whose content is what its name says: whoever owns the layout may go on writing.
 */
static int open_blob(const struct image *im, const char *digest, struct stat *st, struct err *e)
{
	uint8_t want[DIGLIM_DIGEST_SIZE], got[DIGLIM_DIGEST_SIZE];
	char path[PATH_MAX];
	int r = blob_path(im, digest, path, want, e), fd, original;
	uint64_t size;

	if (r)
		return r;
	original = root_open_regular(im->dir, path, st, e);
	if (original < 0)
		return err_prefix(e, "%s", im->dir);
	fd = snapshot_fd(original, SNAPSHOT_MAX, path, &size, e);
	close(original);
	if (fd < 0)
		return err_prefix(e, "%s", im->dir);
	st->st_size = (off_t)size;
	r = digest_fd(fd, path, got, NULL, e);
	if (!r && memcmp(want, got, sizeof(want)) != 0)
		r = err_set(e, -EBADMSG, "%s/%s: its content has another digest than its name",
			    im->dir, path);
	if (!r)
		return fd;
	close(fd);
	return r;
}

static int read_json(const char *name, int fd, const struct stat *st, struct jsonr **ret,
		     struct err *e)
{
	struct buf b = BUF_INIT;
	uint8_t *p;
	int r;

	if ((uint64_t)st->st_size > JSON_MAX)
		return err_set(e, -EFBIG, "%s: %lld bytes of JSON", name, (long long)st->st_size);
	p = buf_reserve(&b, (size_t)st->st_size);
	r = p ? io_read_exact(fd, p, (size_t)st->st_size, 0, name, e)
	      : err_set(e, -ENOMEM, "%s: out of memory", name);
	*ret = r ? NULL : jsonr_parse((const char *)b.data, b.len);
	buf_free(&b);
	if (!r && !*ret)
		r = err_set(e, -EBADMSG, "%s: not a JSON object", name);
	return r;
}

static int read_blob_json(const struct image *im, const char *digest, struct jsonr **ret,
			  struct err *e)
{
	struct stat st;
	int fd = open_blob(im, digest, &st, e), r;

	if (fd < 0)
		return fd;
	r = read_json(digest, fd, &st, ret, e);
	close(fd);
	return r ? err_prefix(e, "%s", im->dir) : 0;
}

/* Takes out of the layers below what this one says is gone. */
static void apply_whiteouts(struct contents *all, const struct contents *layer)
{
	for (size_t i = 0; i < layer->n; i++) {
		const char *path = layer->files[i].path, *name = strrchr(path, '/') + 1;
		char victim[DIGLIM_PATH_LONG];
		int dir = (int)(name - path);

		if (strncmp(name, WHITEOUT, strlen(WHITEOUT)))
			continue;
		if (!strcmp(name, OPAQUE)) {
			snprintf(victim, sizeof(victim), "%.*s", dir > 1 ? dir - 1 : 1, path);
			contents_remove(all, victim, 1);
		} else if (strncmp(name, WHITEOUT WHITEOUT, 2 * strlen(WHITEOUT))) {
			snprintf(victim, sizeof(victim), "%.*s%s", dir, path,
				 name + strlen(WHITEOUT));
			contents_remove(all, victim, 0);
		}
	}
}

static int merge(struct contents *all, struct contents *layer, struct err *e)
{
	int r = 0;

	apply_whiteouts(all, layer);
	for (size_t i = 0; !r && i < layer->n; i++) {
		const char *name = strrchr(layer->files[i].path, '/') + 1;

		if (strncmp(name, WHITEOUT, strlen(WHITEOUT)) && layer->files[i].type)
			r = contents_put(all, &layer->files[i], e);
	}
	return r;
}

static void tick(uint64_t bytes, void *arg)
{
	progress_step(&((struct image *)arg)->m->progress, bytes >> 20, NULL);
}

static int do_layer(struct image *im, const struct jsonr *desc, struct contents *all, struct err *e)
{
	struct unpack_options opt = {.format = UNPACK_TAR, .tick = tick, .arg = im};
	const char *digest = jsonr_str(desc, "digest");
	struct contents layer = {0};
	char name[DIGLIM_NAME_MAX];
	struct stat st;
	int fd = open_blob(im, digest, &st, e), r;

	if (fd < 0)
		return fd;
	r = lseek(fd, 0, SEEK_SET) ? err_set(e, -errno, "%s: %s", digest, strerror(errno))
				   : unpack_fd(fd, digest, &opt, &layer, e);
	close(fd);
	snprintf(name, sizeof(name), "layer %.19s", digest);
	if (!r)
		r = merge(all, &layer, e);
	if (!r && im->layers)
		r = keep(im, name, &layer, e);
	contents_done(&layer);
	return r;
}

static int do_manifest(struct image *im, const struct jsonr *manifest, const char *digest,
		       struct err *e)
{
	size_t n = jsonr_array_len(manifest, "layers");
	struct contents all = {0};
	char name[DIGLIM_NAME_MAX];
	int r = 0;

	if (!n || n > LAYERS_MAX)
		return err_set(e, -EBADMSG, "%s: %s: %zu layers, must be 1 to %d", im->dir, digest,
			       n, LAYERS_MAX);
	progress_start(&im->m->progress, "Hashing MB", 0);
	for (size_t i = 0; !r && i < n; i++) {
		const struct jsonr *desc = jsonr_array_object(manifest, "layers", i);

		r = desc ? do_layer(im, desc, &all, e)
			 : err_set(e, -EBADMSG, "%s: %s: layer %zu is no object", im->dir, digest,
				   i);
	}
	snprintf(name, sizeof(name), "%.90s %.19s",
		 im->m->args->name ? im->m->args->name
		 : im->ref	   ? im->ref
				   : "image",
		 digest);
	if (!r)
		r = keep(im, name, &all, e);
	contents_done(&all);
	im->images += !r;
	return r;
}

/* OCI Image Specification, "Image Layer Filesystem Changeset", and what it was called before. */
static bool is_layer(const struct jsonr *desc)
{
	static const char *const prefixes[] = {
		"application/vnd.oci.image.layer.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.docker.image.rootfs.diff.tar",
		"application/vnd.docker.image.rootfs.foreign.diff.tar",
	};
	const char *type = desc ? jsonr_str(desc, "mediaType") : NULL;

	for (size_t i = 0; type && i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(type, prefixes[i], strlen(prefixes[i])))
			return true;
	return !type;
}

/* A manifest may be of other things than an image: an attestation, a chart, a program. */
static bool is_image(const struct jsonr *manifest)
{
	size_t n = jsonr_array_len(manifest, "layers");

	for (size_t i = 0; i < n; i++)
		if (!is_layer(jsonr_array_object(manifest, "layers", i)))
			return false;
	return true;
}

static void skip(const struct image *im, const char *digest, const char *why)
{
	cli_say("%s: %.19s: %s: left out", im->dir, digest ? digest : "?", why);
}

static int do_index(struct image *im, const struct jsonr *index, int depth, struct err *e);

/* A manifest has layers, an index has manifests. */
static int do_descriptor(struct image *im, const struct jsonr *desc, int depth, struct err *e)
{
	const struct jsonr *notes = desc ? jsonr_object(desc, "annotations") : NULL;
	const char *digest = desc ? jsonr_str(desc, "digest") : NULL, *outer = im->ref;
	const char *ref = notes ? jsonr_str(notes, "org.opencontainers.image.ref.name") : NULL;
	struct jsonr *blob = NULL;
	int r = read_blob_json(im, digest, &blob, e);

	/* Copying one platform of an image leaves the index as it was. */
	if (r == -ENOENT && jsonr_object(desc, "platform")) {
		skip(im, digest, "of a platform that is not in this layout");
		return 0;
	}
	if (r)
		return r;
	im->ref = ref ? ref : outer;
	if (jsonr_has(blob, "manifests"))
		r = do_index(im, blob, depth + 1, e);
	else if (!is_image(blob))
		skip(im, digest, "not an image");
	else
		r = do_manifest(im, blob, digest, e);
	im->ref = outer;
	jsonr_free(blob);
	return r;
}

static int do_index(struct image *im, const struct jsonr *index, int depth, struct err *e)
{
	size_t n = jsonr_array_len(index, "manifests");
	int r = 0;

	if (!n || depth > DEPTH_MAX)
		return err_set(e, -EBADMSG, "%s: an index %s", im->dir,
			       n ? "of indexes of indexes" : "without images");
	for (size_t i = 0; !r && i < n; i++)
		r = do_descriptor(im, jsonr_array_object(index, "manifests", i), depth, e);
	return r;
}

int source_oci(struct maker *m, const char *dir, bool layers, struct err *e)
{
	struct image im = {.m = m, .dir = dir, .layers = layers};
	struct jsonr *index = NULL;
	char name[PATH_MAX];
	struct stat st;
	int fd = root_open_regular(dir, "index.json", &st, e), r;

	im.last = &im.first;
	if (fd < 0)
		return err_prefix(e, "%s: no OCI layout", dir);
	snprintf(name, sizeof(name), "%s/index.json", dir);
	r = read_json(name, fd, &st, &index, e);
	close(fd);
	if (!r)
		r = do_index(&im, index, 0, e);
	jsonr_free(index);
	if (!r && !im.images)
		r = err_set(e, -ENODATA, "%s: no image in it", dir);
	r = r ? r : make_lists(&im, e);
	image_done(&im);
	return r;
}
