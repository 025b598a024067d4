# shellcheck shell=bash
# attack: maps a memfd of vouched content executable and goes on writing to it
# event: mmap writer
attempt() { content-race memfd-written "$VICTIM"; }
