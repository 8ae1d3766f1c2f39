#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char names[16];

SEC("xdp")
int program(struct xdp_md *ctx)
{
	return names[ctx->rx_queue_index] ? XDP_PASS : XDP_DROP; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
