#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp/drop_all")
int program(struct xdp_md *ctx)
{
	return XDP_DROP; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
