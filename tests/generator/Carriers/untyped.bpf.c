// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A map whose values have a type that clang leaves out of BTF.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, _Complex double);
} complexes SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&complexes, &key) != 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
