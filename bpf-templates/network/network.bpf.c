// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Packets and bytes of the interfaces of one network namespace, by direction and protocol, and packets that the kernel drops, by reason.
//
// Received packets are counted at netif_receive_skb, after GRO. Transmitted ones are looked at in net_dev_start_xmit, where the packet is still the
// kernel's, and counted in net_dev_xmit if the driver took it: by then the packet may be freed. A packet that stands for several (GRO, GSO) is one
// packet, as the kernel has it; `segments` counts the further ones that are on the wire.
//
// Both directions run with soft interrupts off: each counter has one program that writes it, on its own CPU, so the totals are exact.

#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <hypermesh/map.h>
#include <hypermesh/optional.h>
#include <hypermesh/tracepoint.h>

#define TYPES 4			/* ipv4, ipv6, arp, other */
#define TRANSPORTS 4		/* tcp, udp, icmp, other */
#define PROTOCOLS (TYPES * TRANSPORTS)
#define REASONS 256
#define DEPTH 16		/* packets that are in net_dev_start_xmit of one CPU: a device on top of another one nests */
#define NAME_SIZE 16
#define LOOPBACK 772		/* ARPHRD_LOOPBACK: its counters are without the Ethernet header */
#define LONGEST_LINK_HEADER 128
#define HOP_BY_HOP 0		/* numbers of linux/in6.h, which clashes with linux/in.h */
#define ICMPV6 58
#define NEXT_PROGRAM -1		/* TCX_NEXT */

enum network_type { TYPE_IPV4, TYPE_IPV6, TYPE_ARP, TYPE_OTHER };
enum network_transport { TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_ICMP, TRANSPORT_OTHER };

struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));

struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;

struct net_device {
	char name[NAME_SIZE];
	int ifindex;
	unsigned short type;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

struct sk_buff {
	struct net_device *dev;
	unsigned int len;
	unsigned int data_len;
	__u16 protocol;
	__u16 network_header;
	__u16 mac_header;
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
} __attribute__((preserve_access_index));

struct skb_shared_info {
	unsigned short gso_size;
	unsigned short gso_segs;
} __attribute__((preserve_access_index));

enum skb_drop_reason {
	SKB_NOT_DROPPED_YET,
};

struct trace_event_raw_kfree_skb {
	enum skb_drop_reason reason;
} __attribute__((preserve_access_index));

HM_TP_ARG(netif_receive_skb, sk_buff, 0);
HM_TP_ARG(net_dev_start_xmit, sk_buff, 0);
HM_TP_ARG(net_dev_start_xmit, net_device, 0);
HM_TP_ARG(net_dev_xmit, sk_buff, 0);
HM_TP_ARG(net_dev_xmit, int, 0);
HM_TP_ARG(net_dev_xmit, net_device, 0);
HM_TP_ARG_OPTIONAL(kfree_skb, skb_drop_reason, 0);

HM_OPTIONAL(BPF_FUNC_xdp_get_buff_len);

/* The inode number of the namespace whose interfaces are counted. */
const volatile __u32 own_namespace;

/* User space increases it with each reading, so that the names of interfaces are read again. */
__u32 names_generation = 1;

/* Packets of interfaces for which `interfaces` had no room. */
__u64 interfaces_full;

struct traffic {
	__u64 packets;
	__u64 bytes;		/* with the link layer's header */
};

struct direction {
	struct traffic protocols[PROTOCOLS];	/* network_type * TRANSPORTS + network_transport */
	__u64 segments;		/* packets on the wire beyond the first one of each packet */
	__u64 segment_bytes;	/* the headers of these */
};

struct interface_traffic {
	char name[NAME_SIZE];
	__u64 generation;	/* in which the name was read; 0: not on this CPU */
	struct direction received;
	struct direction transmitted;
};

/* By index. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct interface_traffic);
} interfaces SEC(".maps");

static const struct interface_traffic no_traffic = {};

/* What XDP and TC counted, by index. User space makes the entries. */
struct hooked_traffic {
	struct direction received;
	struct direction transmitted;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct hooked_traffic);
} hooked SEC(".maps");

/* A packet that a driver is about to take. */
struct pending {
	__u64 skb;
	__u32 interface;	/* 0: of another namespace */
	__u32 protocol;
	__u32 bytes;
	__u32 segments;
	__u64 segment_bytes;
};

