#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u32 device;
	__u32 queue;
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
	struct key key;
	__u64 one = 1;

	key.device = ctx->ingress_ifindex;
	bpf_map_update_elem(&by_queue, &key, &one, BPF_ANY); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
