/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One key of diglim.conf(5), changed in the text: what people wrote around it stays. */
#ifndef DIGLIM_POLICY_CONFEDIT_H
#define DIGLIM_POLICY_CONFEDIT_H

#include "../base/buf.h"

/*
 * @ret gets @conf with @key = @value in [@section]: in place of the line that has the key, at the
 * start of the section, or in a new section at the end. No memory shows in ret->failed.
 */
void confedit_set(struct buf *ret, const char *conf, const char *section, const char *key,
		  const char *value);

#endif
