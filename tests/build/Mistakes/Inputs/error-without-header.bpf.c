#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

long failed;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	failed = bpf_get_prandom_u32() ? -EPERM : 0; /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
