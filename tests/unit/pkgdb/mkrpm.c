// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "mkrpm.h"

#define REGION 63

enum { INT16 = 3, INT32 = 4, STRING = 6, BIN = 7, STRINGS = 8 };

struct header {
	struct buf index, data;
	uint32_t n;
};

static void entry(struct header *h, uint32_t tag, uint32_t type, uint32_t count, size_t align)
{
	while (h->data.len % align)
		buf_add_u8(&h->data, 0);
	buf_add_be32(&h->index, tag);
	buf_add_be32(&h->index, type);
	buf_add_be32(&h->index, (uint32_t)h->data.len);
	buf_add_be32(&h->index, count);
	h->n++;
}

static void string(struct header *h, uint32_t tag, const char *text)
{
	entry(h, tag, STRING, 1, 1);
	buf_add(&h->data, text, strlen(text) + 1);
}

static void put_region(struct buf *to, uint32_t tag, uint32_t where)
{
	buf_add_be32(to, tag);
	buf_add_be32(to, BIN);
	buf_add_be32(to, where);
	buf_add_be32(to, 16);
}

/* Puts it together; the region is the first entry, its trailer the last data. */
static void finish(struct buf *to, struct header *h, uint32_t region)
{
	uint32_t n = h->n + 1, where = (uint32_t)h->data.len;

	put_region(&h->data, region, 0 - 16 * n);
	buf_add(to, "\x8e\xad\xe8\x01\0\0\0\0", 8);
	buf_add_be32(to, n);
	buf_add_be32(to, (uint32_t)h->data.len);
	put_region(to, region, where);
	buf_add(to, h->index.data, h->index.len);
	buf_add(to, h->data.data, h->data.len);
	buf_free(&h->index);
	buf_free(&h->data);
}

static void put_files(struct header *h, const struct mkrpm *m)
{
	char text[80];

	entry(h, 1030, INT16, m->files, 2);
	for (unsigned int i = 0; i < m->files; i++)
		buf_add_be16(&h->data, 0100755);
	entry(h, 1035, STRINGS, m->files, 1);
	for (unsigned int i = 0; i < m->files; i++) {
		snprintf(text, sizeof(text), "%064x", i + 1);
		buf_add(&h->data, text, m->digest_algo == 8 ? 65 : 33);
		if (m->digest_algo != 8)
			h->data.data[h->data.len - 1] = 0;
	}
	entry(h, 1037, INT32, m->files, 4);
	for (unsigned int i = 0; i < m->files; i++)
		buf_add_be32(&h->data, 0);
	entry(h, 1116, INT32, m->files, 4);
	for (unsigned int i = 0; i < m->files; i++)
		buf_add_be32(&h->data, 0);
	entry(h, 1117, STRINGS, m->files, 1);
	for (unsigned int i = 0; i < m->files; i++)
		buf_add(&h->data, text, (size_t)snprintf(text, sizeof(text), "f%u", i) + 1);
	entry(h, 1118, STRINGS, 1, 1);
	buf_add(&h->data, "/usr/bin/", 10);
}

void mkrpm_header(struct buf *to, const struct mkrpm *m)
{
	struct header h = {0};

	string(&h, 1000, m->name);
	string(&h, 1001, "1.0");
	string(&h, 1002, "1");
	if (m->padding) {
		entry(&h, 1005, STRING, 1, 1);
		for (size_t i = 0; i < m->padding; i++)
			buf_add_u8(&h.data, 'x');
		buf_add_u8(&h.data, 0);
	}
	string(&h, 1022, "noarch");
	if (m->files)
		put_files(&h, m);
	if (m->digest_algo) {
		entry(&h, 5011, INT32, 1, 4);
		buf_add_be32(&h.data, m->digest_algo);
	}
	finish(to, &h, REGION);
}

void mkrpm_package(struct buf *to, const struct buf *header, const struct mkrpm_sig *sigs, size_t n)
{
	uint8_t lead[96] = {0xed, 0xab, 0xee, 0xdb, 3};
	struct header h = {0};
	size_t start;

	lead[79] = 5;
	buf_add(to, lead, sizeof(lead));
	start = to->len;
	for (size_t i = 0; i < n; i++) {
		entry(&h, sigs[i].tag, sigs[i].type, sigs[i].count, 1);
		buf_add(&h.data, sigs[i].data, sigs[i].len);
	}
	finish(to, &h, 62);
	while ((to->len - start) % 8)
		buf_add_u8(to, 0);
	buf_add(to, header->data, header->len);
	buf_add(to, "archive", 7);
}
