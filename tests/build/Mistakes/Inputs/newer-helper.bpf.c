#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

__u64 steps;

static int step(__u32 index, void *context)
{
	steps += index;
	return 0;
}

SEC("xdp")
int program(struct xdp_md *ctx)
{
	bpf_loop(4, step, 0, 0); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
