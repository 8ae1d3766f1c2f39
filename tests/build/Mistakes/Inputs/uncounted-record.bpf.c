#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

struct event {
	__u64 time_ns;
};

HM_RINGBUF(events, struct event, 4096);

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct event event = { .time_ns = bpf_ktime_get_ns() };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
