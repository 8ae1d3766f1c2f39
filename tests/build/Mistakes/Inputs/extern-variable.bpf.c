#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern __u64 seen; /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	seen++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
