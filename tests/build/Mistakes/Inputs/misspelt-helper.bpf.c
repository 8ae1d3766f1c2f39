#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	return bpf_get_pradom_u32() & 1 ? XDP_PASS : XDP_DROP; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
