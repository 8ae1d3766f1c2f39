/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0) */
/*
 * relocate FILE... --btf PATH: what `hmbpf relocate` prints, by the reference loader: OBJECT PROGRAM INSTRUCTIONS HEX.
 *
 * The library prepares an object only where a kernel makes its maps. Here none does: the linker leads the library's system calls to
 * __wrap_syscall (-Wl,--wrap=syscall), which grants everything, so that no rewriting for an old kernel takes place either.
 */
#include "sizes.h"
#include <linux/bpf.h>
#include <sys/mman.h>
#include <sys/syscall.h>

long __real_syscall(long number, long a, long b, long c, long d, long e, long f);

/* Large enough to be mapped in place of any data section. */
static int descriptor(void)
{
	int made = memfd_create("reference", MFD_CLOEXEC);

	if (made >= 0 && ftruncate(made, 1 << 26))
		return -1;
	return made;
}

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number != __NR_bpf)
		return __real_syscall(number, a, b, c, d, e, f);
	switch (a) {
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_BTF_LOAD:
		return descriptor();
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_FREEZE:
	case BPF_PROG_BIND_MAP:
		return 0;
	case BPF_BTF_GET_NEXT_ID: /* no modules */
		errno = ENOENT;
		return -1;
	default:
		errno = EINVAL;
		return -1;
	}
}

/* What only a kernel knows is printed as zero. */
static struct bpf_insn without_kernel(struct bpf_insn instruction)
{
	int immediate = instruction.code == (BPF_LD | BPF_IMM | BPF_DW) && instruction.src_reg;
	int call = instruction.code == (BPF_JMP | BPF_CALL);

	if (immediate || call)
		instruction.imm = 0;
	return instruction;
}

static void print(const char *path, struct bpf_program *program)
{
	const struct bpf_insn *instructions = bpf_program__insns(program);
	size_t count = bpf_program__insn_cnt(program);

	printf("%s %s %zu ", file_name(path), bpf_program__name(program), count);
	for (size_t i = 0; i < count; i++) {
		struct bpf_insn instruction = without_kernel(instructions[i]);
		const unsigned char *bytes = (const unsigned char *)&instruction;

		for (size_t j = 0; j < sizeof(instruction); j++)
			printf("%02x", bytes[j]);
	}
	putchar('\n');
}

static int relocate(const char *path, const char *btf)
{
	struct bpf_object *object = open_object(path, btf);
	struct bpf_program *program;
	int error;

	if (!object) {
		printf("%s - - OPENFAIL\n", file_name(path));
		return 1;
	}
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, true);
	size_maps(object);
	error = bpf_object__prepare(object);
	if (error)
		fprintf(stderr, "%s: %s\n", path, strerror(-error));
	else
		bpf_object__for_each_program(program, object)
			print(path, program);
	bpf_object__close(object);
	return error != 0;
}

int main(int count, char **arguments)
{
	const char *btf = NULL;
	int failed = 0;

	libbpf_set_print(silent);
	for (int i = 1; i + 1 < count; i++)
		if (!strcmp(arguments[i], "--btf"))
			btf = arguments[i + 1];
	for (int i = 1; i < count; i++) {
		if (!strcmp(arguments[i], "--btf"))
			i++;
		else
			failed |= relocate(arguments[i], btf);
	}
	return failed;
}
