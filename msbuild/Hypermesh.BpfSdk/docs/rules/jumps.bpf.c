// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the C# examples of HMBPF3026 and HMBPF3027 use: Jumps is made of this file.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} by_queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} blocked SEC(".maps");

int drop(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, int (struct xdp_md *));
} filled SEC(".maps") = {
	.values = { [1] = drop },
};

__u64 dropped;

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;

	if (bpf_map_lookup_elem(&blocked, &device))
		return XDP_DROP;
	bpf_tail_call(ctx, &by_queue, ctx->rx_queue_index);
	bpf_tail_call(ctx, &filled, 1);
	return XDP_PASS;
}

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&dropped, 1);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
