#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	return XDP_PASS;
}
