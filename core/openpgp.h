/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * OpenPGP packets (RFC 4880, RFC 9580), read with bounds.
 */
#ifndef DIGLIM_CORE_OPENPGP_H
#define DIGLIM_CORE_OPENPGP_H

#include "view.h"

#endif
