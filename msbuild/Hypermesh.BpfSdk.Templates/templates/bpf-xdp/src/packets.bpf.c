// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Counts IPv4 packets by protocol, and drops those to a UDP port.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* The packets that arrived of one protocol. */
struct traffic {
	__u64 packets;
	__u64 bytes;
};

/* Datagrams to this port are dropped; 0: none. */
const volatile __u16 drop_port;

/* By protocol number, such as 6 for TCP. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct traffic);
} by_protocol SEC(".maps");

static __always_inline int is_dropped(struct iphdr *ip, void *end)
{
	struct udphdr *udp = (void *)ip + ip->ihl * 4;

	return drop_port && ip->protocol == IPPROTO_UDP && (void *)(udp + 1) <= end && udp->dest == bpf_htons(drop_port);
}

SEC("xdp")
int count_packets(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct traffic *traffic;
	__u32 protocol;

	if ((void *)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	protocol = ip->protocol;
	traffic = bpf_map_lookup_elem(&by_protocol, &protocol);
	if (!traffic)
		return XDP_PASS;
	traffic->packets++;
	traffic->bytes += end - data;
	return is_dropped(ip, end) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
