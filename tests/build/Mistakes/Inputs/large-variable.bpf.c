#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	volatile char text[1024];

	for (int i = 0; i < 1024; i++)
		text[i] = i;
	return text[ctx->rx_queue_index & 1023] ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
