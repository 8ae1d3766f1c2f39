#include <linux/bpf.h>
#include <bpf_helpers.h> /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
