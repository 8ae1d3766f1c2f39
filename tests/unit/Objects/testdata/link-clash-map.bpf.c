// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Does not go with link-first.bpf.c. Compiled as that.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

extern struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, __u64[2]);
} shared_map SEC(".maps");

SEC("raw_tracepoint")
int other(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&shared_map, &key) != 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
