#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time_ns;
	__u64 queue;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps");

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(event), 0); /*here*/

	if (!event)
		return XDP_PASS;
	event->time_ns = bpf_ktime_get_ns();
	event->queue = ctx->rx_queue_index;
	bpf_ringbuf_submit(event, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
