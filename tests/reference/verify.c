/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0) */
/*
 * verify FILE...: what `hmbpf verify` does, by the reference loader: each program loaded alone, the others off.
 * One line a program: OBJECT PROGRAM SECTION VERDICT; the last line is "programs loaded N of M".
 */
#include "sizes.h"

static int loaded, all;

static const char *verdict(int error)
{
	static char number[16];
	const char *name = error == 524 ? "ENOTSUPP" : strerrorname_np(error);

	if (!error)
		return "OK";
	if (name)
		return name;
	snprintf(number, sizeof(number), "E%d", error);
	return number;
}

static int load_alone(const char *path, const char *wanted)
{
	struct bpf_object *object = open_object(path, NULL);
	struct bpf_program *program;
	int error;

	if (!object)
		return errno;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), wanted));
	size_maps(object);
	error = -bpf_object__load(object);
	bpf_object__close(object);
	return error;
}

static void verify(const char *path)
{
	struct bpf_object *object = open_object(path, NULL);
	struct bpf_program *program;

	if (!object) {
		printf("%s - - OPENFAIL\n", file_name(path));
		return;
	}
	bpf_object__for_each_program(program, object) {
		const char *section = bpf_program__section_name(program);
		int error = load_alone(path, bpf_program__name(program));

		all++;
		loaded += !error;
		printf("%s %s %s %s\n", file_name(path), bpf_program__name(program), section + (*section == '?'), verdict(error));
		fflush(stdout);
	}
	bpf_object__close(object);
}

int main(int count, char **arguments)
{
	libbpf_set_print(silent);
	for (int i = 1; i < count; i++)
		verify(arguments[i]);
	printf("programs loaded %d of %d\n", loaded, all);
	return 0;
}
