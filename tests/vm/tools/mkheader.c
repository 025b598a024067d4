/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "mkheader NAME VERSION RELEASE [PROVIDES]": an RPM header of one program, with a trailer of
 * version 3, on standard output; to be signed by a key that a test has made.
 */
#include "../../data/build.h"

int main(int argc, char **argv)
{
	static const struct build_file f = {"/usr/bin/", "tool", 0100755, 0, 2, 1};
	static struct build_rpm r;
	static struct build o;

	if (argc < 4) {
		fputs("usage: mkheader NAME VERSION RELEASE [PROVIDES]\n", stderr);
		return 2;
	}
	build_text_tag(&r, 1000, argv[1]);
	build_text_tag(&r, 1001, argv[2]);
	build_text_tag(&r, 1002, argv[3]);
	build_text_tag(&r, 1022, "x86_64");
	build_files(&r, &f, 1);
	if (argc > 4) {
		build_tag(&r, 1047, 8);
		build_string(&r, argv[4]);
	}
	build_tag(&r, 5011, 4);
	build_int(&r, 8);
	build_rpm_out(&r, &o);
	build_trailer_v3(&o);
	return fwrite(o.b, 1, o.len, stdout) != o.len;
}
