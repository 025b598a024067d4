/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trial.h"
#include "../base/buf.h"
#include "../base/io.h"

#define BOOT_ID	   "/proc/sys/kernel/random/boot_id"
#define RECORD_MAX 512 /* bytes of the file */

int trial_begin(struct trial *t, uint64_t seconds, struct err *e)
{
	struct buf id = BUF_INIT;
	size_t len;
	int r;

	*t = (struct trial){.asked = (int64_t)time(NULL), .seconds = seconds};
	if (!seconds || seconds > TRIAL_MAX_S)
		return err_set(e, -EDOM, "a trial takes at most %u days", TRIAL_MAX_S / 86400);
	r = io_read_stream(BOOT_ID, RECORD_MAX, &id, e);
	len = id.len < sizeof(t->boot) ? id.len : sizeof(t->boot) - 1;
	if (!r)
		memcpy(t->boot, id.data, len);
	t->boot[strcspn(t->boot, "\n")] = '\0';
	buf_free(&id);
	return r;
}

uint32_t trial_left(const struct trial *t, int64_t now)
{
	if (!t->seconds || t->seconds > TRIAL_MAX_S || now < t->asked)
		return 0;
	return (uint64_t)(now - t->asked) < t->seconds
		       ? (uint32_t)(t->seconds - (uint64_t)(now - t->asked))
		       : 0;
}

int trial_write(const char *path, const struct trial *t, struct err *e)
{
	char text[RECORD_MAX];
	struct io_part part = {text, 0};

	part.len = (size_t)snprintf(text, sizeof(text),
				    "asked = %" PRId64 "\nseconds = %" PRIu64 "\nboot = %s\n",
				    t->asked, t->seconds, t->boot);
	return io_write_atomic(path, &part, 1, 0600, e);
}

int trial_read(const char *path, struct trial *t, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = io_read_file(path, RECORD_MAX - 1, &text, e);

	*t = (struct trial){0};
	if (r == -ENOENT)
		return 0;
	if (!r)
		buf_add_u8(&text, 0);
	if (!r && text.failed)
		r = err_set(e, -ENOMEM, "%s: no memory", path);
	if (!r && (sscanf((const char *)text.data,
			  "asked = %15" SCNd64 "\nseconds = %10" SCNu64 "\nboot = %39[0-9a-f-]\n",
			  &t->asked, &t->seconds, t->boot) != 3 ||
		   t->seconds > TRIAL_MAX_S))
		*t = (struct trial){0};
	buf_free(&text);
	return r;
}

int trial_end(const char *path, struct err *e)
{
	if (unlink(path) && errno != ENOENT)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}
