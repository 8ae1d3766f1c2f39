#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

double load;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	load = load * 0.9 + 0.1; /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
