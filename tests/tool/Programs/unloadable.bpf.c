// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program that the verifier rejects, and a map without max_entries.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
} unsized SEC(".maps");

SEC("xdp")
int unchecked(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&unsized, &key);

	return *value;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
