// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What a class is generated from; standin_anew.bpf.c can stand in for it, standin_other.bpf.c cannot.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/event.h>

enum verdict { VERDICT_PASS = 1, VERDICT_DROP = 2 };

struct flow {
	__u32 source;
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
	__uint(max_entries, 16);
	__type(key, struct flow);
	__type(value, struct total);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} steps SEC(".maps");

HM_EVENT(struct note);

volatile const __u32 step = 1;
__u64 packets;

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	__u32 slot = 0;
	__u64 *count = bpf_map_lookup_elem(&steps, &slot);
	struct flow flow = {};

	packets += step;
	if (count)
		*count += step;
	bpf_map_lookup_elem(&totals, &flow);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
