#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct traffic {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct traffic));
} by_queue SEC(".maps"); /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	struct traffic *traffic = bpf_map_lookup_elem(&by_queue, &queue);

	if (traffic)
		__sync_fetch_and_add(&traffic->packets, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
