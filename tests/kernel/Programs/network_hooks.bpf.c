// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One program for each way into the network; each counts what it sees and lets it pass. What fires them comes one at a time,
// so the counts need no atomic addition, of which kernels before 5.12 know one form only.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ETH_P_TEST 0x88b5

__u64 hits;
__u64 others;

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

static __always_inline int hit(int verdict)
{
	hits++;
	return verdict;
}

#define COUNTS(name, section, context, verdict) \
	SEC("?" section) int name(context *ctx) { return hit(verdict); }

/* Only the test's own frames: a device that comes up sends some of its own. */
#define COUNTS_TEST_FRAMES(name, section, verdict) \
	SEC("?" section) int name(struct __sk_buff *ctx) { return ctx->protocol == bpf_htons(ETH_P_TEST) ? hit(verdict) : verdict; }

static __always_inline int is_test_frame(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	return data + 14 <= end && *(__u16 *)(data + 12) == bpf_htons(ETH_P_TEST);
}

COUNTS(filter, "socket", struct __sk_buff, -1)
COUNTS(tc_ingress, "tc/ingress", struct __sk_buff, -1)
COUNTS(tc_egress, "tc/egress", struct __sk_buff, -1)
COUNTS(tcx_ingress, "tcx/ingress", struct __sk_buff, -1)
COUNTS(tcx_egress, "tcx/egress", struct __sk_buff, -1)
COUNTS(tc, "tc", struct __sk_buff, -1)
COUNTS(classifier, "classifier", struct __sk_buff, -1)
COUNTS(action, "action", struct __sk_buff, 0)
COUNTS_TEST_FRAMES(netkit_primary, "netkit/primary", -1)
COUNTS_TEST_FRAMES(netkit_peer, "netkit/peer", -1)
COUNTS(xdp, "xdp", struct xdp_md, XDP_PASS)
COUNTS(xdp_frags, "xdp.frags", struct xdp_md, XDP_PASS)
COUNTS(xdp_second, "xdp", struct xdp_md, XDP_PASS)
COUNTS(lwt_in, "lwt_in", struct __sk_buff, BPF_OK)
COUNTS(lwt_out, "lwt_out", struct __sk_buff, BPF_OK)
COUNTS(lwt_xmit, "lwt_xmit", struct __sk_buff, BPF_OK)
COUNTS(lwt_seg6local, "lwt_seg6local", struct __sk_buff, BPF_OK)
COUNTS(parser, "sk_skb/stream_parser", struct __sk_buff, ctx->len)
COUNTS(stream_verdict, "sk_skb/stream_verdict", struct __sk_buff, SK_DROP)
COUNTS(stream_passes, "sk_skb/stream_verdict", struct __sk_buff, SK_PASS)
COUNTS(verdict, "sk_skb/verdict", struct __sk_buff, SK_PASS)
COUNTS(skb, "sk_skb", struct __sk_buff, SK_DROP)
COUNTS(msg, "sk_msg", struct sk_msg_md, SK_PASS)
COUNTS(flow_dissector, "flow_dissector", struct __sk_buff, BPF_OK)
COUNTS(sk_lookup, "sk_lookup", struct bpf_sk_lookup, SK_PASS)
COUNTS(netfilter, "netfilter", void, 1)
COUNTS(lirc, "lirc_mode2", unsigned int, 0)
COUNTS(reuseport, "sk_reuseport", struct sk_reuseport_md, SK_PASS)

/* A connection that is taken over from a closed listener has had its socket chosen before. */
SEC("?sk_reuseport/migrate")
int migrate(struct sk_reuseport_md *ctx)
{
	if (!ctx->migrating_sk)
		return SK_PASS;
	return hit(SK_PASS);
}

/* Counts, and stands in for the program that keeps the order with others. */
SEC("?tcx/ingress")
int tcx_second(struct __sk_buff *ctx)
{
	others += hits;
	return -1;
}

/* Asks for the hash of the packet, which is made of what the flow dissector finds. */
SEC("?tc")
int rehash(struct __sk_buff *ctx)
{
	bpf_set_hash_invalid(ctx);
	others++;
	bpf_get_hash_recalc(ctx);
	return -1;
}

SEC("?xdp")
int xdp_to_device(struct xdp_md *ctx)
{
	return is_test_frame(ctx) ? bpf_redirect_map(&devices, 0, 0) : XDP_PASS;
}

SEC("?xdp.frags")
int xdp_frags_to_device(struct xdp_md *ctx)
{
	return is_test_frame(ctx) ? bpf_redirect_map(&devices, 0, 0) : XDP_PASS;
}

SEC("?xdp")
int xdp_to_cpu(struct xdp_md *ctx)
{
	return is_test_frame(ctx) ? bpf_redirect_map(&cpus, 0, 0) : XDP_PASS;
}

SEC("?xdp.frags")
int xdp_frags_to_cpu(struct xdp_md *ctx)
{
	return is_test_frame(ctx) ? bpf_redirect_map(&cpus, 0, 0) : XDP_PASS;
}

SEC("?xdp")
int xdp_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

#define COUNTS_ENTRIES(name, section) \
	SEC("?" section) int name(struct xdp_md *ctx) { return is_test_frame(ctx) ? hit(XDP_PASS) : XDP_PASS; }

COUNTS_ENTRIES(devmap, "xdp/devmap")
COUNTS_ENTRIES(devmap_frags, "xdp.frags/devmap")
COUNTS_ENTRIES(cpumap, "xdp/cpumap")
COUNTS_ENTRIES(cpumap_frags, "xdp.frags/cpumap")

char LICENSE[] SEC("license") = "Dual BSD/GPL";
