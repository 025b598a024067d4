// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rpm/header.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "../crypto/armor.h"
#include "rpmheader.h"

static int take_sig(Header h, rpmTagVal tag, struct rpmpkg *p, struct err *e)
{
	struct rpmtd_s td;
	const char *text;
	int r = 0;

	if (!headerGet(h, tag, &td, HEADERGET_RAW))
		return 0;
	if (rpmtdType(&td) == RPM_BIN_TYPE) {
		r = rpmpkg_add_sig(p, tag, td.data, td.count, e);
	} else if (rpmtdType(&td) == RPM_STRING_ARRAY_TYPE) {
		while (!r && (text = rpmtdNextString(&td))) {
			struct buf packet = BUF_INIT;

			r = armor_base64(text, strlen(text), &packet, e);
			if (!r)
				r = rpmpkg_add_sig(p, tag, packet.data, packet.len, e);
			buf_free(&packet);
		}
	}
	rpmtdFreeData(&td);
	return r;
}

/* The signed bytes: magic and the immutable region, as they came with the package. */
static int take_header(Header h, struct rpmpkg *p, struct err *e)
{
	static const uint8_t magic[8] = {0x8e, 0xad, 0xe8, 0x01};
	struct rpmtd_s td;

	if (!headerGet(h, RPMTAG_HEADERIMMUTABLE, &td, HEADERGET_DEFAULT))
		return err_set(e, -EINVAL, "the header has no immutable region");
	buf_add(&p->header, magic, sizeof(magic));
	buf_add(&p->header, td.data, td.count);
	rpmtdFreeData(&td);
	return p->header.failed ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static void take_name(Header h, struct rpmpkg *p)
{
	char *nevra = headerGetAsString(h, RPMTAG_NEVRA);

	snprintf(p->name, sizeof(p->name), "%s", nevra ? nevra : "(unnamed package)");
	free(nevra);
}

int rpmheader_take(Header h, struct rpmpkg *p, struct err *e)
{
	static const rpmTagVal tags[] = {RPMSIG_RSAHEADER, RPMSIG_DSAHEADER, RPMSIG_OPENPGP};
	int r;

	take_name(h, p);
	r = take_header(h, p, e);
	if (!r)
		rpmpkg_name(p);
	for (size_t i = 0; !r && i < sizeof(tags) / sizeof(tags[0]); i++)
		r = take_sig(h, tags[i], p, e);
	p->only_payload_sig = headerIsEntry(h, RPMTAG_SIGPGP) || headerIsEntry(h, RPMTAG_SIGGPG);
	if (r < 0)
		buf_free(&p->header);
	return r;
}

bool rpmheader_has_triggers(Header h)
{
	return headerIsEntry(h, RPMTAG_TRIGGERSCRIPTS) ||
	       headerIsEntry(h, RPMTAG_FILETRIGGERSCRIPTS) ||
	       headerIsEntry(h, RPMTAG_TRANSFILETRIGGERSCRIPTS);
}
