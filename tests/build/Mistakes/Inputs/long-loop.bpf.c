#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 sum;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	for (int i = 0; i < 10000000; i++)
		sum += bpf_get_prandom_u32() & i;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
