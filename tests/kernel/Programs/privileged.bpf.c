// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One program for each set of capabilities, all counting into one map.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline int count(int verdict)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
	return verdict;
}

SEC("?socket") int filter(void *context) { return count(0); }
SEC("?syscall") int run(void *context) { return count(0); }
SEC("?raw_tp/sched_switch") int raw(void *context) { return count(0); }
SEC("?tp_btf/sched_switch") int typed(void *context) { return count(0); }
SEC("?tp/sched/sched_switch") int classic(void *context) { return count(0); }
SEC("?iter/bpf_map") int list(void *context) { return count(0); }
SEC("?xdp") int packet(void *context) { return count(2); }
SEC("?tcx/ingress") int classify(void *context) { return count(0); }
SEC("?cgroup_skb/egress") int group(void *context) { return count(1); }
SEC("?sk_lookup") int look(void *context) { return count(1); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
