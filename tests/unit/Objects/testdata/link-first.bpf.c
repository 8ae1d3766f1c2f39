// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One of two objects that are linked; the other is link-second.bpf.c. Compiled in this folder:
//   clang-22 -O2 -g -target bpf -mcpu=v3 -fdebug-compilation-dir=. -I/usr/include/x86_64-linux-gnu -c link-first.bpf.c -o link-first.bpf.o && llvm-strip -g link-first.bpf.o

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 left;
	__u64 right;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct pair);
} shared_map SEC(".maps");

extern int LINUX_KERNEL_VERSION __kconfig;
extern struct pair defined_in_second;
extern __u64 add_in_second(__u64 value);

__u64 sum;
__u64 chosen __weak = 1;
const volatile __u64 first_only = 10;
static volatile __u64 counter = 100;

__weak __noinline __u64 weak_in_both(__u64 value)
{
	return value + 1000;
}

__weak __noinline __u64 weak_here(__u64 value)
{
	return value + 5;
}

static __noinline __u64 step(__u64 value)
{
	counter += 1;
	return value + counter;
}

SEC("raw_tracepoint")
int first(void *ctx)
{
	__u32 key = 1;
	struct pair *found = bpf_map_lookup_elem(&shared_map, &key);

	if (found)
		found->left += 1;
	sum = step(first_only) + add_in_second(chosen) + weak_in_both(0) + defined_in_second.right + (LINUX_KERNEL_VERSION != 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
