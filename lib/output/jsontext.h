/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lib/output. */
#ifndef DIGLIM_OUTPUT_JSONTEXT_H
#define DIGLIM_OUTPUT_JSONTEXT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "../base/buf.h"

/*
 * The document as text. json-c's own writer leaves out what it has no memory for without saying so;
 * here ret->failed does.
 */
void jsontext_put(struct buf *ret, json_object *document, bool pretty);

#endif
