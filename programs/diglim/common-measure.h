/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What 'diglim setup --measure' changes so that lists are measured: diglim-measure(5). */
#ifndef DIGLIM_COMMON_MEASURE_H
#define DIGLIM_COMMON_MEASURE_H

#include <stdbool.h>

#include "common-setup.h"

#define MEASURE_POLICY "/etc/ima/ima-policy" /* which systemd loads, first of all that it does */
#define MEASURE_DROPIN "/etc/systemd/system/diglimd.service.d/diglimd-gate.conf"

/* Each is there to be made? */
bool measure_lacks_conf(const struct cli *c);
bool measure_lacks_policy(const struct cli *c);
bool measure_lacks_dropin(const struct cli *c);

/* Makes it, noted first. */
int measure_make_conf(const struct cli *c, struct undo *u, struct err *e);
int measure_make_policy(const struct cli *c, struct undo *u, struct err *e);
int measure_make_dropin(const struct cli *c, struct undo *u, struct err *e);

#endif
