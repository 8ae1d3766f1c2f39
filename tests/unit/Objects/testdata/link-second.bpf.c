// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The other of two objects that are linked; see link-first.bpf.c. Compiled in this folder:
//   clang-22 -O2 -g -target bpf -mcpu=v3 -fdebug-compilation-dir=. -I/usr/include/x86_64-linux-gnu -c link-second.bpf.c -o link-second.bpf.o && llvm-strip -g link-second.bpf.o

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 left;
	__u64 right;
};

extern struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct pair);
} shared_map SEC(".maps");

extern int LINUX_KERNEL_VERSION __kconfig;
extern __u64 sum;

struct pair defined_in_second = { 3, 40 };
__u64 chosen = 7;
__u64 total;
static volatile __u64 counter = 500;

__noinline __u64 weak_in_both(__u64 value)
{
	return value + 20000;
}

extern __u64 weak_here(__u64 value);

static __noinline __u64 step(__u64 value)
{
	counter += 2;
	return value + counter;
}

__hidden __noinline __u64 add_in_second(__u64 value)
{
	return step(value) + 300000;
}

SEC("raw_tracepoint")
int second(void *ctx)
{
	__u32 key = 1;
	struct pair *found = bpf_map_lookup_elem(&shared_map, &key);

	if (found)
		found->right += 2;
	total = sum + weak_here(1) + (LINUX_KERNEL_VERSION != 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
