// SPDX-License-Identifier: GPL-2.0-only
/* Test data of core/rule.h: TLV lists that deny, order, limit and set lowest versions. */
#include "make-data.h"

enum { ALGO = 0, COUNT = 1, ENTRY = 2, NAME = 0x40, TYPE = 0x42, BOOT = 0x43, COUNTER = 0x44 };
enum {
	PATH = 1,
	USE = 0x40,
	KEY = 0x41,
	MODE = 0x42,
	UNSEAL = 0x43,
	REMOVE = 0x44,
	RULE_NAME = 0x45,
	ARCH = 0x46,
	EPOCH = 0x47,
	VERSION = 0x48,
	RELEASE = 0x49,
	LOWER = 0x4a
};
enum { DENY = 1, CONTROL = 2, LIMITS = 3, FLOOR = 4 };

static struct build in;

static void head(uint32_t type, uint32_t count)
{
	o.len = 0;
	in.len = 0;
	build_tlv_int(&o, ALGO, 4, 2);
	build_tlv_int(&o, TYPE, type, 4);
	if (type == CONTROL) {
		build_tlv(&o, BOOT, "0123456789abcdef", 16);
		build_tlv_int(&o, COUNTER, 1, 8);
	}
	build_tlv_int(&o, COUNT, count, 4);
}

static void text(uint16_t field, const char *s)
{
	build_tlv(&in, field, s, strlen(s));
}

static void entry(void)
{
	build_tlv(&o, ENTRY, in.b, in.len);
	in.len = 0;
}

/* A list of one rule, the fields of which are in `in`. */
static void put_rule(const char *name, uint32_t type)
{
	static struct build fields;

	fields = in;
	head(type, 1);
	in = fields;
	entry();
	put(name);
}

static void deny(void)
{
	head(DENY, 3);
	build_tlv_entry(&o, 0, NULL, 0);
	text(KEY, "12345678901234567890");
	entry();
	build_tlv_entry(&o, 1, "/opt/bad", 0);
	put("good-tlv-deny-digests-and-key.payload");
	head(DENY, 1);
	build_tlv_entry(&o, 0, NULL, 1);
	put("should-fail-tlv-deny-digest-for-a-use.payload");
	text(KEY, "123456789012345678901");
	put_rule("should-fail-tlv-deny-key-of-21-bytes.payload", DENY);
	text(KEY, "");
	put_rule("should-fail-tlv-deny-key-empty.payload", DENY);
	build_tlv(&in, KEY, "\0key", 4);
	put_rule("should-fail-tlv-deny-key-begins-with-zero.payload", DENY);
	text(KEY, "key");
	text(KEY, "key");
	put_rule("should-fail-tlv-deny-key-twice.payload", DENY);
	text(KEY, "key");
	text(RULE_NAME, "name");
	put_rule("should-fail-tlv-deny-key-with-name.payload", DENY);
	text(KEY, "12345678901234567890");
	text(RULE_NAME, "long enough for one");
	put_rule("should-fail-tlv-allow-with-a-key.payload", 0);
	text(KEY, "key");
	put_rule("should-fail-tlv-type-unknown.payload", 5);
	head(DENY, 1);
	o.len -= 10;
	build_tlv_int(&o, TYPE, DENY, 4);
	build_tlv_int(&o, COUNT, 0, 4);
	put("should-fail-tlv-type-twice.payload");
}

static void control_good(void)
{
	head(CONTROL, 3);
	build_tlv_int(&in, MODE, 1ULL << 32 | 3600, 8);
	entry();
	build_tlv(&in, UNSEAL, "", 0);
	entry();
	text(REMOVE, "0123456789abcdef");
	entry();
	put("good-tlv-control-all-orders.payload");
}

