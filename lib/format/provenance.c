// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "provenance.h"

static const struct {
	const char *tag, *how, *checked; /* "HOW on DAY, CHECKED" */
} all[PROVENANCE_MAX] = {
	[PROVENANCE_DPKG_MD5] = {" (dpkg-md5)", "hashed on this machine", "matched dpkg's md5sums"},
	[PROVENANCE_DPKG_SCRIPTS] = {" (dpkg-scripts)", "hashed on this machine",
				     "dpkg has nothing to compare"},
	[PROVENANCE_DEB] = {" (deb)", "hashed from the .deb", "on the owner's word alone"},
	[PROVENANCE_ARCHIVE] = {" (archive)", "hashed from the .deb",
				"which a signed InRelease lists"},
	[PROVENANCE_APT] = {" (apt)", "hashed from the .deb",
			    "which a signed InRelease listed when it was installed"},
	[PROVENANCE_DPKG] = {" (dpkg)", "hashed from the .deb when it was installed",
			     "on the owner's word alone"},
	[PROVENANCE_IMAGE] = {" (image)", "hashed from an image", "whose blobs have their digests"},
};

void provenance_name(char ret[DIGLIM_NAME_MAX], const char *name, enum provenance p)
{
	const char *tag = all[p].tag ? all[p].tag : "";

	snprintf(ret, DIGLIM_NAME_MAX, "%.*s%s", (int)(DIGLIM_NAME_MAX - 1 - strlen(tag)), name,
		 tag);
}

enum provenance provenance_of(const char *name, size_t *len)
{
	*len = strlen(name);
	for (int i = PROVENANCE_NONE + 1; i < PROVENANCE_MAX; i++) {
		size_t n = strlen(all[i].tag);

		if (*len <= n || strcmp(name + *len - n, all[i].tag))
			continue;
		*len -= n;
		return (enum provenance)i;
	}
	return PROVENANCE_NONE;
}

char *provenance_text(enum provenance p, const char *day, char *ret, size_t size)
{
	snprintf(ret, size, "%s on %s, %s", all[p].how, day, all[p].checked);
	return ret;
}
