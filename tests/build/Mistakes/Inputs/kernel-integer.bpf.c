#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	u32 queue = ctx->rx_queue_index; /*here*/

	return queue ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
