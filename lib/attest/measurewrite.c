/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing the event log: whole records or nothing, kept before anything is extended. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "measurelog.h"
#include "../base/buf.h"
#include "../base/io.h"
#include "../output/json.h"

struct measure_writer {
	int fd;
	off_t size;  /* of whole records */
	bool broken; /* part of a record stays behind them */
};

/* Only a regular file: a FIFO or link in its place would make root wait or write elsewhere. */
static int open_log(const char *path, struct err *e)
{
	int fd =
		open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;
	int r;

	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st))
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		r = err_set(e, -EINVAL, "%s: not a regular file", path);
	else if (flock(fd, LOCK_EX | LOCK_NB))
		r = err_set(e, -EBUSY, "%s: another process writes it", path);
	else
		return fd;
	close(fd);
	return r;
}

static int read_log(struct measure_writer *w, const char *path, struct measure_log *log,
		    struct err *e)
{
	struct buf b = BUF_INIT;
	struct stat st;
	uint8_t *p;
	int r = 0;

	if (fstat(w->fd, &st))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (st.st_size > (off_t)MEASURELOG_MAX)
		return err_set(e, -EFBIG, "%s: too large", path);
	p = buf_reserve(&b, (size_t)st.st_size);
	if (!p && st.st_size)
		r = err_set(e, -ENOMEM, "out of memory");
	if (!r)
		r = io_read_exact(w->fd, p, (size_t)st.st_size, 0, path, e);
	if (!r && (r = measure_parse(b.data, b.len, BANK_NONE, log, e)))
		err_prefix(e, "%s", path);
	buf_free(&b);
	if (r)
		return r;
	w->size = (off_t)log->length;
	/* It has no end, so it was not extended: the writer died over it. */
	if (log->torn && ftruncate(w->fd, w->size)) {
		r = err_set(e, -errno, "%s: %s", path, strerror(errno));
		measure_log_done(log);
	}
	return r;
}

int measure_writer_open(const char *path, struct measure_writer **ret, struct measure_log *log,
			struct err *e)
{
	struct measure_writer *w = malloc(sizeof(*w));
	int r;

	*ret = NULL;
	*log = (struct measure_log){0};
	if (!w)
		return err_set(e, -ENOMEM, "out of memory");
	*w = (struct measure_writer){.fd = open_log(path, e)};
	r = w->fd < 0 ? w->fd : read_log(w, path, log, e);
	if (r)
		measure_writer_close(w);
	else
		*ret = w;
	return r;
}

struct measure_writer *measure_writer_close(struct measure_writer *w)
{
	if (w && w->fd >= 0)
		close(w->fd);
	free(w);
	return NULL;
}

/* Of the running kernel, without line feed; empty if there is none. */
static void read_boot_id(char ret[40])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || !fgets(ret, 40, f))
		*ret = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	if (f)
		fclose(f);
}

void measure_put_digests(struct jsonw *j, const struct measure_record *r)
{
	jsonw_array(j, "digests");
	for (size_t i = 0; i < BANK_MAX && r->banks[i]; i++) {
		jsonw_object(j, NULL);
		jsonw_str(j, "hashAlg", bank_name(r->banks[i]));
		jsonw_hex(j, "digest", r->digests[i], bank_size(r->banks[i]));
		jsonw_end(j);
	}
	jsonw_end(j);
}

static char *record_text(const struct measure_record *r, enum statement_kind kind, const char *text)
{
	struct jsonw *j = jsonw_new(false);
	char *ret;

	if (!j)
		return NULL;
	jsonw_num(j, "pcr", r->pcr);
	measure_put_digests(j, r);
	jsonw_str(j, "content_type", MEASURELOG_TYPE);
	jsonw_object(j, "content");
	jsonw_str(j, "eventType", statement_kind_name(kind));
	jsonw_str(j, "string", text);
	jsonw_str(j, "bootId", r->boot_id);
	jsonw_num(j, "timestamp", r->time_us);
	jsonw_end(j);
	ret = jsonw_text(j, false);
	jsonw_free(j);
	return ret;
}

/* All of it, on disk; or the file is as it was. */
static int put(struct measure_writer *w, const void *data, size_t len, struct err *e)
{
	const char *p = data;
	size_t done = 0;
	int r = 0;

	while (!r && done < len) {
		ssize_t n = write(w->fd, p + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (!n || errno != EINTR)
			r = n ? -errno : -ENOSPC;
	}
	if (!r && fdatasync(w->fd))
		r = -errno;
	if (!r) {
		w->size += (off_t)len;
		return 0;
	}
	w->broken = ftruncate(w->fd, w->size);
	if (w->broken)
		return err_set(e, r, "event log: %s, and what was written stays", strerror(-r));
	return err_set(e, r, "event log: %s", strerror(-r));
}

static int fill(struct measure_record *r, unsigned pcr, const enum bank banks[BANK_MAX],
		const char *text, struct err *e)
{
	struct timespec now;
	int code = 0;

	*r = (struct measure_record){.pcr = pcr};
	for (size_t i = 0; !code && i < BANK_MAX && banks[i]; i++) {
		r->banks[i] = banks[i];
		code = bank_hash(banks[i], text, strlen(text), r->digests[i], e);
	}
	read_boot_id(r->boot_id);
	clock_gettime(CLOCK_REALTIME, &now);
	r->time_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	return code;
}

int measure_append(struct measure_writer *w, unsigned pcr, const enum bank banks[BANK_MAX],
		   enum statement_kind kind, const char *text, struct measure_record *ret,
		   struct err *e)
{
	struct measure_record r;
	struct buf b = BUF_INIT;
	char *json;
	int code;

	if (w->broken)
		return err_set(e, -EIO, "event log: an earlier record was not written");
	if (pcr > 23 || !banks[0])
		return err_set(e, -EINVAL, "no register %u, or no bank, to measure into", pcr);
	code = fill(&r, pcr, banks, text, e);
	if (code)
		return code;
	json = record_text(&r, kind, text);
	if (!json)
		return err_set(e, -ENOMEM, "out of memory");
	buf_add_u8(&b, 0x1e);
	buf_add(&b, json, strlen(json));
	buf_add_u8(&b, '\n');
	free(json);
	code = b.failed ? err_set(e, -ENOMEM, "out of memory") : put(w, b.data, b.len, e);
	buf_free(&b);
	if (!code && ret)
		*ret = r;
	return code;
}
