/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes lists and signatures byte by byte, right ones and wrong ones, for the generator of the
 * test data and for tests that vary them. Shares nothing with core/ but the numbers of the formats.
 */
#ifndef DIGLIM_TESTS_DATA_BUILD_H
#define DIGLIM_TESTS_DATA_BUILD_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BUILD_UNUSED static __attribute__((unused))

struct build {
	size_t len;
	uint8_t b[65536];
};

BUILD_UNUSED void build_raw(struct build *o, const void *p, size_t n)
{
	assert(o->len + n <= sizeof(o->b));
	memcpy(o->b + o->len, p, n);
	o->len += n;
}

/* The @n lowest bytes of @x, the highest first. */
BUILD_UNUSED void build_be(struct build *o, uint64_t x, unsigned int n)
{
	while (n--) {
		uint8_t c = (uint8_t)(x >> (8 * n));

		build_raw(o, &c, 1);
	}
}

BUILD_UNUSED void build_le(struct build *o, uint64_t x, unsigned int n)
{
	for (; n--; x >>= 8) {
		uint8_t c = (uint8_t)x;

		build_raw(o, &c, 1);
	}
}

/* Overwrites a be32. */
BUILD_UNUSED void build_set32(struct build *o, size_t at, uint32_t x)
{
	for (int i = 3; i >= 0; i--, x >>= 8)
		o->b[at + (size_t)i] = (uint8_t)x;
}

BUILD_UNUSED uint32_t build_get32(const struct build *o, size_t at)
{
	return (uint32_t)o->b[at] << 24 | (uint32_t)o->b[at + 1] << 16 |
	       (uint32_t)o->b[at + 2] << 8 | o->b[at + 3];
}

/* Digest number @n of every sample: 32 times the byte 0x10 + n. */
BUILD_UNUSED void build_digest(struct build *o, unsigned int n)
{
	for (int i = 0; i < 32; i++)
		build_be(o, 0x10 + n, 1);
}

/* RPM header ------------------------------------------------------------------------------- */

struct build_tag {
	uint32_t tag;
	uint32_t type;
	uint32_t count;
	struct build data;
};

struct build_rpm {
	unsigned int n;
	struct build_tag tag[32];
};

BUILD_UNUSED struct build *build_tag(struct build_rpm *r, uint32_t tag, uint32_t type)
{
	struct build_tag *t = &r->tag[r->n++];

	assert(r->n <= 32);
	t->tag = tag;
	t->type = type;
	t->count = 0;
	t->data.len = 0;
	return &t->data;
}

/* One more item of the tag added last. */
BUILD_UNUSED void build_string(struct build_rpm *r, const char *s)
{
	build_raw(&r->tag[r->n - 1].data, s, strlen(s) + 1);
	r->tag[r->n - 1].count++;
}

BUILD_UNUSED void build_int(struct build_rpm *r, uint32_t x)
{
	struct build_tag *t = &r->tag[r->n - 1];

	build_be(&t->data, x, t->type == 3 ? 2 : 4);
	t->count++;
}

BUILD_UNUSED void build_text_tag(struct build_rpm *r, uint32_t tag, const char *s)
{
	build_tag(r, tag, 6);
	build_string(r, s);
}

/* Lays out the header, with its region. */
BUILD_UNUSED void build_rpm_out(const struct build_rpm *r, struct build *o)
{
	static struct build data;
	static const uint8_t magic[8] = {0x8e, 0xad, 0xe8, 0x01};
	size_t patch;

	data.len = 0;
	o->len = 0;
	build_raw(o, magic, 8);
	build_be(o, r->n + 1, 4);
	patch = o->len;
	build_be(o, 0, 4);
	build_be(o, 63, 4);
	build_be(o, 7, 4);
	build_be(o, 0, 4);
	build_be(o, 16, 4);
	for (unsigned int i = 0; i < r->n; i++) {
		const struct build_tag *t = &r->tag[i];
		size_t align = t->type == 3 ? 2 : t->type == 4 ? 4 : t->type == 5 ? 8 : 1;

		while (data.len % align)
			build_be(&data, 0, 1);
		build_be(o, t->tag, 4);
		build_be(o, t->type, 4);
		build_be(o, data.len, 4);
		build_be(o, t->count, 4);
		build_raw(&data, t->data.b, t->data.len);
	}
	build_set32(o, patch + 4 + 8, (uint32_t)data.len);
	build_be(&data, 63, 4);
	build_be(&data, 7, 4);
	build_be(&data, 0 - 16 * (uint64_t)(r->n + 1), 4);
	build_be(&data, 16, 4);
	build_set32(o, patch, (uint32_t)data.len);
	build_raw(o, data.b, data.len);
}

