/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common-boot.h"
#include "../../lib/output/names.h"
#include "../../lib/output/text.h"
#include "../../lib/policy/bootrecord.h"

/* A record that cannot be read is not a good one. */
static void read_record(const struct cli *c, struct boot_record *b)
{
	char path[PATH_MAX + sizeof(BOOT_RECORD) + 1];
	struct err e = {0};

	snprintf(path, sizeof(path), "%s/" BOOT_RECORD, c->places.run);
	if (!boot_record_read(path, b, &e))
		return;
	memset(b, 0, sizeof(*b));
	b->outcome = BOOT_FAILED;
	snprintf(b->trouble, sizeof(b->trouble), "%s", e.text);
}

static const char *meaning(enum boot_outcome o)
{
	static const char *const text[BOOT_OUTCOMES] = {
		[BOOT_NONE] = "not judged from its first program on: diglim-init did not run",
		[BOOT_AS_ASKED] = "judged from its first program on",
		[BOOT_INCOMPLETE] = "judged, but not with all keys and lists",
		[BOOT_WEAKER] = "judged, but less than asked for",
		[BOOT_OFF] = "not protected: somebody said off",
		[BOOT_FAILED] = "NOT PROTECTED: it failed",
	};

	return text[o % BOOT_OUTCOMES];
}

static void show_parts(struct out *o, const struct boot_record *b)
{
	char size[TEXT_SIZE_MAX];

	out_num(o, "keys", NULL, b->keys);
	out_num(o, "keys_refused", NULL, b->keys_refused);
	out_num(o, "lists", NULL, b->lists);
	out_num(o, "lists_refused", NULL, b->lists_refused);
	out_num(o, "digests", NULL, b->digests);
	out_num(o, "bytes", NULL, b->bytes);
	out_num(o, "read_us", NULL, b->read_us);
	out_num(o, "attach_us", NULL, b->attach_us);
	out_num(o, "feed_us", NULL, b->feed_us);
	out_num(o, "total_us", NULL, b->total_us);
	if (b->outcome != BOOT_NONE && b->outcome != BOOT_OFF)
		out_label(o, OUT_PLAIN, "Boot took",
			  "%llu ms: attach %llu, %s of lists read in %llu, loaded in %llu",
			  (unsigned long long)b->total_us / 1000,
			  (unsigned long long)b->attach_us / 1000, text_size(size, b->bytes),
			  (unsigned long long)b->read_us / 1000,
			  (unsigned long long)b->feed_us / 1000);
}

void boot_show(struct cli *c)
{
	struct boot_record b;
	struct out *o = c->out;

	read_record(c, &b);
	if (b.outcome == BOOT_NONE && c->config.start == CONFIG_START_NO)
		return;
	out_object(o, "boot_record", NULL);
	out_str(o, "outcome", NULL, boot_outcome_name(b.outcome));
	out_str(o, "stage", NULL, b.stage);
	out_str(o, "mode", NULL, names_mode(b.mode));
	out_bool(o, "sealed", NULL, b.sealed);
	out_str(o, "why", NULL, b.why);
	out_str(o, "trouble", NULL, b.trouble);
	out_label(o, boot_is_good(b.outcome) ? OUT_GOOD : OUT_BAD, "This boot", "%s",
		  meaning(b.outcome));
	if (*b.why)
		out_label(o, OUT_PLAIN, "Boot mode", "%s: %s", names_mode(b.mode), b.why);
	if (*b.trouble)
		out_label(o, OUT_BAD, "Trouble", "%s", b.trouble);
	show_parts(o, &b);
	out_end(o);
}

void boot_doctor(struct doctor *d)
{
	char text[BOOT_WHY_MAX + ERR_TEXT_MAX];
	struct boot_record b;

	if (d->c->places.root[0])
		return;
	read_record(d->c, &b);
	if (b.outcome == BOOT_NONE && d->c->config.start == CONFIG_START_NO)
		return;
	snprintf(text, sizeof(text), "%s%s%s", meaning(b.outcome), *b.trouble || *b.why ? ": " : "",
		 *b.trouble ? b.trouble : b.why);
	if (boot_is_good(b.outcome))
		doctor_good(d, "this boot", "%s", text);
	else if (b.outcome == BOOT_NONE)
		doctor_bad(d, "this boot", text,
			   "make the initramfs anew (update-initramfs -u, dracut -f) and reboot");
	else if (b.outcome == BOOT_OFF)
		doctor_bad(d, "this boot", text,
			   "boot without diglim=off and [mode] default = off");
	else
		doctor_bad(d, "this boot", text, "mend what it names and reboot");
}
