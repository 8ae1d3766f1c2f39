#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuff.h> /*here*/

struct event {
	__u64 time_ns;
};

HM_RINGBUF(events, struct event, 4096);

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct event *event = hm_reserve(events);

	if (!event)
		return XDP_PASS;
	event->time_ns = bpf_ktime_get_ns();
	bpf_ringbuf_submit(event, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
