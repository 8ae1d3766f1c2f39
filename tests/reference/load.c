/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0) */
/* load FILE... --repeat N: opens, loads and closes each file, N rounds, in one process. What does not load is named once and left out. */
#include "sizes.h"

static int load(const char *path)
{
	struct bpf_object *object = open_object(path, NULL);
	int error;

	if (!object)
		return errno;
	size_maps(object);
	error = -bpf_object__load(object);
	bpf_object__close(object);
	return error;
}

int main(int count, char **arguments)
{
	int rounds = 1, failed = 0;

	libbpf_set_print(silent);
	for (int i = 1; i + 1 < count; i++)
		if (!strcmp(arguments[i], "--repeat"))
			rounds = atoi(arguments[i + 1]);
	for (int round = 0; round < rounds; round++) {
		for (int i = 1; i < count; i++) {
			int error;

			if (!strcmp(arguments[i], "--repeat")) {
				i++;
				continue;
			}
			error = load(arguments[i]);
			if (error && !round)
				fprintf(stderr, "%s: %s\n", arguments[i], strerror(error));
			failed |= error;
		}
	}
	return failed != 0;
}
