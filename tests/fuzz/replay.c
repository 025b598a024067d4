// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a fuzz target over files instead of random input: a corpus is a test without libFuzzer.
 *
 * usage: TARGET FILE-OR-DIRECTORY...
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long files;

static void replay(const char *path)
{
	struct stat st;
	uint8_t *b;
	FILE *f = fopen(path, "rb");

	if (!f || fstat(fileno(f), &st)) {
		perror(path);
		exit(2);
	}
	/* Not one byte more, so that a sanitizer sees a read behind the end. */
	b = malloc(st.st_size ? (size_t)st.st_size : 1);
	if (!b || fread(b, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
		perror(path);
		exit(2);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(b, (size_t)st.st_size);
	free(b);
	files++;
}

static void replay_directory(const char *path, DIR *d)
{
	char name[4096];
	struct dirent *f;

	while ((f = readdir(d))) {
		if (f->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, f->d_name);
		replay(name);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);

		if (d) {
			replay_directory(argv[i], d);
			closedir(d);
		} else {
			replay(argv[i]);
		}
	}
	printf("%lu files replayed\n", files);
	return files ? 0 : 2;
}
