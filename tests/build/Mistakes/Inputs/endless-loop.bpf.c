#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u64 x = bpf_get_prandom_u32();

	while (x > 5) /*here*/
		asm volatile("" : "+r"(x));
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