struct totals {
	__u64 received_elsewhere;	/* by interfaces of other namespaces */
	__u64 started;			/* runs of net_dev_start_xmit */
	__u64 finished;			/* runs of net_dev_xmit */
	__u64 refused;			/* packets that a driver gave back: they are sent again */
	__u64 dropped;			/* runs of kfree_skb */
	__u64 other_drops;		/* with a reason that `drops` has no place for */
	__u64 drops[REASONS];
	__u64 depth;
	struct pending pending[DEPTH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} totals SEC(".maps");

static __always_inline struct totals *this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&totals, &zero);
}

static __always_inline __u32 transport_of(__u8 protocol)
{
	return protocol == IPPROTO_TCP ? TRANSPORT_TCP
		: protocol == IPPROTO_UDP ? TRANSPORT_UDP
		: protocol == IPPROTO_ICMP || protocol == ICMPV6 ? TRANSPORT_ICMP
		: TRANSPORT_OTHER;
}

/* What a packet is, and the length of its network header. */
struct kind {
	__u32 protocol;
	__u32 header_length;
};

/* From the first bytes of the network header. `next` is the header behind IPv6's hop-by-hop options, if there are some. */
static __always_inline struct kind kind_of(__u16 protocol, const __u8 *header, __u8 next)
{
	struct kind kind = { .protocol = TYPE_OTHER * TRANSPORTS + TRANSPORT_OTHER };

	if (protocol == bpf_htons(ETH_P_IP)) {
		kind.protocol = TYPE_IPV4 * TRANSPORTS + transport_of(header[9]);
		kind.header_length = (header[0] & 15) * 4;
	} else if (protocol == bpf_htons(ETH_P_IPV6)) {
		kind.protocol = TYPE_IPV6 * TRANSPORTS + transport_of(header[6] == HOP_BY_HOP ? next : header[6]);
		kind.header_length = 40;
	} else if (protocol == bpf_htons(ETH_P_ARP)) {
		kind.protocol = TYPE_ARP * TRANSPORTS + TRANSPORT_OTHER;
	}
	return kind;
}

/* The protocol inside a VLAN tag, by the version in the first byte of the network header. */
static __always_inline __u16 inside_tag(__u8 first)
{
	return first >> 4 == 4 ? bpf_htons(ETH_P_IP) : first >> 4 == 6 ? bpf_htons(ETH_P_IPV6) : 0;
}

/* How far a place in a packet is behind another one; 0 if it is not just behind it. In 64 bits: the verifier allows no less for what was a pointer. */
static __always_inline __u64 distance(const unsigned char *from, const unsigned char *to)
{
	__u64 bytes = (__u64)to - (__u64)from;

	barrier_var(bytes);
	return bytes <= LONGEST_LINK_HEADER ? bytes : 0;
}

static __always_inline _Bool is_tag(__u16 protocol)
{
	return protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
}

static __always_inline struct kind kind_of_skb(struct sk_buff *skb, const unsigned char *network)
{
	__u16 protocol = skb->protocol;
	__u8 header[10] = {}, next = 0;

	if (protocol != bpf_htons(ETH_P_ARP) && bpf_probe_read_kernel(header, sizeof(header), network))
		return kind_of(0, header, 0);
	if (is_tag(protocol))
		protocol = inside_tag(header[0]);
	if (protocol == bpf_htons(ETH_P_IPV6) && header[6] == HOP_BY_HOP)
		bpf_probe_read_kernel(&next, sizeof(next), network + 40);
	return kind_of(protocol, header, next);
}

static __always_inline __u32 transport_length(__u32 protocol, __u8 tcp_offset)
{
	return protocol % TRANSPORTS == TRANSPORT_TCP ? (tcp_offset >> 4) * 4 : protocol % TRANSPORTS == TRANSPORT_UDP ? 8 : 0;
}

/* Fills in how many packets on the wire a packet stands for. `link_length` is the length of the link layer's header. */
static __always_inline void count_segments(struct sk_buff *skb, struct pending *into, const unsigned char *network, struct kind kind, __u32 link_length)
{
	struct skb_shared_info *shared = (void *)(skb->head + skb->end);
	unsigned short size = 0, segments = 0;
	__u32 headers = kind.header_length;
	__u8 offset = 0;

	bpf_core_read(&size, sizeof(size), &shared->gso_size);
	if (!size)
		return;
	bpf_core_read(&segments, sizeof(segments), &shared->gso_segs);
	bpf_probe_read_kernel(&offset, sizeof(offset), network + kind.header_length + 12);
	headers += transport_length(kind.protocol, offset);
	if (!segments && into->bytes > link_length + headers)
		/* A packet from a hypervisor does not say it. */
		segments = (into->bytes - link_length - headers + size - 1) / size;
	if (segments > 1) {
		into->segments = segments - 1;
		into->segment_bytes = (__u64)(segments - 1) * (link_length + headers);
	}
}

