#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct event *);
} last SEC(".maps");

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	struct event event = { .time_ns = bpf_ktime_get_ns() };
	struct event *e = &event;

	bpf_map_update_elem(&last, &queue, &e, BPF_ANY); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
