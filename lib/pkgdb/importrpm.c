// SPDX-License-Identifier: LGPL-2.1-or-later
#include "importint.h"

int import_rpm(const struct rpmpkg *p, const struct import_options *opt, struct import_result *ret,
	       struct err *e)
{
	return import_with(p, opt, verify_list, ret, e);
}
