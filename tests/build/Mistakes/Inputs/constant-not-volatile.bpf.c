#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const __u32 step = 1; /*here*/
__u64 seen;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	seen += step;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
