#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u64 limit = 3;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	*(volatile __u64 *)&limit = 4; /*here*/
	return limit ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
