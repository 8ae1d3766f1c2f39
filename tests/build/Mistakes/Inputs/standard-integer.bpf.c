#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

uint64_t seen; /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	seen++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
