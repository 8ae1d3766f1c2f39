#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps"); /*here*/

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return XDP_PASS;
	bpf_spin_lock(&counter->lock);
	counter->packets++;
	bpf_spin_unlock(&counter->lock);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
