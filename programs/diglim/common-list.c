/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common-list.h"
#include "common-cert.h"
#include "../../lib/base/hex.h"
#include "../../lib/base/io.h"
#include "../../lib/format/digestname.h"
#include "../../lib/format/provenance.h"
#include "../../lib/output/names.h"
#include "../../lib/output/text.h"
#include "../../lib/pkgdb/deb.h"
#include "../../lib/pkgdb/rpmfile.h"

int list_is_package(const char *path, struct err *e)
{
	size_t len = strlen(path);
	uint8_t head[16];
	struct stat st;
	int fd = io_open_regular(AT_FDCWD, path, &st, e);
	bool yes;

	if (fd < 0)
		return fd;
	yes = (len > 4 && strcmp(path + len - 4, ".rpm") == 0) ||
	      (!io_read_exact(fd, head, sizeof(head), 0, path, NULL) &&
	       rpmfile_recognise(head, sizeof(head)));
	close(fd);
	return yes;
}

bool list_is_deb(const char *path)
{
	size_t len = strlen(path);
	uint8_t head[21];
	struct stat st;
	int fd = io_open_regular(AT_FDCWD, path, &st, NULL);
	bool yes;

	if (fd < 0)
		return false;
	yes = (len > 4 && strcmp(path + len - 4, ".deb") == 0) ||
	      (!io_read_exact(fd, head, sizeof(head), 0, path, NULL) &&
	       deb_recognise(head, sizeof(head)));
	close(fd);
	return yes;
}

static bool has(int fd, uint64_t off, const char *magic, size_t len)
{
	uint8_t data[16];

	return !io_read_exact(fd, data, len, off, "", NULL) && !memcmp(data, magic, len);
}

static bool ends(const char *path, const char *end)
{
	size_t n = strlen(path), len = strlen(end);

	return n > len && !strcmp(path + n - len, end);
}

const char *list_other_source(int fd, const char *path)
{
	static const char *const tars[] = {".tar",     ".tgz",	  ".tar.gz",
					   ".tar.bz2", ".tar.xz", ".tar.zst"};

	if (has(fd, 257, "ustar", 5))
		return "an archive: 'diglim import --tar' lists what is in it";
	for (size_t i = 0; i < sizeof(tars) / sizeof(*tars); i++)
		if (ends(path, tars[i]))
			return "an archive by its name: 'diglim import --tar' lists what is in it";
	/* squashfs, erofs, ext4, a partition table, LUKS */
	if (has(fd, 0, "hsqs", 4) || has(fd, 1024, "\xe2\xe1\xf5\xe0", 4) ||
	    has(fd, 1080, "\x53\xef", 2) || has(fd, 512, "EFI PART", 8) ||
	    has(fd, 0, "LUKS\xba\xbe", 6))
		return "an image: mount it (systemd-dissect --mount --read-only) and import the "
		       "directory, for a system extension with --sysext";
	return NULL;
}

static const char *format_words(enum diglim_format format)
{
	switch (format) {
	case DIGLIM_FORMAT_RPM:
		return "RPM header with OpenPGP trailer";
	case DIGLIM_FORMAT_TLV:
		return "TLV";
	case DIGLIM_FORMAT_COMPACT:
		return "compact, version 1";
	default:
		return "unknown";
	}
}

void list_show_provenance(struct out *o, const struct lists_info *info)
{
	enum provenance p;
	char day[TEXT_TIME_MAX], line[256];
	size_t len;

	/* The vendor's headers have names that the vendor chose. */
	if (info->payload.format != DIGLIM_FORMAT_TLV)
		return;
	p = provenance_of(info->name, &len);
	if (!p)
		return;
	text_time(day, (int64_t)info->time, -1);
	day[strcspn(day, " T")] = '\0';
	out_str(o, "provenance", "Provenance", provenance_text(p, day, line, sizeof(line)));
}

void list_show(struct out *o, const struct lists_info *info)
{
	out_str(o, "name", "Name", info->name);
	out_str(o, "format", NULL, payload_format_name(info->payload.format));
	out_str(o, NULL, "Format", format_words(info->payload.format));
	out_str(o, "type", info->payload.type ? "Type" : NULL,
		payload_type_name(info->payload.type));
	out_bool(o, "restricted", info->restricted ? "Restricted key" : NULL, info->restricted);
	out_hex(o, "id", "Identity", info->payload.list_id, DIGLIM_LIST_ID_SIZE);
	out_num(o, "digests", "Digests", info->payload.digests);
	out_time(o, "time", "Made", info->time);
	list_show_provenance(o, info);
	cert_show_signer(o, info->sig.signer, info->sig.serial, info->sig.serial_len);
	if (info->sig.digest != DIGEST_NONE)
		out_str(o, "hash", "Hash", digest_name(info->sig.digest));
	out_bool(o, "valid", NULL, !info->verdict);
	if (info->verdict) {
		const char *why =
			info->refused.text[0] ? info->refused.text : err_name(info->verdict);

		out_str(o, "reason", NULL, why);
		out_label(o, OUT_BAD, "Signature", "refused: %s", why);
	} else {
		out_label(o, OUT_GOOD, "Signature", "good");
	}
}

void list_show_entry(struct out *o, const struct payload_entry *entry)
{
	char use[NAMES_USE_MAX], text[DIGESTNAME_MAX];
	struct digestname d;

	names_use(use, entry->use);
	digestname_of_key(entry->digest, entry->verity, &d);
	if (!out_is_json(o)) {
		out_line(o, OUT_PLAIN, NULL, "%s %-8s %s", digestname_text(&d, text), use,
			 entry->path ? entry->path : "");
		return;
	}
	out_object(o, NULL, NULL);
	out_hex(o, d.verity ? "verity" : "digest", NULL, d.value, sizeof(d.value));
	out_str(o, "use", NULL, use);
	if (entry->path)
		out_str(o, "path", NULL, entry->path);
	out_end(o);
}
