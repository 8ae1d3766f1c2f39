#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_core_read.h>
#include "own.h"

/* Each line that the build must report ends in a comment that says so; tests/build/Comments/NetworkOrderTests.cs compares. */
#define HTTP 80
#define HTTPS bpf_htons(443)
#define SSH_BE 5632
#define ALT 8080
#define CHECK(x) ((x) ? 1 : 0)
enum { WEB = 80, WEB_TURNED = bpf_htons(81), IMPLIED };

SEC("xdp")
int program(void *ctx)
{
	struct ethhdr *eth = ctx;
	struct iphdr *ip = ctx;
	struct ipv6hdr *ip6 = ctx;
	struct tcphdr *tcp = ctx;
	struct bpf_sock_addr *sa = ctx;
	struct bpf_sock_ops *so = ctx;
	struct __sk_buff *skb = ctx;
	int n = 0;
	__be16 proto = eth->h_proto;
	if (eth->h_proto == ETH_P_IP) /* wrong */
		n++;
	if (ETH_P_IPV6 != eth->h_proto) /* wrong */
		n++;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		n++;
	if (bpf_ntohs(eth->h_proto) == ETH_P_IP)
		n++;
	if (eth->h_proto == __bpf_constant_htons(ETH_P_IP))
		n++;
	if (eth->h_proto == __builtin_bswap16(ETH_P_IP))
		n++;
	if (eth->h_proto == 0x0800) /* wrong */
		n++;
	if (eth->h_proto == 8)
		n++;
	if (eth->h_proto == 0x0008)
		n++;
	if (proto == ETH_P_ARP) /* wrong */
		n++;
	if (tcp->dest == HTTP || /* wrong */
	    tcp->source == HTTPS ||
	    tcp->dest == ALT || /* wrong */
	    tcp->dest == SSH_BE)
		n++;
	if (tcp->dest == 20480)
		n++;
	if (tcp->dest == 0)
		n++;
	if (tcp->dest == 0x0101)
		n++;
	if (CHECK(tcp->dest == 22)) /* wrong */
		n++;
	if (tcp->dest == WEB) /* wrong */
		n++;
	if (tcp->dest == WEB_TURNED)
		n++;
	if (tcp->dest == IMPLIED)
		n++;
	if (ip->saddr == 0x7f000001) /* wrong */
		n++;
	if (ip->saddr == INADDR_LOOPBACK) /* wrong */
		n++;
	if (ip->saddr == 0x0100007f)
		n++;
	if (ip6->saddr.s6_addr32[3] == 1) /* wrong */
		n++;
	if (ip6->saddr.in6_u.u6_addr16[7] == 1) /* wrong */
		n++;
	if (ip->frag_off == 0x4000)
		n++;
	if ((ip->saddr & 0xff) == 127)
		n++;
	if (ip->protocol == 6)
		n++;
	if (sa->user_port == 443) /* wrong */
		n++;
	if (sa->user_ip4 == 0x7f000001) /* wrong */
		n++;
	if (so->remote_port == 80) /* wrong */
		n++;
	if (so->local_port == 80)
		n++;
	if (skb->protocol == ETH_P_IP) /* wrong */
		n++;
	if (tcp->dest < 1024) /* wrong */
		n++;
	if (bpf_ntohs(tcp->dest) < 1024)
		n++;
	if (tcp->dest == OUTSIDE) /* wrong */
		n++;
	n += tcp->dest == 53 ? 1 : 2; /* wrong */
	if ((__u16)tcp->dest == 53)
		n++;
	if (BPF_CORE_READ(tcp, dest) == 80) /* wrong */
		n++;
	if (tcp->dest == (80)) /* wrong */
		n++;
	if (tcp->dest == (__be16)80)
		n++;
	switch (eth->h_proto) {
	case ETH_P_IP: /* wrong */
		n++;
		switch (ip->protocol) {
		case 6:
			n++;
		}
		break;
	case bpf_htons(ETH_P_IPV6):
	case ETH_P_ARP: /* wrong */
		n--;
	}
#if 0
	if (tcp->dest == 80)
		n++;
#endif
	/* if (tcp->dest == 80) */
	bpf_printk("tcp->dest == 80");
	if (tcp->dest == /* 80 */ bpf_htons(80))
		n++;
	while (tcp->dest != 80u) /* wrong */
		n++;
	return n;
}

static __attribute__((noinline)) void write_port(__u16 *port)
{
	*port = 80;
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u16);
	__type(value, __u64);
} by_port SEC(".maps");

SEC("xdp")
int through_variables(void *ctx)
{
	struct tcphdr *tcp = ctx;
	__u16 port = tcp->dest;
	__u16 converted = tcp->dest;
	__u16 from_the_start = bpf_ntohs(tcp->dest);
	__u16 written = tcp->dest;
	__u16 counted = tcp->dest;
	__u32 either = 0;
	__u16 mixed = 443;
	__u16 later;
	__u8 narrow = tcp->dest;
	int n = 0;

	if (port == 80 || /* wrong */
	    port == bpf_htons(80) || port == 0)
		n++;
	if (bpf_map_lookup_elem(&by_port, &port) && port > 1024) /* wrong */
		n++;
	switch (port) {
	case 22: /* wrong */
		n++;
	}
	converted = bpf_ntohs(converted);
	if (converted == 80)
		n++;
	if (from_the_start == 80)
		n++;
	write_port(&written);
	if (written == 80)
		n++;
	counted++;
	if (counted == 80)
		n++;
	if (n)
		either = tcp->source;
	else
		either = tcp->dest;
	if (either == 8080) /* wrong */
		n++;
	if (n)
		mixed = tcp->source;
	if (mixed == 443)
		n++;
	later = BPF_CORE_READ(tcp, source);
	if (later == 80) /* wrong */
		n++;
	if (narrow == 80)
		n++;
	return n;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
