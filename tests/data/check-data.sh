#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: check-data.sh MAKE-DATA DIRECTORY: the files there are those that MAKE-DATA writes, no more.
set -eu
tmp=$(mktemp -d)
trap 'rm -r "$tmp"' EXIT
"$1" "$tmp/new"
diff -r "$tmp/new" "$2"
