#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct ethhdr *header = (void *)(long)ctx->data;

	return header->h_proto ? XDP_PASS : XDP_DROP; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
