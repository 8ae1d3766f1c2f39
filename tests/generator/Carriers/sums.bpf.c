// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Values that are held per CPU: which of them add up, and how.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAX __attribute__((btf_decl_tag("max")))
#define MIN __attribute__((btf_decl_tag("min")))
#define SUM __attribute__((btf_decl_tag("sum")))

struct spread {
	__u64 count SUM;
	__u64 longest MAX;
	__s64 shortest MIN;
};

struct histogram {
	__u64 slots[4];
	__u16 grid[2][2];
	__u8 narrow;
	__u64 add;
	struct {
		__u32 inside;
	};
	struct spread spread;
	struct spread parts[2];
};

struct labelled {
	__u64 count;
	char label[8];
};

struct flagged {
	__u64 count;
	_Bool flag;
};

struct pointing {
	__u64 count;
	void *at;
};

#define PER_CPU(map_name, map_type, held) \
	struct { \
		__uint(type, map_type); \
		__uint(max_entries, 4); \
		__type(key, __u32); \
		__type(value, held); \
	} map_name SEC(".maps")

PER_CPU(by_device, BPF_MAP_TYPE_PERCPU_HASH, struct histogram);
PER_CPU(by_label, BPF_MAP_TYPE_LRU_PERCPU_HASH, struct labelled);
PER_CPU(by_flag, BPF_MAP_TYPE_PERCPU_ARRAY, struct flagged);
PER_CPU(by_pointer, BPF_MAP_TYPE_PERCPU_ARRAY, struct pointing);
PER_CPU(switches, BPF_MAP_TYPE_PERCPU_ARRAY, __u64);
PER_CPU(not_per_cpu, BPF_MAP_TYPE_HASH, struct { __u64 only; });

SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&switches, &key);

	if (count)
		++*count;
	return bpf_map_lookup_elem(&by_device, &key) || bpf_map_lookup_elem(&by_label, &key) || bpf_map_lookup_elem(&by_flag, &key)
		|| bpf_map_lookup_elem(&by_pointer, &key) || bpf_map_lookup_elem(&not_per_cpu, &key);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
