/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "payload.h"

#include "../tests/data/build.h"

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

void payload_digest(uint64_t i, uint8_t to[DIGLIM_DIGEST_SIZE])
{
	for (uint64_t w = 0; w < 4; w++) {
		uint64_t x = mix(i * 4 + w);

		memcpy(to + 8 * w, &x, sizeof(x));
	}
}

static void path_of(char *to, size_t size, uint64_t i)
{
	snprintf(to, size, "/usr/lib/example/%llu/file-%llu.so", (unsigned long long)i / 16,
		 (unsigned long long)i);
}

size_t payload_tlv(uint8_t to[PAYLOAD_MAX], uint64_t first, uint32_t n)
{
	static struct build o, entry;
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char text[128];

	o.len = 0;
	build_tlv_int(&o, 0, DIGLIM_HASH_ALGO_SHA256, 2);
	snprintf(text, sizeof(text), "bench-%llu", (unsigned long long)first);
	build_tlv(&o, 0x40, text, strlen(text));
	build_tlv_int(&o, 1, n, 4);
	for (uint32_t i = 0; i < n; i++) {
		entry.len = 0;
		payload_digest(first + i, digest);
		build_tlv(&entry, 0, digest, sizeof(digest));
		path_of(text, sizeof(text), first + i);
		build_tlv(&entry, 1, text, strlen(text) + 1);
		build_tlv(&o, 2, entry.b, entry.len);
	}
	assert(o.len <= PAYLOAD_MAX);
	memcpy(to, o.b, o.len);
	return o.len;
}

/* @n times the same number, and the same text. */
static void ints(struct build_rpm *r, uint32_t tag, uint32_t type, uint32_t n, uint32_t value)
{
	build_tag(r, tag, type);
	for (uint32_t i = 0; i < n; i++)
		build_int(r, value);
}

static void texts(struct build_rpm *r, uint32_t tag, uint32_t n, const char *text)
{
	build_tag(r, tag, 8);
	for (uint32_t i = 0; i < n; i++)
		build_string(r, text);
}

static void digests(struct build_rpm *r, uint64_t first, uint32_t n)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char hex[2 * DIGLIM_DIGEST_SIZE + 1];

	build_tag(r, 1035, 8);
	for (uint32_t i = 0; i < n; i++) {
		payload_digest(first + i, digest);
		for (size_t k = 0; k < sizeof(digest); k++)
			snprintf(hex + 2 * k, 3, "%02x", digest[k]);
		build_string(r, hex);
	}
}

static void names(struct build_rpm *r, uint64_t first, uint32_t n)
{
	char text[64];

	ints(r, 1116, 4, n, 0);
	for (uint32_t i = 0; i < n; i++) /* the last one: 16 files a directory */
		build_set32(&r->tag[r->n - 1].data, 4 * i, i / 16);
	build_tag(r, 1117, 8);
	for (uint32_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "file-%llu.so", (unsigned long long)first + i);
		build_string(r, text);
	}
	build_tag(r, 1118, 8);
	for (uint32_t i = 0; i * 16 < n; i++) {
		snprintf(text, sizeof(text), "/usr/lib/example/%u/", i);
		build_string(r, text);
	}
}

size_t payload_rpm(uint8_t to[PAYLOAD_MAX], uint64_t first, uint32_t n)
{
	static struct build_rpm r;
	static struct build o;
	char version[32], name[32];

	r.n = 0;
	/* Packages of their own: an older version of one would be refused. */
	snprintf(name, sizeof(name), "bench-%llu", (unsigned long long)first);
	build_text_tag(&r, 1000, name);
	snprintf(version, sizeof(version), "%llu", (unsigned long long)first);
	build_text_tag(&r, 1001, version);
	build_text_tag(&r, 1002, "1");
	build_text_tag(&r, 1004, "A package for measurements");
	build_text_tag(&r, 1022, "x86_64");
	ints(&r, 1028, 4, n, 4096); /* sizes */
	ints(&r, 1030, 3, n, 0100755);
	ints(&r, 1034, 4, n, BUILD_TIME); /* times */
	digests(&r, first, n);
	texts(&r, 1036, n, ""); /* links */
	ints(&r, 1037, 4, n, 0);
	texts(&r, 1039, n, "root"); /* owners */
	texts(&r, 1040, n, "root"); /* groups */
	ints(&r, 1048, 4, 40, 8);   /* dependencies */
	texts(&r, 1049, 40, "libexample.so.6(EXAMPLE_2.34)(64bit)");
	texts(&r, 1050, 40, "");
	ints(&r, 1095, 4, n, 1); /* devices */
	ints(&r, 1096, 4, n, 1); /* inodes */
	names(&r, first, n);
	ints(&r, 1140, 4, n, 2);
	ints(&r, 5011, 4, 1, 8);
	/* The rest of the average header: history of changes. */
	texts(&r, 5100, 40,
	      "- Rebuilt for a change of a library that many other packages use, as was "
	      "said before; several smaller corrections came from the authors upstream, "
	      "and one from us. The old behaviour can be had with a setting. "
	      "Nothing needs to be done by those who have it installed already.");
	build_rpm_out(&r, &o);
	build_trailer_v4(&o, 8);
	assert(o.len <= PAYLOAD_MAX);
	memcpy(to, o.b, o.len);
	return o.len;
}
