// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of every format. Beyond memory safety: a walk ends within the promised number of steps,
 * digests lie inside the buffer and say what stands there, uses are known ones, names printable,
 * errors have a code and a place, and a second run, with other scratch contents, does the same.
 */
#include "../../../core/list.h"
#include "../../../core/listid.h"
#include "oracle.h"

struct result {
	int open;
	int next;
	struct core_err e;
	__u32 calls;
	__u32 digests;
	__u64 sum; /* of all that the digests say */
	char name[DIGLIM_NAME_MAX];
	__u8 id[DIGLIM_LIST_ID_SIZE];
};

static struct core_list l;

static void check_error(const struct core_view *v, const struct core_err *e)
{
	ORACLE(e->code > DIGLIM_DONE && e->code < 4095);
	ORACLE(e->off >= v->start && e->off - v->start <= v->len);
}

/*
 * The buffer must hold what the digest says: as bytes, in an RPM header as hexadecimal digits. An
 * fs-verity digest is in the buffer as it is, and has been made a key.
 */
static void check_digest(const struct core_view *v, const struct core_digest *d)
{
	__u32 size = l.format == DIGLIM_FORMAT_RPM ? 64 : 32;
	const __u8 *p = v->data + d->off;
	__u8 value[DIGLIM_DIGEST_SIZE];
	char hex[3];

	memcpy(value, d->value, sizeof(value));
	ORACLE(!d->verity || l.format == DIGLIM_FORMAT_TLV);
	if (d->verity)
		core_verity_key(value, value);
	ORACLE(d->use && !(d->use & ~(__u32)(DIGLIM_USE_ALL | DIGLIM_USE_PROPERTIES)));
	ORACLE(d->off >= v->start && v->len >= size && d->off - v->start <= v->len - size);
	for (int i = 0; i < DIGLIM_DIGEST_SIZE; i++) {
		if (size == 32) {
			ORACLE(p[i] == value[i]);
			continue;
		}
		snprintf(hex, sizeof(hex), "%02x", value[i]);
		ORACLE(!memcmp(p + 2 * i, hex, 2));
	}
}

/* Texts lie inside the buffer and fit where the kernel side copies them. */
static void check_rule(const struct core_view *v, const struct core_rule *r)
{
	static const __u32 max[CORE_WORDS] = {
		[CORE_WORD_NAME] = DIGLIM_LIMIT_NAME_MAX,
		[CORE_WORD_ARCH] = DIGLIM_ARCH_MAX,
		[CORE_WORD_VERSION] = DIGLIM_EVR_PART_MAX,
		[CORE_WORD_RELEASE] = DIGLIM_EVR_PART_MAX,
		[CORE_WORD_PATH] = DIGLIM_LIMIT_PATH_MAX,
	};

	ORACLE(l.type != DIGLIM_LIST_ALLOW && l.type < DIGLIM_LIST_TYPE_MAX);
	ORACLE(r->has && r->key.len <= DIGLIM_SIGNER_MAX && r->mode <= DIGLIM_MODE_ENFORCE);
	ORACLE(!(r->use & ~(__u32)DIGLIM_USE_ALL));
	for (int i = 0; i < CORE_WORDS; i++) {
		ORACLE(r->word[i].len < max[i]);
		ORACLE(!r->word[i].len ||
		       (r->word[i].off <= v->len && r->word[i].len <= v->len - r->word[i].off));
	}
}

static void check_name(const char *name)
{
	size_t n = strnlen(name, DIGLIM_NAME_MAX);

	ORACLE(n < DIGLIM_NAME_MAX);
	while (n--)
		ORACLE(name[n] >= ' ' && name[n] <= '~');
}

static void run(const struct core_view *v, struct result *r)
{
	struct core_digest d;
	__u32 last = 0;

	core_listid(v, r->id);
	r->open = core_list_open(v, &l, &r->e);
	if (r->open) {
		ORACLE(r->open == -1);
		check_error(v, &r->e);
		return;
	}
	memcpy(r->name, l.name, sizeof(r->name));
	check_name(l.name);
	do {
		ORACLE(r->calls < l.steps);
		r->calls++;
		r->next = core_list_next(v, &l, &d, &r->e);
		ORACLE(r->next >= -1 && r->next <= 3);
		if (r->next == 3)
			check_rule(v, &l.tlv.rule);
		if (r->next != 1)
			continue;
		check_digest(v, &d);
		ORACLE(!r->digests || d.index > last);
		last = d.index;
		r->digests++;
		r->sum = r->sum * 31 + d.off + d.use + d.index;
	} while (r->next > 0);
	ORACLE(r->digests <= DIGLIM_LIST_ENTRIES_MAX);
	if (r->next)
		check_error(v, &r->e);
	else
		ORACLE(l.format == DIGLIM_FORMAT_RPM || r->calls == l.steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct core_view v = {data, 0, (__u32)size};
	struct result a, b;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	memset(&l, 0, offsetof(struct core_list, rpm.dir_use));
	run(&v, &a);
	memset(&l, 0xa5, offsetof(struct core_list, rpm.dir_use));
	run(&v, &b);
	ORACLE(!memcmp(&a, &b, sizeof(a)));
	return 0;
}
