#include <linux/types.h>
#include <linux/bpf.h>

__attribute__((section("xdp")))
int program(struct xdp_md *ctx)
{
	return bpf_get_prandom_u32() & 1 ? XDP_PASS : XDP_DROP; /*here*/
}

char LICENSE[] __attribute__((section("license"))) = "Dual BSD/GPL";
