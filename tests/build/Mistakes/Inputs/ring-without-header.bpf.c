#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time_ns;
};

HM_RINGBUF(events, struct event, 4096); /*here*/

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct event event = { .time_ns = bpf_ktime_get_ns() };

	hm_output(events, &event);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
