#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if ((void *)(eth + sizeof(*eth)) > end) /*here*/
		return XDP_PASS;
	seen += eth->h_dest[0];
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
