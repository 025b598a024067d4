/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How this boot went, as status and doctor show it for the whole uptime. */
#ifndef DIGLIM_COMMON_BOOT_H
#define DIGLIM_COMMON_BOOT_H

#include "common-doctor.h"

/* Lines of status; nothing if diglim-init was neither here nor asked to be. */
void boot_show(struct cli *c);

/* One of doctor: required and missing if this boot is not as its owner asked for. */
void boot_doctor(struct doctor *d);

#endif
