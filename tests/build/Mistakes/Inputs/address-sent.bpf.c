#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time_ns;
	__u64 queue;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event);
} room SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} events SEC(".maps");

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct event *e = bpf_map_lookup_elem(&room, &zero);

	if (!e)
		return XDP_PASS;
	e->time_ns = bpf_ktime_get_ns();
	bpf_ringbuf_output(&events, &e, sizeof(e), 0); /*here*/
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
