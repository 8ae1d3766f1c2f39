// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// standin.bpf.c with another interface: each change is one that C# would misread.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

enum verdict { VERDICT_PASS = 2, VERDICT_KEEP = 3 };

struct flow {
	__s32 source;
	__u16 port;
	__u8 name[4];
	__u16 more;
};

struct total {
	enum verdict last;
	__u32 flags : 4;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct flow);
	__type(value, struct total);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} steps SEC(".maps");

volatile const __u64 step = 1;
__u64 before;
__u64 packets;

SEC("tc")
int on_packet(struct __sk_buff *ctx)
{
	__u32 slot = 0;
	__u64 *count = bpf_map_lookup_elem(&steps, &slot);
	struct flow flow = {};

	before++;
	packets += step;
	if (count)
		*count += step;
	bpf_map_lookup_elem(&totals, &flow);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
