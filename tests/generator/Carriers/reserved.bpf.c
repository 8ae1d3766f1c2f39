// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Names that C# has already.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct reserved { __u32 reserved; __u32 to_string; __u32 event; };
struct spec { __u32 get_hash_code; };
struct map_set { __u32 object; };
struct equals { struct reserved inner; };
struct live { struct spec spec; struct map_set maps; struct equals equals; __u32 class; __u32 _1st; __u32 IPv4; __u32 TCP_RTT; __u32 slots_1_2; };
enum maps { Equals, to_string_, value };

#define MAP(map_name, held) \
	struct { \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(max_entries, 1); \
		__type(key, __u32); \
		__type(value, held); \
	} map_name SEC(".maps")

MAP(map_set_, struct live);
MAP(get_type, enum maps);
MAP(string, __u32);

__u32 global_set;
__u32 finalize;
__u32 namespace;

SEC("tp_btf/sched_switch") int program_set(void *ctx) { return global_set + finalize + namespace; }
SEC("tp_btf/sched_switch") int link_set(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&map_set_, &key) || bpf_map_lookup_elem(&get_type, &key) || bpf_map_lookup_elem(&string, &key);
}
SEC("tp_btf/sched_switch") int memberwise_clone(void *ctx) { return 0; }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
