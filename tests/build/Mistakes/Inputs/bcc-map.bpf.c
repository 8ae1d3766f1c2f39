#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

BPF_HASH(counts, __u32, __u64); /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 one = 1;

	bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
