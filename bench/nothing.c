/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program that costs least to start. */
int main(void)
{
	return 0;
}
