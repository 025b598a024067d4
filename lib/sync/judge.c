/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "judge.h"

static int call(struct judging *j, const struct places *places, struct err *e)
{
	const struct judge *judge = j->find(j->arg, e);
	int r;

	if (!judge)
		return -ENOENT;
	if (judge->size != sizeof(*judge) || strcmp(judge->version, DIGLIM_VERSION) != 0)
		return err_set(e, -ENOEXEC,
			       "signatures cannot be verified: the plugin and what "
			       "it loads for that are of different versions");
	r = judge->keys_read(&j->keys, places, e);
	if (r)
		judge->keys_done(&j->keys);
	else
		j->judge = judge;
	return r;
}

int judging_call(struct judging *j, const struct places *places, struct err *e)
{
	int r = j->failed.code;

	if (!j->judge && !r) {
		r = call(j, places, &j->failed);
		j->failed.code = r;
	}
	if (r && e)
		*e = j->failed;
	return r;
}

void judging_done(struct judging *j)
{
	if (j->judge)
		j->judge->keys_done(&j->keys);
	j->judge = NULL;
}
