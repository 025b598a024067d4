// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../abi/use.h"
#include "../format/deb822.h"
#include "deb.h"
#include "unpack.h"

#define MAGIC "!<arch>\ndebian-binary"

struct reader {
	const char *name;
	struct deb *deb;
	struct contents control; /* maintainer scripts among it */
	bool have_control, have_data, have_binary;
	char *conffiles;
};

bool deb_recognise(const void *head, size_t len)
{
	return len >= sizeof(MAGIC) - 1 && !memcmp(head, MAGIC, sizeof(MAGIC) - 1);
}

/* Characters that policy allows; none that could lead out of a directory. */
static bool is_word(const char *text, const char *others)
{
	if (!*text || *text == '.' || *text == '-')
		return false;
	for (; *text; text++)
		if (!((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z') &&
		    !(*text >= '0' && *text <= '9') && !strchr(others, *text))
			return false;
	return true;
}

static int read_control(struct reader *r, const void *data, size_t len, struct err *e)
{
	struct deb822_para p;
	struct deb822 d;
	char multi[DEB_FIELD_MAX];
	int ret;

	deb822_open(&d, data, len, r->name);
	ret = deb822_next(&d, &p, e);
	if (ret < 0)
		return ret;
	if (!ret || !deb822_text(&p, "Package", r->deb->name, DEB_FIELD_MAX) ||
	    !deb822_text(&p, "Version", r->deb->version, DEB_FIELD_MAX) ||
	    !deb822_text(&p, "Architecture", r->deb->arch, DEB_FIELD_MAX))
		return err_set(e, -EBADMSG,
			       "%s: its control file lacks name, version or architecture", r->name);
	if (!is_word(r->deb->name, "+-.") || !is_word(r->deb->version, "+-.:~") ||
	    !is_word(r->deb->arch, "-"))
		return err_set(e, -EBADMSG, "%s: '%s_%s_%s' is no name of a package", r->name,
			       r->deb->name, r->deb->version, r->deb->arch);
	r->deb->multiarch_same =
		deb822_text(&p, "Multi-Arch", multi, sizeof(multi)) && !strcmp(multi, "same");
	r->have_control = true;
	return 0;
}

static int do_control(const char *path, const void *data, size_t len, void *arg, struct err *e)
{
	struct reader *r = arg;

	if (!strcmp(path, "/control"))
		return read_control(r, data, len, e);
	if (strcmp(path, "/conffiles") != 0)
		return 0;
	free(r->conffiles);
	r->conffiles = strndup(len ? data : "", len);
	return r->conffiles ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int do_member(struct unpack_member *m, const char *member, uint64_t size, void *arg,
		     struct err *e)
{
	static const struct unpack_options opt = {.format = UNPACK_TAR};
	struct reader *r = arg;

	(void)size;
	if (!strcmp(member, "debian-binary") || !strcmp(member, "debian-binary/")) {
		r->have_binary = true;
		return 0;
	}
	if (!r->have_binary)
		return err_set(e, -EBADMSG, "%s: no Debian package: it begins with '%s'", r->name,
			       member);
	if (!strncmp(member, "control.tar", 11) && !r->have_control)
		return unpack_member_texts(m, &r->control, do_control, r, e);
	if (!strncmp(member, "data.tar", 8) && !r->have_data) {
		r->have_data = true;
		return unpack_member(m, &opt, &r->deb->files, e);
	}
	/* dpkg passes over names with an underscore, and refuses all others. */
	return *member == '_' ? 0
			      : err_set(e, -EBADMSG, "%s: a member '%s' where none may be", r->name,
					member);
}

/* dpkg runs them under these names; while it unpacks, from a directory with another name. */
static int add_scripts(struct reader *r, struct err *e)
{
	static const char *const scripts[] = {"preinst", "postinst", "prerm", "postrm", "config"};
	struct deb *d = r->deb;
	char path[DIGLIM_PATH_LONG], from[32];
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(scripts) / sizeof(*scripts); i++) {
		const struct contents_file *f;
		struct contents_file copy;

		snprintf(from, sizeof(from), "/%s", scripts[i]);
		f = contents_find(&r->control, from);
		if (!f || f->type != CONTENTS_FILE)
			continue;
		copy = *f;
		snprintf(path, sizeof(path), "/var/lib/dpkg/info/%s%s%s.%s", d->name,
			 d->multiarch_same ? ":" : "", d->multiarch_same ? d->arch : "",
			 scripts[i]);
		copy.path = path;
		copy.use = DIGLIM_USE_EXEC;
		ret = contents_put(&d->files, &copy, e);
	}
	return ret;
}

/* "/etc/x", or "remove-on-upgrade /etc/x", a line each. */
static int add_conffiles(struct reader *r, struct err *e)
{
	struct contents_file f = {.type = CONTENTS_OTHER};
	char path[DIGLIM_PATH_LONG], *save = NULL;
	int ret = 0;

	for (char *line = r->conffiles ? strtok_r(r->conffiles, "\n", &save) : NULL; line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		char *slash = strchr(line, '/');

		if (!slash || contents_path(slash, path))
			continue;
		f.path = path;
		ret = contents_put(&r->deb->conffiles, &f, e);
	}
	return ret;
}

int deb_read(int fd, const char *name, struct deb *ret, struct err *e)
{
	struct reader r = {.name = name, .deb = ret};
	int code;

	memset(ret, 0, sizeof(*ret));
	code = unpack_ar(fd, name, do_member, &r, e);
	if (!code && (!r.have_control || !r.have_data))
		code = err_set(e, -EBADMSG, "%s: no Debian package: %s is missing", name,
			       r.have_control ? "data.tar" : "control.tar");
	if (!code)
		code = add_scripts(&r, e);
	if (!code)
		code = add_conffiles(&r, e);
	contents_done(&r.control);
	free(r.conffiles);
	if (code)
		deb_done(ret);
	return code;
}

void deb_done(struct deb *d)
{
	contents_done(&d->files);
	contents_done(&d->conffiles);
}

void deb_list_name(char ret[DIGLIM_NAME_MAX], const char *name, const char *version,
		   const char *arch)
{
	snprintf(ret, DIGLIM_NAME_MAX, "%s_%s_%s", name, version, arch);
}
