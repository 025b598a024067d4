/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rpm/header.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "rpmscripts.h"

#define MAGIC_LEN 8

/* rpmscriptFlags: rpm expands the text before it runs it. Not in a public header. */
#define SCRIPT_EXPANDED 3

/* Tags of text, interpreter and flags. Numbers where librpm 4.18 has no name for them yet. */
static const struct {
	rpmTagVal text, program, flags;
} tags[] = {
	{RPMTAG_PREIN, RPMTAG_PREINPROG, RPMTAG_PREINFLAGS},
	{RPMTAG_POSTIN, RPMTAG_POSTINPROG, RPMTAG_POSTINFLAGS},
	{RPMTAG_PREUN, RPMTAG_PREUNPROG, RPMTAG_PREUNFLAGS},
	{RPMTAG_POSTUN, RPMTAG_POSTUNPROG, RPMTAG_POSTUNFLAGS},
	{RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG, RPMTAG_PRETRANSFLAGS},
	{RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG, RPMTAG_POSTTRANSFLAGS},
	{5103, 5105, 5107}, /* %preuntrans */
	{5104, 5106, 5108}, /* %postuntrans */
	{RPMTAG_VERIFYSCRIPT, RPMTAG_VERIFYSCRIPTPROG, RPMTAG_VERIFYSCRIPTFLAGS},
	{RPMTAG_TRIGGERSCRIPTS, RPMTAG_TRIGGERSCRIPTPROG, RPMTAG_TRIGGERSCRIPTFLAGS},
	{RPMTAG_FILETRIGGERSCRIPTS, RPMTAG_FILETRIGGERSCRIPTPROG, RPMTAG_FILETRIGGERSCRIPTFLAGS},
	{RPMTAG_TRANSFILETRIGGERSCRIPTS, RPMTAG_TRANSFILETRIGGERSCRIPTPROG,
	 RPMTAG_TRANSFILETRIGGERSCRIPTFLAGS},
};

static uint64_t number_at(struct rpmtd_s *td, int i)
{
	return rpmtdSetIndex(td, i) < 0 ? 0 : rpmtdGetNumber(td);
}

/* A scriptlet has one text and an interpreter with arguments, triggers have one each. */
static int walk_tag(Header h, size_t t, rpmscripts_fn fn, void *arg)
{
	struct rpmtd_s texts, programs, flags;
	const char *text, *program;
	int r = 0;

	if (!headerGet(h, tags[t].text, &texts, HEADERGET_MINMEM))
		return 0;
	headerGet(h, tags[t].program, &programs, HEADERGET_MINMEM);
	headerGet(h, tags[t].flags, &flags, HEADERGET_MINMEM);
	while (!r && (text = rpmtdNextString(&texts))) {
		int i = rpmtdGetIndex(&texts);

		program = rpmtdSetIndex(&programs, i) < 0 ? "/bin/sh" : rpmtdGetString(&programs);
		if (program && strcmp(program, "<lua>") && *text &&
		    !(number_at(&flags, i) & SCRIPT_EXPANDED))
			r = fn(text, arg);
	}
	rpmtdFreeData(&texts);
	rpmtdFreeData(&programs);
	rpmtdFreeData(&flags);
	return r;
}

int rpmscripts_walk(const struct rpmpkg *p, rpmscripts_fn fn, void *arg, struct err *e)
{
	Header h;
	int r = 0;

	/* From the signed bytes alone: rpm's database keeps more beside them. */
	if (p->header.len <= MAGIC_LEN || p->header.len > UINT32_MAX)
		return err_set(e, -EINVAL, "%s: no header", p->name);
	h = headerImport(p->header.data + MAGIC_LEN, (unsigned int)(p->header.len - MAGIC_LEN),
			 HEADERIMPORT_COPY);
	if (!h)
		return err_set(e, -EINVAL, "%s: librpm does not take its header", p->name);
	for (size_t t = 0; !r && t < sizeof(tags) / sizeof(tags[0]); t++)
		r = walk_tag(h, t, fn, arg);
	headerFree(h);
	return r;
}
