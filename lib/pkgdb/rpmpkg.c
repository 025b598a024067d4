// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../format/payload.h"
#include "rpmpkg.h"

void rpmpkg_done(struct rpmpkg *p)
{
	buf_free(&p->header);
	for (size_t i = 0; i < p->n_sigs; i++)
		buf_free(&p->sigs[i].packet);
	memset(p, 0, sizeof(*p));
}

int rpmpkg_set_header(struct rpmpkg *p, const void *header, size_t len, struct err *e)
{
	buf_free(&p->header);
	buf_add(&p->header, header, len);
	if (p->header.failed)
		return err_set(e, -ENOMEM, "out of memory");
	rpmpkg_name(p);
	return 0;
}

int rpmpkg_add_sig(struct rpmpkg *p, uint32_t tag, const void *packet, size_t len, struct err *e)
{
	struct rpmpkg_sig *s = &p->sigs[p->n_sigs];

	if (p->n_sigs == RPMPKG_SIGS_MAX)
		return err_set(e, -E2BIG, "more than %d header signatures", RPMPKG_SIGS_MAX);
	*s = (struct rpmpkg_sig){.tag = tag, .packet = BUF_INIT};
	buf_add(&s->packet, packet, len);
	if (s->packet.failed) {
		buf_free(&s->packet);
		return err_set(e, -ENOMEM, "out of memory");
	}
	p->n_sigs++;
	return 0;
}

void rpmpkg_name(struct rpmpkg *p)
{
	if (payload_nevra(p->header.data, p->header.len, p->name, sizeof(p->name), NULL) < 0)
		snprintf(p->name, sizeof(p->name), "(unnamed package)");
}
