#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;

	if (data + sizeof(*eth) + sizeof(*ip) > end)
		return XDP_PASS;
	ip = data + sizeof(eth); /*here*/
	if (ip->protocol == 6)
		seen++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