/* Where the index entry of @tag stands in a finished header: type, offset, count at +4, 8, 12. */
BUILD_UNUSED size_t build_entry(const struct build *o, uint32_t tag)
{
	for (size_t at = 16; at + 16 <= o->len; at += 16)
		if (build_get32(o, at) == tag)
			return at;
	assert(!"no such tag");
	return 0;
}

/* Where the data of @tag begins. */
BUILD_UNUSED size_t build_data(const struct build *o, uint32_t tag)
{
	return 16 + 16 * (size_t)build_get32(o, 8) + build_get32(o, build_entry(o, tag) + 8);
}

struct build_file {
	const char *dir; /* directories in order of first use */
	const char *base;
	uint32_t mode;
	uint32_t flags;
	uint32_t color;
	int digest; /* number of the digest; -1: none */
};

BUILD_UNUSED void build_files(struct build_rpm *r, const struct build_file *f, unsigned int n)
{
	const char *dir[16];
	uint32_t index[16], dirs = 0, j;

	build_tag(r, 1030, 3);
	for (unsigned int i = 0; i < n; i++)
		build_int(r, f[i].mode);
	build_tag(r, 1035, 8);
	for (unsigned int i = 0; i < n; i++) {
		char hex[65] = "";

		for (int k = 0; f[i].digest >= 0 && k < 32; k++)
			snprintf(hex + 2 * k, 3, "%02x", (0x10U + (uint32_t)f[i].digest) & 0xff);
		build_string(r, hex);
	}
	build_tag(r, 1037, 4);
	for (unsigned int i = 0; i < n; i++)
		build_int(r, f[i].flags);
	for (unsigned int i = 0; i < n; i++) {
		for (j = 0; j < dirs && strcmp(dir[j], f[i].dir); j++)
			;
		if (j == dirs)
			dir[dirs++] = f[i].dir;
		index[i] = j;
	}
	build_tag(r, 1116, 4);
	for (unsigned int i = 0; i < n; i++)
		build_int(r, index[i]);
	build_tag(r, 1117, 8);
	for (unsigned int i = 0; i < n; i++)
		build_string(r, f[i].base);
	build_tag(r, 1118, 8);
	for (j = 0; j < dirs; j++)
		build_string(r, dir[j]);
	build_tag(r, 1140, 4);
	for (unsigned int i = 0; i < n; i++)
		build_int(r, f[i].color);
}

/* One file for each rule of use. */
BUILD_UNUSED const struct build_file build_sample[] = {
	{"/usr/bin/", "tool", 0100755, 0, 2, 0},
	{"/usr/bin/", "dir", 040755, 0, 0, -1},
	{"/usr/lib64/", "lib.so", 0100644, 0, 2, 1},
	{"/usr/share/doc/", "sample.sh", 0100755, 2, 0, 2},
	{"/lib/modules/6.1/", "a.ko", 0100644, 0, 0, 3},
	{"/usr/lib/modules/6.1/", "b.ko", 0100644, 0, 2, 4},
	{"/lib/firmware/", "a.bin", 0100644, 0, 0, 5},
	{"/usr/lib/firmware/x/", "b.bin", 0100644, 0, 0, 6},
	{"/boot/", "vmlinuz", 0100644, 0, 0, 7},
	{"/etc/", "sample.conf", 0100644, 1, 0, 8},
	{"/etc/", "link", 0120777, 0, 0, -1},
	{"/etc/", "ghost", 0100755, 64, 0, 9},
	{"/lib/modulesX/", "no-module", 0100644, 0, 0, 10},
	{"/usr/boot/", "no-kernel", 0100644, 0, 0, 11},
	{"/usr/bin/", "group-only", 0100010, 0, 0, 12},
};

