#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)eth + 14 > (void *)(long)ctx->data_end)
		return XDP_PASS;
	return eth->h_proto ? XDP_PASS : XDP_DROP; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
