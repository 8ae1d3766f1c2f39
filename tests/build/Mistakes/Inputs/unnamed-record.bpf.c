#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct event event = { .time_ns = bpf_ktime_get_ns() };

	bpf_ringbuf_output(&events, &event, sizeof(struct event), 0); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
