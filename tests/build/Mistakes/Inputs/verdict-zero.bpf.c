#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 packets;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&packets, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
