#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u32 queue;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, __u64);
} by_queue SEC(".maps");

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	__u64 *seen = bpf_map_lookup_elem(&by_queue, &key); /*here*/

	if (seen)
		__sync_fetch_and_add(seen, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
