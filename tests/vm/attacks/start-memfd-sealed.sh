# shellcheck shell=bash
# attack: an executable mapping of a memfd that nobody can write any more
# event: mmap unknown
attempt() { evil ./evil && start memfd-sealed ./evil; }