#define BUILD_SAMPLE_FILES (sizeof(build_sample) / sizeof(build_sample[0]))

BUILD_UNUSED void build_sample_start(struct build_rpm *r)
{
	r->n = 0;
	build_text_tag(r, 1000, "sample");
	build_text_tag(r, 1001, "1.2");
	build_text_tag(r, 1002, "3");
	build_text_tag(r, 1022, "noarch");
}

BUILD_UNUSED void build_sample_rpm(struct build_rpm *r)
{
	build_sample_start(r);
	build_files(r, build_sample, BUILD_SAMPLE_FILES);
	build_tag(r, 5011, 4);
	build_int(r, 8);
}

BUILD_UNUSED void build_sample_header(struct build *o)
{
	static struct build_rpm r;

	build_sample_rpm(&r);
	build_rpm_out(&r, o);
}

/* OpenPGP trailers ------------------------------------------------------------------------- */

#define BUILD_TIME 1700000000U

BUILD_UNUSED void build_trailer_v3(struct build *o)
{
	build_be(o, 0, 1);
	build_be(o, BUILD_TIME, 4);
}

/* With @sub, the hashed subpackets. */
BUILD_UNUSED void build_trailer_raw(struct build *o, uint8_t hash, const void *sub, size_t n)
{
	build_be(o, 0x0400, 2);
	build_be(o, 1, 1);
	build_be(o, hash, 1);
	build_be(o, n, 2);
	build_raw(o, sub, n);
	build_be(o, 0x04ff, 2);
	build_be(o, n + 6, 4);
}

/* With an issuer fingerprint and a creation time, as GnuPG writes them. */
BUILD_UNUSED void build_trailer_v4(struct build *o, uint8_t hash)
{
	static struct build sub;

	sub.len = 0;
	build_be(&sub, 0x162104, 3);
	for (int i = 0; i < 20; i++)
		build_be(&sub, 0xa5, 1);
	build_be(&sub, 0x0502, 2);
	build_be(&sub, BUILD_TIME, 4);
	build_trailer_raw(o, hash, sub.b, sub.len);
}

/* TLV and compact -------------------------------------------------------------------------- */

BUILD_UNUSED void build_tlv(struct build *o, uint16_t field, const void *p, size_t n)
{
	build_be(o, field, 2);
	build_be(o, n, 4);
	build_raw(o, p, n);
}

BUILD_UNUSED void build_tlv_int(struct build *o, uint16_t field, uint64_t x, unsigned int n)
{
	build_be(o, field, 2);
	build_be(o, n, 4);
	build_be(o, x, n);
}

/* An entry with path and use where they are not NULL and 0. */
BUILD_UNUSED void build_tlv_entry(struct build *o, unsigned int digest, const char *path,
				  uint32_t use)
{
	static struct build in;

	in.len = 0;
	build_be(&in, 0, 2);
	build_be(&in, 32, 4);
	build_digest(&in, digest);
	if (path)
		build_tlv(&in, 1, path, strlen(path) + 1);
	if (use)
		build_tlv_int(&in, 0x40, use, 4);
	build_tlv(o, 2, in.b, in.len);
}

BUILD_UNUSED void build_tlv_head(struct build *o, const char *name, uint64_t time, uint32_t count)
{
	o->len = 0;
	build_tlv_int(o, 0, 4, 2);
	if (name)
		build_tlv(o, 0x40, name, strlen(name));
	if (time)
		build_tlv_int(o, 0x41, time, 8);
	build_tlv_int(o, 1, count, 4);
}

BUILD_UNUSED void build_compact_head(struct build *o, uint16_t type, uint16_t mods, uint16_t algo,
				     uint32_t count, uint32_t len)
{
	build_le(o, 1, 2);
	build_le(o, type, 2);
	build_le(o, mods, 2);
	build_le(o, algo, 2);
	build_le(o, count, 4);
	build_le(o, len, 4);
}

#endif
