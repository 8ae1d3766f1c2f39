#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	bpf_trace_printk("", 1); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "MIT";
