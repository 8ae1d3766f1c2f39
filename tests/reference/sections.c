/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0) */
/* sections NAME...: the program and attach type the reference loader gives each section name: NAME PROGRAM-TYPE ATTACH-TYPE, or NAME - -. */
#include "common.h"

int main(int count, char **arguments)
{
	libbpf_set_print(silent);
	for (int i = 1; i < count; i++) {
		enum bpf_prog_type program;
		enum bpf_attach_type attach;

		if (libbpf_prog_type_by_name(arguments[i], &program, &attach))
			printf("%s - -\n", arguments[i]);
		else
			printf("%s %d %d\n", arguments[i], program, attach);
	}
	return 0;
}
