// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Two of everything under one C# name.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct my_value { __u32 my_field; __u32 myField; };
typedef struct { __u32 x; } MyValue;
enum choice { YES_PLEASE, yes_please };

#define MAP(map_name, held) \
	struct { \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(max_entries, 1); \
		__type(key, __u32); \
		__type(value, held); \
	} map_name SEC(".maps")

MAP(my_map, struct my_value);
MAP(myMap, MyValue);
MAP(choices, enum choice);

__u32 my_global;
__u32 myGlobal;

SEC("tp_btf/sched_switch")
int on_switch(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&my_map, &key) || bpf_map_lookup_elem(&myMap, &key) || bpf_map_lookup_elem(&choices, &key);
}

SEC("tp_btf/sched_switch")
int onSwitch(void *ctx)
{
	return my_global + myGlobal;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