static __always_inline void add(struct direction *direction, const struct pending *packet)
{
	struct traffic *traffic = &direction->protocols[packet->protocol & (PROTOCOLS - 1)];

	traffic->packets++;
	traffic->bytes += packet->bytes;
	if (packet->segments) {
		direction->segments += packet->segments;
		direction->segment_bytes += packet->segment_bytes;
	}
}

static __always_inline struct interface_traffic *find_interface(__u32 index)
{
	struct interface_traffic *found = hm_lookup_or_add(&interfaces, &index, &no_traffic);

	if (!found)
		__atomic_fetch_add(&interfaces_full, 1, __ATOMIC_RELAXED);
	return found;
}

static __always_inline void read_name(struct interface_traffic *interface, struct net_device *device)
{
	__u32 generation = names_generation;

	if (interface->generation != generation) {
		bpf_probe_read_kernel_str(interface->name, sizeof(interface->name), device->name);
		interface->generation = generation;
	}
}

SEC("tp_btf/netif_receive_skb")
int netif_receive_skb(__u64 *ctx)
{
	struct sk_buff *skb = hm_tp_pointer(ctx, netif_receive_skb, sk_buff, 0);
	struct net_device *device = skb->dev;
	struct interface_traffic *interface;
	struct pending packet = {};
	const unsigned char *network;
	__u32 link_length = 0, tag;
	struct kind kind;

	if (device->nd_net.net->ns.inum != own_namespace) {
		struct totals *cpu = this_cpu();

		if (cpu)
			cpu->received_elsewhere++;
		return 0;
	}
	interface = find_interface(device->ifindex);
	if (!interface)
		return 0;
	read_name(interface, device);
	/* The data begins behind the link's header. */
	if (device->type != LOOPBACK)
		link_length = distance(skb->head + skb->mac_header, skb->data);
	tag = is_tag(skb->protocol) ? 4 : 0;
	network = skb->data + tag;
	kind = kind_of_skb(skb, network);
	packet.protocol = kind.protocol;
	packet.bytes = skb->len + link_length;
	count_segments(skb, &packet, network, kind, link_length + tag);
	add(&interface->received, &packet);
	return 0;
}

SEC("tp_btf/net_dev_start_xmit")
int net_dev_start_xmit(__u64 *ctx)
{
	struct sk_buff *skb = hm_tp_pointer(ctx, net_dev_start_xmit, sk_buff, 0);
	struct net_device *device = hm_tp_pointer(ctx, net_dev_start_xmit, net_device, 0);
	struct totals *cpu = this_cpu();
	const unsigned char *network;
	struct pending packet = {};
	__u32 link_length;
	struct kind kind;
	__u64 depth;

	if (!cpu)
		return 0;
	cpu->started++;
	packet.skb = (__u64)skb;
	if (device->nd_net.net->ns.inum == own_namespace) {
		packet.interface = device->ifindex;
		network = skb->head + skb->network_header;
		kind = kind_of_skb(skb, network);
		packet.protocol = kind.protocol;
		packet.bytes = skb->len;
		link_length = distance(skb->data, network);
		if (device->type == LOOPBACK) {
			packet.bytes -= link_length;
			link_length = 0;
		}
		count_segments(skb, &packet, network, kind, link_length);
	}
	depth = cpu->depth;
	if (depth >= DEPTH)
		depth = 0;
	cpu->pending[depth & (DEPTH - 1)] = packet;
	cpu->depth = depth + 1;
	return 0;
}

SEC("tp_btf/net_dev_xmit")
int net_dev_xmit(__u64 *ctx)
{
	/* Only compared: the packet may be freed. */
	__u64 skb = hm_tp_value(ctx, net_dev_xmit, sk_buff, 0);
	int result = hm_tp_value(ctx, net_dev_xmit, int, 0);
	struct totals *cpu = this_cpu();
	int i;

	if (!cpu)
		return 0;
	cpu->finished++;
	for (i = 0; i < DEPTH && cpu->depth > 0; i++) {
		struct pending *packet = &cpu->pending[--cpu->depth & (DEPTH - 1)];
		struct interface_traffic *interface;

		if (packet->skb != skb)
			continue;	/* its end was not seen */
		packet->skb = 0;
		if (result) {
			cpu->refused++;
			return 0;
		}
		if (!packet->interface)
			return 0;
		interface = find_interface(packet->interface);
		if (interface) {
			read_name(interface, hm_tp_pointer(ctx, net_dev_xmit, net_device, 0));
			add(&interface->transmitted, packet);
		}
		return 0;
	}
	return 0;
}

