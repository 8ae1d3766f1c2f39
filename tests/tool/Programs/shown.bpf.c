// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Something to look at while it is loaded: a map with types worth showing, a global, a program attached by a link.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

enum shown_kind {
	SHOWN_NONE,
	SHOWN_FIRST,
};

struct shown_value {
	char name[8];
	__s32 signed_number;
	enum shown_kind kind;
	__u32 low : 3;
	__u32 high : 5;
	union {
		__u64 whole;
		void *pointer;
	};
	__u16 list[2];
	_Bool flag;
	__s32 minus : 3;
	__s32 plus : 5;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct shown_value);
} shown_values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} shown_per_cpu SEC(".maps");

__u64 shown_count;

SEC("tp_btf/sched_process_exit")
int shown_program(void *ctx)
{
	__u32 key = 0;

	bpf_map_lookup_elem(&shown_values, &key);
	bpf_map_lookup_elem(&shown_per_cpu, &key);
	shown_count++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
