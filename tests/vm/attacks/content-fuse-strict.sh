# attack: the same with strict = yes
# config: [filesystems] strict = yes
# event: mmap fs-untrusted
attempt() { . /vm/attacks/content-fuse.sh; attempt; }
