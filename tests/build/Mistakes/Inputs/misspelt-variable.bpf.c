#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	sean++; /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
