// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// standin.bpf.c as someone would change it while it runs: other code, more of everything, and the same interface.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/event.h>

enum verdict { VERDICT_PASS = 1, VERDICT_DROP = 2, VERDICT_LATER = 3 };

typedef __u32 address;

struct flow {
	address source;
	__be16 port;
	__u8 name[6];
};

struct total {
	__u64 packets;
	enum verdict last;
	__u32 flags : 3;
};

struct note {
	__u32 length;
	char text[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, struct total);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} steps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct note);
} notes SEC(".maps");

HM_EVENT(struct note);

volatile const __u32 step = 1;
__u64 packets;
__u64 calls;

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	__u32 slot = 0;
	__u64 *count = bpf_map_lookup_elem(&steps, &slot);
	struct flow flow = {};

	calls++;
	packets += step * 10;
	if (count)
		*count += step * 10;
	bpf_map_lookup_elem(&totals, &flow);
	bpf_map_lookup_elem(&notes, &slot);
	return XDP_DROP;
}

SEC("xdp")
int on_other(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
