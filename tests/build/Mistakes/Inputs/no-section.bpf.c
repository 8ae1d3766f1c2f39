#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

int program(struct xdp_md *ctx) /*here*/
{
	seen++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
