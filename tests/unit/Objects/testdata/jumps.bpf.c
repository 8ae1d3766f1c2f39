// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Two large switches, of which clang 22 makes tables to jump through (.jumptables, gotox): one in the program, one in a function it calls. A
// second program goes to labels of a table of its own. Compiled in this folder, once a pair of programs:
//   clang-22 -O2 -g -target bpfel -mcpu=v4 -fdebug-compilation-dir=. -DPROGRAM=jump -DGOTO=walk -DSTEP=3 -c jumps.bpf.c -o jumps.bpf.o && llvm-strip -g jumps.bpf.o
//   clang-22 -O2 -g -target bpfel -mcpu=v4 -fdebug-compilation-dir=. -DPROGRAM=leap -DGOTO=stroll -DSTEP=70 -c jumps.bpf.c -o jumps-other.bpf.o && llvm-strip -g jumps-other.bpf.o
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct args { __u64 which; __u64 value; };

/* What the compiler cannot see through it keeps apart. */
#define MULTIPLY(n) case n: asm volatile("%0 *= %1" : "+r"(value) : "i"(n + STEP)); break;
#define ADD(n) case n: asm volatile("%0 += %1" : "+r"(value) : "i"(n + STEP)); break;
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(13) DO(14) DO(15)

static __attribute__((noinline)) __u64 add(__u64 which, __u64 value)
{
	switch (which) {
	EACH(ADD)
	}
	return value;
}

SEC("syscall")
int PROGRAM(struct args *args)
{
	__u64 which = args->which, value = args->value;

	switch (which) {
	EACH(MULTIPLY)
	}
	args->value = add(which, value);
	return 0;
}

SEC("syscall")
int GOTO(struct args *args)
{
	void *labels[] = { &&add, &&multiply, &&keep };
	__u64 which = args->which, value = args->value;

	if (which > 2)
		return 1;
	goto *labels[which];
add:
	asm volatile("%0 += %1" : "+r"(value) : "i"(STEP));
	goto keep;
multiply:
	asm volatile("%0 *= %1" : "+r"(value) : "i"(STEP));
keep:
	args->value = value;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
