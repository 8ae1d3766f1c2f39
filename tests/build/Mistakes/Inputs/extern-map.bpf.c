#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps"); /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 one = 1;

	bpf_map_update_elem(&counts, &queue, &one, BPF_ANY);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
