#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdint.h> /*here*/

uint32_t seen;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	seen++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
