// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Counts context switches.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Switches on each CPU since the program was attached. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} switches SEC(".maps");

SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&switches, &key);

	if (count)
		++*count;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