static void control(void)
{
	control_good();
	build_tlv_int(&in, MODE, 3ULL << 32, 8);
	put_rule("should-fail-tlv-control-unknown-mode.payload", CONTROL);
	build_tlv_int(&in, MODE, 1, 4);
	put_rule("should-fail-tlv-control-mode-without-window.payload", CONTROL);
	build_tlv(&in, UNSEAL, "x", 1);
	put_rule("should-fail-tlv-control-unseal-with-data.payload", CONTROL);
	text(REMOVE, "0123456789abcde");
	put_rule("should-fail-tlv-control-identity-of-15-bytes.payload", CONTROL);
	build_tlv(&in, UNSEAL, "", 0);
	build_tlv_int(&in, MODE, 0, 8);
	put_rule("should-fail-tlv-control-two-orders-in-one.payload", CONTROL);
	put_rule("should-fail-tlv-control-no-order.payload", CONTROL);
	text(KEY, "key");
	put_rule("should-fail-tlv-control-with-a-key.payload", CONTROL);
	head(CONTROL, 17);
	put("should-fail-tlv-control-17-orders.payload");
	head(CONTROL, 0);
	o.b[o.len - 11] = 0;
	put("should-fail-tlv-control-counter-zero.payload");
	head(DENY, 0);
	o.len -= 10;
	build_tlv_int(&o, COUNTER, 1, 8);
	build_tlv_int(&o, COUNT, 0, 4);
	put("should-fail-tlv-deny-with-a-counter.payload");
	o.b[17] = CONTROL;
	put("should-fail-tlv-control-without-boot.payload");
	head(CONTROL, 0);
	o.b[23] = 15;
	put("should-fail-tlv-control-boot-of-15-bytes.payload");
}

static void limits(void)
{
	head(LIMITS, 2);
	text(KEY, "signer-1");
	build_tlv_int(&in, USE, 2, 4);
	text(RULE_NAME, "kmod-*");
	build_tlv(&in, PATH, "/lib/modules/", 14);
	entry();
	build_tlv_int(&in, USE, 0x1f, 4);
	text(KEY, "signer-2");
	entry();
	put("good-tlv-limits.payload");
	text(KEY, "signer");
	put_rule("should-fail-tlv-limits-key-without-limit.payload", LIMITS);
	build_tlv_int(&in, USE, 2, 4);
	put_rule("should-fail-tlv-limits-without-key.payload", LIMITS);
	text(KEY, "signer");
	build_tlv_int(&in, USE, 0x20, 4);
	put_rule("should-fail-tlv-limits-unknown-use.payload", LIMITS);
	text(KEY, "signer");
	build_tlv_int(&in, USE, 0, 4);
	put_rule("should-fail-tlv-limits-no-use.payload", LIMITS);
	text(KEY, "signer");
	build_tlv(&in, PATH, "/lib/modules", 13);
	put_rule("should-fail-tlv-limits-path-without-final-slash.payload", LIMITS);
	text(KEY, "signer");
	build_tlv(&in, PATH, "lib/", 5);
	put_rule("should-fail-tlv-limits-path-relative.payload", LIMITS);
	text(KEY, "signer");
	build_tlv(&in, PATH, "/lib/", 5);
	put_rule("should-fail-tlv-limits-path-without-nul.payload", LIMITS);
	text(KEY, "signer");
	text(RULE_NAME, "a name");
	put_rule("should-fail-tlv-limits-name-with-blank.payload", LIMITS);
	text(KEY, "signer");
	text(RULE_NAME, "0123456789012345678901234567890123456789012345678901234567890123");
	put_rule("should-fail-tlv-limits-name-of-64-bytes.payload", LIMITS);
}

static void floors(void)
{
	head(FLOOR, 2);
	text(RULE_NAME, "openssl");
	text(ARCH, "x86_64");
	build_tlv_int(&in, EPOCH, 1, 4);
	text(VERSION, "3.0.7");
	text(RELEASE, "16.el9");
	build_tlv(&in, LOWER, "", 0);
	entry();
	text(VERSION, "5.2");
	text(RULE_NAME, "bash");
	entry();
	put("good-tlv-floor.payload");
	text(RULE_NAME, "bash");
	put_rule("should-fail-tlv-floor-without-version.payload", FLOOR);
	text(VERSION, "5.2");
	put_rule("should-fail-tlv-floor-without-name.payload", FLOOR);
	text(RULE_NAME, "bash");
	text(VERSION, "");
	put_rule("should-fail-tlv-floor-version-empty.payload", FLOOR);
	text(RULE_NAME, "bash");
	text(VERSION, "5\xc3\xa9");
	put_rule("should-fail-tlv-floor-version-not-ascii.payload", FLOOR);
	text(RULE_NAME, "bash");
	text(VERSION, "5.2");
	build_tlv_int(&in, EPOCH, 1, 2);
	put_rule("should-fail-tlv-floor-epoch-of-2-bytes.payload", FLOOR);
	text(RULE_NAME, "bash");
	text(VERSION, "5.2");
	build_be(&in, 0, 1);
	put_rule("should-fail-tlv-floor-byte-behind-the-last-field.payload", FLOOR);
	head(FLOOR, 1);
	build_tlv_entry(&o, 0, NULL, 0);
	put("should-fail-tlv-floor-with-a-digest.payload");
}

void rules(void)
{
	deny();
	control();
	limits();
	floors();
}
