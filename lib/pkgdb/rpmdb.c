// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <rpm/rpmts.h>

#include "../base/io.h"
#include "../crypto/armor.h"
#include "rpmdb.h"
#include "rpmheader.h"
#include "rpmkeys.h"

/* librpm logs to stderr by itself; what it says goes into our message instead. */
struct log {
	char text[256];
	bool no_backend;
};

static int keep_message(rpmlogRec rec, rpmlogCallbackData data)
{
	struct log *log = data;

	/* A warning, and then it goes on with a database of nothing. No locale is set here. */
	if (strstr(rpmlogRecMessage(rec), "dummy database"))
		log->no_backend = true;
	if (rpmlogRecPriority(rec) <= RPMLOG_ERR && !log->text[0])
		snprintf(log->text, sizeof(log->text), "%.*s",
			 (int)strcspn(rpmlogRecMessage(rec), "\n"), rpmlogRecMessage(rec));
	return 0;
}

struct backend;

/* An open database. */
struct db {
	struct log log;
	rpmts ts;
	char *path; /* below the root */
	const struct backend *backend;
	bool macro;
};

static int db_fail(struct db *db, int code, const char *what, const char *path, struct err *e)
{
	return err_set(e, code, "rpm database %s: %s%s%s", path, what, db->log.text[0] ? ": " : "",
		       db->log.text);
}

static void db_close(struct db *db)
{
	db->ts = rpmtsFree(db->ts);
	if (db->macro) {
		rpmPopMacro(NULL, "_db_backend");
		rpmPopMacro(NULL, "_dbpath");
	}
	free(db->path);
	rpmlogSetCallback(NULL, NULL);
}

static bool exists(const char *root, const char *dir, const char *file)
{
	char *path;
	bool r;

	if (asprintf(&path, "%s/%s/%s", root ? root : "", dir, file) < 0)
		return false;
	r = !access(path, F_OK);
	free(path);
	return r;
}

/* Files of rpm's backends. */
static const struct backend {
	const char *file, *name, *magic;
	size_t magic_len;
} backends[] = {
	{"rpmdb.sqlite", "sqlite", "SQLite format 3", 16},
	{"Packages.db", "ndb", "RpmP", 4},
	{"Packages", "bdb_ro", "", 0},
};

#define BACKENDS (sizeof(backends) / sizeof(*backends))

static bool is_database(const char *root, const char *dir)
{
	for (size_t i = 0; i < BACKENDS; i++)
		if (exists(root, dir, backends[i].file))
			return true;
	return false;
}

