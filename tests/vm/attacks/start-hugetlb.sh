# shellcheck shell=bash
# attack: an executable mapping of a memfd of huge pages
# event: mmap writer
attempt()
{
	evil ./evil
	echo 8 >/proc/sys/vm/nr_hugepages
	start hugetlb ./evil
	echo 0 >/proc/sys/vm/nr_hugepages
}
