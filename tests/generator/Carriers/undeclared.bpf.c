// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A map of a struct that is only declared.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct never_defined;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct never_defined);
} unknown SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&unknown, &key) != 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
