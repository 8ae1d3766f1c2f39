// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A table of operations that no kernel has by itself, only a module of a test. Compiled in this folder:
//   clang-22 -O2 -g -target bpfel -mcpu=v3 -fdebug-compilation-dir=. -c operations.bpf.c -o operations.bpf.o && llvm-strip -g operations.bpf.o
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct hm_operations___ours {
	__u32 flags;
	int (*start)(int);
	int (*stop)(int);
};

SEC("struct_ops/start")
int start(void *ctx)
{
	return 1;
}

SEC(".struct_ops.link")
struct hm_operations___ours table = {
	.flags = 7,
	.start = (void *)start,
};

char LICENSE[] SEC("license") = "Dual BSD/GPL";
