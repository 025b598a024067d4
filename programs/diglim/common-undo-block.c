/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common-undo-block.h"
#include "../../lib/base/io.h"

#define BLOCK_FILE_MAX (4U << 20)

/* A mark counts at the beginning of a line. */
static const char *find_mark(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	while (at && at != text && at[-1] != '\n')
		at = strstr(at + 1, mark);
	return at;
}

bool block_is_in(const char *text)
{
	return find_mark(text, BLOCK_BEGIN);
}

void block_put(struct buf *ret, const char *text, const char *block)
{
	buf_add(ret, BLOCK_BEGIN, strlen(BLOCK_BEGIN));
	buf_add(ret, block, strlen(block));
	buf_add(ret, BLOCK_END, strlen(BLOCK_END));
	buf_add(ret, text, strlen(text));
}

int block_take(struct buf *ret, const char *text)
{
	const char *begin = find_mark(text, BLOCK_BEGIN);
	const char *end = begin ? find_mark(begin, BLOCK_END) : NULL;

	if (begin && !end)
		return -EINVAL;
	buf_add(ret, text, begin ? (size_t)(begin - text) : strlen(text));
	if (end)
		buf_add(ret, end + strlen(BLOCK_END), strlen(end + strlen(BLOCK_END)));
	return ret->failed ? -ENOMEM : 0;
}

static int write_rest(const char *real, const struct buf *rest, struct err *e)
{
	const struct io_part part = {rest->data, rest->len};
	struct stat st;

	if (!rest->len)
		return unlink(real) ? err_set(e, -errno, "%s: %s", real, strerror(errno)) : 0;
	if (stat(real, &st))
		return err_set(e, -errno, "%s: %s", real, strerror(errno));
	return io_write_atomic(real, &part, 1, st.st_mode & 07777, e);
}

int block_undo(const char *real, bool dry, struct err *e)
{
	struct buf text = BUF_INIT, rest = BUF_INIT;
	int r = io_read_file(real, BLOCK_FILE_MAX, &text, e);

	buf_add_u8(&text, 0);
	if (!r && text.failed)
		r = err_set(e, -ENOMEM, "out of memory");
	if (r == -ENOENT || (!r && !block_is_in((char *)text.data)))
		r = 1;
	if (!r && (r = block_take(&rest, (char *)text.data)))
		err_set(e, r, "%s: \"# DIGLIM end\" is missing", real);
	if (!r && !dry)
		r = write_rest(real, &rest, e);
	buf_free(&rest);
	buf_free(&text);
	return r;
}
