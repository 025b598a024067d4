/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What attacks are made on: a program, and the same text as a library. Vouched for as it is. With
 * the byte after the mark changed to N it is nobody's: it leaves /run/victim-ran and ends with N,
 * the library as soon as it is loaded.
 */
#include <fcntl.h>
#include <unistd.h>

static const volatile unsigned char mark[16] = "DIGLIM-VICTIM:\0";

static int status(void)
{
	int n = mark[15], fd = n ? open("/run/victim-ran", O_WRONLY | O_CREAT, 0644) : -1;

	if (fd >= 0)
		close(fd);
	return n;
}

#ifdef VICTIM_LIBRARY
static void __attribute__((constructor)) loaded(void)
{
	int n = status();

	if (n)
		_exit(n);
}
#else
int main(void)
{
	return status();
}
#endif
