// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Types that clang leaves out of BTF: of a member, of a variable.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct held {
	int before;
	_Complex float complex;
	__attribute__((vector_size(16))) int vector;
	int after;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct held);
} values SEC(".maps");

_Complex float total;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&values, &key) || *(int *)&total;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