static __always_inline int count_drop(__u32 reason)
{
	struct totals *cpu = this_cpu();

	if (!cpu)
		return 0;
	cpu->dropped++;
	/* The verifier has to see that the number which is used, and not a copy of it, is in the array. */
	barrier_var(reason);
	if (reason < REASONS)
		cpu->drops[reason]++;
	else
		cpu->other_drops++;
	return 0;
}

SEC("tp_btf/kfree_skb")
int kfree_skb(__u64 *ctx)
{
	return count_drop(hm_tp_has(kfree_skb, skb_drop_reason, 0) ? hm_tp_optional(ctx, kfree_skb, skb_drop_reason, 0) : 0);
}

/* A classic tracepoint's program returns 1: with 0, the kernel would hide the event from perf. */
SEC("tracepoint/skb/kfree_skb")
int kfree_skb_classic(struct trace_event_raw_kfree_skb *ctx)
{
	count_drop(ctx->reason);
	return 1;
}

/* XDP: before the packet becomes the kernel's, so before GRO if the driver runs it. */
static __always_inline int count_frame(struct xdp_md *ctx, __u32 length)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *network;
	__u32 index = ctx->ingress_ifindex;
	struct hooked_traffic *interface = bpf_map_lookup_elem(&hooked, &index);
	struct pending packet = { .bytes = length };
	__u8 none[10] = {}, next = 0;
	struct ethhdr *ethernet = (void *)data;
	__u16 protocol;

	if (!interface)
		return XDP_PASS;
	if ((void *)(ethernet + 1) > (void *)end) {
		packet.protocol = kind_of(0, none, 0).protocol;
		add(&interface->received, &packet);
		return XDP_PASS;
	}
	protocol = ethernet->h_proto;
	network = (void *)(ethernet + 1);
	if (is_tag(protocol) && network + 5 <= end) {
		protocol = inside_tag(network[4]);
		network += 4;
	}
	if (network + 41 <= end)
		next = network[40];
	if (network + sizeof(none) <= end)
		packet.protocol = kind_of(protocol, network, next).protocol;
	else
		packet.protocol = kind_of(protocol == bpf_htons(ETH_P_ARP) ? protocol : 0, none, 0).protocol;
	add(&interface->received, &packet);
	return XDP_PASS;
}

SEC("?xdp.frags")
int network_xdp_frags(struct xdp_md *ctx)
{
	return count_frame(ctx, bpf_xdp_get_buff_len(ctx));
}

SEC("?xdp")
int network_xdp(struct xdp_md *ctx)
{
	return count_frame(ctx, ctx->data_end - ctx->data);
}

SEC("?tcx/egress")
int network_egress(struct __sk_buff *skb)
{
	__u32 index = skb->ifindex, link_length = 0, headers;
	struct hooked_traffic *interface = bpf_map_lookup_elem(&hooked, &index);
	struct pending packet = { .bytes = skb->len };
	__u16 protocol = skb->protocol;
	__u8 header[10] = {}, next = 0, offset = 0;
	struct kind kind;

	if (!interface)
		return NEXT_PROGRAM;
	if (bpf_skb_load_bytes_relative(skb, 0, header, sizeof(header), BPF_HDR_START_NET))
		protocol = protocol == bpf_htons(ETH_P_ARP) ? protocol : 0;
	if (is_tag(protocol))
		protocol = inside_tag(header[0]);
	if (protocol == bpf_htons(ETH_P_IPV6) && header[6] == HOP_BY_HOP)
		bpf_skb_load_bytes_relative(skb, 40, &next, sizeof(next), BPF_HDR_START_NET);
	kind = kind_of(protocol, header, next);
	packet.protocol = kind.protocol;
	if (skb->gso_segs > 1) {
		bpf_skb_load_bytes_relative(skb, kind.header_length + 12, &offset, sizeof(offset), BPF_HDR_START_NET);
		link_length = sizeof(struct ethhdr);
		headers = link_length + kind.header_length + transport_length(kind.protocol, offset);
		packet.segments = skb->gso_segs - 1;
		packet.segment_bytes = (__u64)packet.segments * headers;
	}
	add(&interface->transmitted, &packet);
	return NEXT_PROGRAM;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