/* A FIFO in its place would keep librpm waiting for ever, and an empty file it would fill. */
static int check_file(const char *root, const char *dir, const struct backend *b, struct err *e)
{
	uint8_t head[16];
	struct err why = {0};
	struct stat st;
	char *path;
	int fd, r = 0;

	if (asprintf(&path, "%s%s/%s", root ? root : "", dir, b->file) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	fd = io_open_regular(AT_FDCWD, path, &st, &why);
	if (fd < 0)
		r = err_set(e, fd, "rpm database %s", why.text);
	else if (b->magic_len && (io_read_exact(fd, head, b->magic_len, 0, path, NULL) ||
				  memcmp(head, b->magic, b->magic_len) != 0))
		r = err_set(e, -EBADMSG, "rpm database %s: offset 0: damaged, no %s database", path,
			    b->name);
	if (fd >= 0)
		close(fd);
	free(path);
	return r;
}

/*
 * What rpm is set up to use if it is there, else what is there: librpm would make a new database
 * beside one that it has no backend for, and call it empty.
 */
static int choose_backend(struct db *db, const char *root, struct err *e)
{
	char *usual = rpmExpand("%{?_db_backend}", NULL);
	const struct backend *found = NULL;

	for (size_t i = 0; i < BACKENDS; i++)
		if (exists(root, db->path, backends[i].file) &&
		    (!found || (usual && !strcmp(usual, backends[i].name))))
			found = &backends[i];
	free(usual);
	if (!found)
		return err_set(e, -ENOENT, "%s%s: no rpm database there", root ? root : "",
			       db->path);
	db->backend = found;
	return check_file(root, db->path, found, e);
}

static int push_macros(struct db *db, struct err *e)
{
	if (rpmPushMacro(NULL, "_dbpath", NULL, db->path, RMIL_CMDLINE))
		return db_fail(db, -EINVAL, "not a path that librpm takes", db->path, e);
	rpmPushMacro(NULL, "_db_backend", NULL, db->backend->name, RMIL_CMDLINE);
	db->macro = true;
	return 0;
}

/* The directory of the database, as librpm wants it: absolute, below the root. */
static int find_path(struct db *db, const char *root, const char *dbpath, struct err *e)
{
	/* The second is that of ostree deployments, whose /var is empty. */
	static const char *const places[] = {"/usr/lib/sysimage/rpm", "/usr/share/rpm",
					     "/var/lib/rpm"};

	if (dbpath) {
		if (!is_database(root, dbpath))
			return err_set(e, -ENOENT, "%s%s: no rpm database there", root ? root : "",
				       dbpath);
		db->path = strdup(dbpath);
		return db->path ? 0 : err_set(e, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !db->path; i++)
		if (is_database(root, places[i]))
			db->path = strdup(places[i]);
	if (!db->path)
		db->path = rpmExpand("%{_dbpath}", NULL);
	if (!db->path || !is_database(root, db->path))
		return err_set(e, -ENOENT, "%s: no rpm database below it", root ? root : "/");
	return 0;
}

static int db_open(struct db *db, const char *root, const char *dbpath, struct err *e)
{
	static bool configured;
	int r;

	memset(db, 0, sizeof(*db));
	rpmlogSetCallback(keep_message, &db->log);
	if (!configured && rpmReadConfigFiles(NULL, NULL))
		return db_fail(db, -EIO, "librpm cannot read its configuration", "", e);
	configured = true;
	r = find_path(db, root, dbpath, e);
	if (!r)
		r = choose_backend(db, root, e);
	if (!r)
		r = push_macros(db, e);
	if (r < 0)
		return r;
	db->ts = rpmtsCreate();
	/* The kernel verifies; librpm's opinion about keys and ages is not asked for. */
	rpmtsSetVSFlags(db->ts, _RPMVSF_NODIGESTS | _RPMVSF_NOSIGNATURES | RPMVSF_NOHDRCHK);
	if (root && rpmtsSetRootDir(db->ts, root))
		return db_fail(db, -EINVAL, "not a root directory that librpm takes", root, e);
	if (rpmtsOpenDB(db->ts, O_RDONLY))
		return db_fail(db, -EIO, "cannot be opened", db->path, e);
	if (db->log.no_backend)
		return err_set(e, -ENOTSUP,
			       "rpm database %s/%s: this machine's librpm cannot read that kind of "
			       "database (%s)",
			       db->path, db->backend->file, db->backend->name);
	return 0;
}

static int hand_out(Header h, rpmdb_fn fn, void *arg)
{
	struct rpmpkg p = {0};
	struct err why = {0};
	int r = rpmheader_take(h, &p, &why);

	r = r == -ENOMEM ? r : fn(&p, r < 0 ? why.text : NULL, arg);
	rpmpkg_done(&p);
	return r;
}

static bool is_key(Header h)
{
	const char *name = headerGetString(h, RPMTAG_NAME);

	return name && !strcmp(name, "gpg-pubkey");
}

/* Packages by the index of names; -1 if there is none. */
static int count_index(struct db *db)
{
	rpmdbIndexIterator it = rpmdbIndexIteratorInit(rpmtsGetRdb(db->ts), RPMDBI_NAME);
	const void *key;
	size_t len;
	int n = it ? 0 : -1;

	while (it && !rpmdbIndexIteratorNext(it, &key, &len))
		if (len != strlen("gpg-pubkey") || memcmp(key, "gpg-pubkey", len))
			n += (int)rpmdbIndexIteratorNumPkgs(it);
	rpmdbIndexIteratorFree(it);
	return n;
}

/*
 * librpm ends its iteration over a damaged database as it ends any other, and leaves out what it
 * cannot read: only its log, or the index, tells that something is missing.
 */
static int check_end(struct db *db, int n, struct err *e)
{
	int expected = count_index(db);

	if (!db->log.text[0] && n >= expected)
		return 0;
	if (n >= expected)
		return db_fail(db, -EIO, "cannot be read to its end", db->path, e);
	return err_set(e, -EIO, "rpm database %s: cannot be read to its end, %d of %d packages%s%s",
		       db->path, n, expected, db->log.text[0] ? ": " : "", db->log.text);
}

int rpmdb_walk(const char *root, const char *dbpath, rpmdb_fn fn, void *arg, struct err *e)
{
	rpmdbMatchIterator it;
	struct db db;
	Header h;
	int r = db_open(&db, root, dbpath, e), n = 0;

	if (!r) {
		it = rpmtsInitIterator(db.ts, RPMDBI_PACKAGES, NULL, 0);
		while (!r && (h = rpmdbNextIterator(it)))
			if (!is_key(h)) {
				r = hand_out(h, fn, arg);
				n++;
			}
		rpmdbFreeIterator(it);
		if (!r)
			r = check_end(&db, n, e);
	}
	db_close(&db);
	return r;
}

/* Of gpg-pubkey: its packets in base64, one string for each key of the file that was imported. */
static int hand_out_key(Header h, rpmdb_key_fn fn, void *arg)
{
	char *name = headerGetAsString(h, RPMTAG_NVR);
	struct buf all = BUF_INIT;
	struct rpmtd_s td;
	struct err why = {0};
	const char *text;
	int r = 0;

	if (headerGet(h, RPMTAG_PUBKEYS, &td, HEADERGET_MINMEM)) {
		while (!r && (text = rpmtdNextString(&td)))
			r = armor_base64(text, strlen(text), &all, &why);
		rpmtdFreeData(&td);
	} else {
		r = err_set(&why, -ENOENT, "there is no key in it");
	}
	if (r != -ENOMEM)
		r = fn(name ? name : "gpg-pubkey", r ? NULL : all.data, all.len,
		       r ? why.text : NULL, arg);
	buf_free(&all);
	free(name);
	return r;
}

/* rpm may be set up to keep its keys as files: where, its macro says. */
static int walk_key_files(const char *root, rpmdb_key_fn fn, void *arg, struct err *e)
{
	char *place = rpmExpand("%{?_keyringpath}%{!?_keyringpath:%{_dbpath}/pubkeys}", NULL), *dir;
	int r;

	if (!place || asprintf(&dir, "%s%s", root ? root : "", place) < 0) {
		free(place);
		return err_set(e, -ENOMEM, "out of memory");
	}
	r = rpmkeys_walk(dir, fn, arg, e);
	free(dir);
	free(place);
	return r;
}

int rpmdb_keys(const char *root, const char *dbpath, rpmdb_key_fn fn, void *arg, struct err *e)
{
	rpmdbMatchIterator it;
	struct db db;
	Header h;
	int r = db_open(&db, root, dbpath, e);

	if (!r) {
		it = rpmtsInitIterator(db.ts, RPMDBI_NAME, "gpg-pubkey", 0);
		while (!r && (h = rpmdbNextIterator(it)))
			r = hand_out_key(h, fn, arg);
		rpmdbFreeIterator(it);
		if (!r && db.log.text[0])
			r = db_fail(&db, -EIO, "its keys cannot be read", db.path, e);
		if (!r)
			r = walk_key_files(root, fn, arg, e);
	}
	db_close(&db);
	return r;
}

int rpmdb_count(const char *root, const char *dbpath, struct err *e)
{
	struct db db;
	int n = db_open(&db, root, dbpath, e);

	if (!n)
		n = count_index(&db);
	db_close(&db);
	return n < -1 ? n : n < 0 ? 0 : n;
}
