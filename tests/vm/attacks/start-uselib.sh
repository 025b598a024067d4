# shellcheck shell=bash
# attack: uselib(2)
# event: exec unknown
attempt() { evil ./evil && start uselib ./evil; }
