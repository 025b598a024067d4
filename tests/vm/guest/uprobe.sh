# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by guest scripts that put breakpoints into a program.
PROBED=/usr/bin/true
UPROBES=/sys/kernel/tracing/uprobe_events

uprobe_event() { echo "p:diglim_test $PROBED:0x1000" >>$UPROBES; }
uprobe_none() { : >$UPROBES; }
